"""The command as a person calls it: Ctrl-C ends it quietly from its first moment, also while it loads."""

import signal


def begin() -> None:
    """Load the command, and run it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from scripts.main import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()


if __name__ == "__main__":
    begin()
