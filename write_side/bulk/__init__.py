"""One change of many entries: tried on each of them, told in one receipt, and taken back in one go.

`aggregate` is its stream. `change` turns what is asked for into a command on each entry, and `undo` into what
takes it back. `running` sends those commands to the bus, many at a time (`at_once`), and `ending` notes what
became of them, also where they were cut off. `described` is the body and the answers, and `routes` is the
door.
"""
