"""Every limit and its figures; routes and commands name theirs, and docs/operations.md tells them all."""

from kit.limits.rules import Limit, Rule

MINUTE, HOUR, DAY = 60, 3_600, 86_400

PASSKEY_OPTIONS = Limit("passkey-options", (Rule("address", 300, 10 * MINUTE), Rule("all", 6_000, MINUTE)))
"""What a page asks for before it signs in with a passkey, each time that it is shown; each takes a row."""

SIGN_IN = Limit(
    "sign-in",
    (Rule("address", 60, 5 * MINUTE), Rule("address", 1_000, DAY)),
    counted_first=True,
)
"""Tries from one address, no matter who is meant: a house, a school."""

GUESSES_FROM_A_PLACE = Limit(
    "guesses-here", (Rule("place", 10, 10 * MINUTE), Rule("place", 40, DAY)), counted_first=True
)
"""Tries for one account from one address."""

GUESSES_OF_STRANGERS = Limit(
    "guesses",
    (Rule("mail", 10, 10 * MINUTE), Rule("mail", 100, DAY), Rule("all", 600, MINUTE)),
    counted_first=True,
)
"""Tries for one account from all addresses that nobody has signed in to it from lately, and such tries in
all. Who has is not kept out by strangers."""

PASSWORD_CHANGE = Limit("password-change", (Rule("account", 10, 10 * MINUTE),), counted_first=True)
"""Who has taken over a session must not find out the password with it."""

STEP_UP = Limit("step-up", (Rule("account", 30, 10 * MINUTE),))
"""A good proof holds for ten minutes, and each takes as long as a sign-in, whose turn others wait for."""

EMAIL_CHANGE = Limit("email-change", (Rule("account", 10, HOUR), Rule("mail", 5, HOUR)), counted_first=True)
"""Wishes of an account to have another address, and mails to one address by them."""

NAME_CHANGE = Limit("name-change", (Rule("account", 20, HOUR),))
"""Each is compared with the names that stay reserved, which takes as long as a password."""

EXPORT = Limit("export", (Rule("account", 10, HOUR),))
"""Each looks through the whole log."""

REGISTRATION = Limit(
    "registration", (Rule("address", 20, HOUR), Rule("all", 1_000, HOUR)), counted_first=True
)

PASSWORD_CODE = Limit(
    "password-code", (Rule("address", 20, HOUR), Rule("all", 1_000, HOUR)), counted_first=True
)

REGISTRATION_MAIL = Limit(
    "registration-mail", (Rule("mail", 5, HOUR), Rule("mail", 20, DAY)), counted_first=True
)
"""Mails to one address that strangers can have sent by asking for accounts."""

PASSWORD_MAIL = Limit("password-mail", (Rule("mail", 5, HOUR),), counted_first=True)
"""The same for codes that set a password. Each is good for an hour: who waits for another has some that
work, so that no stranger keeps him from his own."""

CODE = Limit("code", (Rule("address", 60, 10 * MINUTE),))
"""Codes of mails. Nobody guesses one; each look takes a connection, and some take a hash."""

INVITATION = Limit(
    "invitation",
    (Rule("account", 60, HOUR), Rule("mail", 3, HOUR), Rule("all", 1_000, HOUR)),
    counted_first=True,
)
"""Invitations that somebody makes, and mails to one address by them."""

ATTEMPT = Limit("attempt", (Rule("address", 60, 10 * MINUTE), Rule("all", 3_000, MINUTE)))
"""Ways to a provider and back: each takes a row, and a question to somebody else's server."""

REFRESH = Limit(
    "refresh", (Rule("address", 600, MINUTE), Rule("account", 120, MINUTE), Rule("all", 60_000, MINUTE))
)

COMMAND = Limit(
    "command", (Rule("account", 3_000, MINUTE), Rule("address", 6_000, MINUTE), Rule("all", 120_000, MINUTE))
)
"""Every other route that changes something."""

UPLOAD = Limit(
    "upload", (Rule("account", 1_800, HOUR), Rule("address", 3_600, HOUR), Rule("all", 12_000, MINUTE))
)
"""Three requests for each picture: to ask, to send it here, to confirm; a few more for the parts of a large
one. Each is read, which takes a core."""

OWN_PICTURE = Limit(
    "own-picture", (Rule("account", 40, HOUR), Rule("account", 120, DAY), Rule("address", 600, HOUR))
)
"""Announcing a picture of oneself, and confirming it: anybody may. What is never confirmed takes room for
a day, and one that is hard to read takes the turn of others."""

WEBHOOK = Limit("webhook", (Rule("account", 120, HOUR), Rule("all", 6_000, HOUR)))
"""Addresses that webhooks are registered at and moved to: each may be a name that somebody else's server is
asked for."""

COSTLY_QUERY = Limit(
    "costly-query",
    (Rule("account", 1_200, MINUTE), Rule("address", 1_200, MINUTE), Rule("all", 60_000, MINUTE)),
)
"""Lists and comparisons that are not in memory. What is in memory costs nothing, and is not counted."""

LIMITS = (
    PASSKEY_OPTIONS,
    SIGN_IN, GUESSES_FROM_A_PLACE, GUESSES_OF_STRANGERS, PASSWORD_CHANGE, STEP_UP, EMAIL_CHANGE, NAME_CHANGE,
    EXPORT, REGISTRATION, REGISTRATION_MAIL, PASSWORD_CODE, PASSWORD_MAIL, INVITATION, CODE, ATTEMPT, REFRESH,
    COMMAND, UPLOAD, OWN_PICTURE, WEBHOOK, COSTLY_QUERY,
)  # fmt: skip
