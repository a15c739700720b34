"""The types of problems that commands about webhooks end with."""

from kit.errors import ProblemType

INVALID_TARGET = ProblemType(422, "invalid-target", "Nothing can be sent to this address.")
TOO_MANY_WEBHOOKS = ProblemType(409, "too-many-webhooks", "The account has 10 webhooks.")
TOO_MANY_REPLAYS = ProblemType(409, "too-many-replays", "10 replays of this webhook wait already.")
STILL_TO_COME = ProblemType(
    409, "still-to-come", "Nothing of it was sent yet: it comes without being asked for."
)
