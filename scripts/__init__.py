"""The `frankenjet` command."""

from kit.collector import collect_seldom_while_loading

collect_seldom_while_loading()  # here, since it is loaded before anything that a verb needs
