"""The types of problems that changes of accounts end with, beside those of any application."""

from kit.errors import ProblemType

OWN_RIGHTS = ProblemType(403, "own-rights", "Nobody changes his own rights; another administrator can.")
ACCOUNT_DISABLED = ProblemType(409, "account-disabled", "This account is disabled.")
EXPORT_RUNS = ProblemType(429, "export-runs", "An export runs already; wait for its end.", again=True)
LAST_ADMIN = ProblemType(409, "last-admin", "This would leave no administrator.")
TOO_MANY_TOKENS = ProblemType(409, "too-many-tokens", "The account has 50 tokens of programs in force.")
NAME_TAKEN = ProblemType(409, "name-taken", "An account with such a name exists.")
ROLE_INCLUDED = ProblemType(409, "role-included", "The role comes with a higher one.")
CODE_INVALID = ProblemType(
    409, "code-invalid", "There is no such code, or it was used, or its time has passed."
)
SIGN_IN_REFUSED = ProblemType(401, "sign-in-refused", "Address and password do not belong together.")
REFRESH_REFUSED = ProblemType(401, "refresh-refused", "The session has ended; sign in again.")
REGISTRATION_CLOSED = ProblemType(403, "registration-closed", "No new accounts are opened here.")
INVITATION_NEEDED = ProblemType(
    403, "invitation-needed", "Accounts are opened here by invitation: send its code as `invitation`."
)
INVITATION_INVALID = ProblemType(
    409,
    "invitation-invalid",
    "There is no such invitation, or it was used or withdrawn, has ended, or is for another address.",
)
ADMINISTRATED = ProblemType(409, "administrated", "There is an administrator; --force makes another one.")
WEAK_PASSWORD = ProblemType(422, "weak-password", "The password is not taken.")
TICKET_INVALID = ProblemType(401, "ticket-invalid", "A socket is opened with a new ticket, once.")
TOO_MANY_LISTENERS = ProblemType(
    429, "too-many-listeners", "This account, or this process, has too many of these open.", again=True
)
INVALID_ADDRESS = ProblemType(422, "invalid-address", "This is no e-mail address.")
WRONG_PASSWORD = ProblemType(403, "wrong-password", "This is not the password of the account.")
NO_PASSWORD = ProblemType(409, "no-password", "The account has no password; ask for a code to set one.")
ATTEMPT_UNKNOWN = ProblemType(
    409, "attempt-unknown", "This attempt to sign in is over, was used, or began in another browser."
)
PROVIDER_AWAY = ProblemType(503, "provider-away", "The provider does not answer as it should.", again=True)
PROVIDER_REFUSED = ProblemType(403, "provider-refused", "The provider does not say who this is.")
ADDRESS_KNOWN = ProblemType(
    409, "address-known", "An account with this address exists: sign in to it. A provider is linked there."
)
IDENTITY_TAKEN = ProblemType(409, "identity-taken", "The provider vouches for another account with this.")
PROVIDER_LINKED = ProblemType(409, "provider-linked", "The account has another identity of this provider.")
TELEGRAM_LINKED = ProblemType(
    409, "telegram-linked", "The account, or this user of Telegram, is linked with another one already."
)
TELEGRAM_UNKNOWN = ProblemType(403, "telegram-unknown", "No account is linked with this user of Telegram.")
LAST_WAY_IN = ProblemType(409, "last-way-in", "Without this, nobody could sign in to the account.")
FACTOR_NEEDED = ProblemType(
    403,
    "second-factor-needed",
    "The account asks for more: send a code of its app as `code`, or sign in with its passkey.",
)
FACTOR_REFUSED = ProblemType(403, "factor-refused", "This code is not the one of now, or was used.")
FACTOR_KNOWN = ProblemType(409, "factor-known", "The account has an app already.")
NO_FACTOR = ProblemType(409, "no-factor", "The account has no such second factor.")
PASSKEY_REFUSED = ProblemType(401, "passkey-refused", "This passkey is not known here, or did not sign.")
PASSKEY_NOT_TAKEN = ProblemType(422, "passkey-not-taken", "This is no passkey as it was asked for.")
PASSKEY_KNOWN = ProblemType(409, "passkey-known", "This passkey is known already.")
TOO_MANY_PASSKEYS = ProblemType(409, "too-many-passkeys", "The account has 10 passkeys.")
