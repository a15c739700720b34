"""The types of problems that changes of accounts end with, beside those of any application."""

from kit.errors import ProblemType

SELF_PROMOTION = ProblemType(403, "self-promotion", "Nobody gives a role to himself.")
ACCOUNT_DISABLED = ProblemType(409, "account-disabled", "This account is disabled.")
LAST_ADMIN = ProblemType(409, "last-admin", "This would leave no administrator.")
NAME_TAKEN = ProblemType(409, "name-taken", "An account with such a name exists.")
ROLE_INCLUDED = ProblemType(409, "role-included", "The role comes with a higher one.")
