"""What every body of a command may say."""

from typing import Annotated

from pydantic import StringConstraints

from kit.http.requests.body import Body
from kit.http.requests.text import CleanLine


class Command(Body):
    """What every command may carry."""

    reason: Annotated[CleanLine, StringConstraints(max_length=500)] = ""
    """The edit summary, kept with the event."""


class Why(Command):
    """The body of a command that needs nothing but may say why."""
