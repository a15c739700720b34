"""Who may call a route, as it is declared and listed, and how somebody shows again who he is."""

from typing import Literal, NamedTuple

from kit.auth.roles import Role, Scope

STEP_UP = "/v1/me/step-up"
"""Where somebody shows again who he is."""

FACTORS = ("password", "code", "passkey")
"""With what: the fields that can be sent there, one of them."""

HOW = f"POST {STEP_UP} with: {', '.join(FACTORS)}. Or sign in again. Then do it within ten minutes."
"""What is told to who has to."""

type Proof = Literal["always", "forced"]


class Permission(NamedTuple):
    """Who may call a route, as it is listed."""

    role: Role | Literal["anybody", "nobody"]
    """The least; anybody who has signed in; or nobody needs to sign in, though some see more then."""
    scope: Scope | None = None
    """What a program needs; None: none may."""
    proof: Proof | None = None
    """Whether who it is has to be shown within the last minutes."""
