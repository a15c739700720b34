"""The types of problems of any application of ours; what a side alone can answer with, it lists itself."""

from kit.errors import ProblemType

BAD_REQUEST = ProblemType(400, "bad-request", "The request could not be read.")
CORS_REFUSED = ProblemType(400, "cors-refused", "A page of this origin may not send this.")
INVALID_FORM = ProblemType(400, "invalid-form", "The body is not a form, or has too many fields.")
INVALID_HEADER = ProblemType(400, "invalid-header", "A header is not valid.")
INVALID_JSON = ProblemType(400, "invalid-json", "The body is not JSON.")
INVALID_PARAMETER = ProblemType(400, "invalid-parameter", "A parameter is not valid.")
TOKEN_INVALID = ProblemType(401, "token-invalid", "The token is not accepted.")
TOKEN_MISSING = ProblemType(401, "token-missing", "This needs a token.")
FORBIDDEN = ProblemType(403, "forbidden", "The account may not do this.")
STEP_UP_NEEDED = ProblemType(
    403, "step-up-needed", "This needs a proof of who you are, of the last ten minutes."
)
FOREIGN_PAGE = ProblemType(403, "foreign-page", "A page of this origin may not open a connection.")
FOREIGN_FORM = ProblemType(403, "foreign-form", "A page of another site may not send this form.")
FOREIGN_ORIGIN = ProblemType(403, "foreign-origin", "A page of another origin may not send this.")
CSRF_TOKEN_NEEDED = ProblemType(
    403, "csrf-token-needed", "Who is known by a cookie sends the token of the session, too."
)
NOT_FOUND = ProblemType(404, "not-found", "Nothing is here.")
METHOD_NOT_ALLOWED = ProblemType(405, "method-not-allowed", "This method is not offered here.")
BODY_TOO_SLOW = ProblemType(408, "body-too-slow", "The body did not arrive in time.")
BODY_TOO_LARGE = ProblemType(413, "body-too-large", "The body is too large.")
TARGET_TOO_LONG = ProblemType(414, "target-too-long", "Path and query are too long together.")
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    415, "unsupported-media-type", "A body is sent as application/json in UTF-8."
)
INVALID_BODY = ProblemType(422, "invalid-body", "The body is not valid.")
INVALID_NAME = ProblemType(422, "invalid-name", "The name is not valid.")
PRECONDITION_REQUIRED = ProblemType(
    428, "precondition-required", "If-Match is needed: it names the version that was edited."
)
HEADERS_TOO_LARGE = ProblemType(431, "headers-too-large", "The headers are too large together.")
TOO_MANY_STREAMS = ProblemType(
    429, "too-many-streams", "This address has too many lasting connections.", again=True
)
TOO_MANY_REQUESTS = ProblemType(429, "too-many-requests", "This was asked for too often.", again=True)
CLIENT_GONE = ProblemType(499, "client-gone", "The client has gone.")
INTERNAL = ProblemType(500, "internal", "Something broke here; the request id finds it in the log.")
NOT_IMPLEMENTED = ProblemType(501, "not-implemented", "Not implemented.")
IDENTITY_UNAVAILABLE = ProblemType(
    503, "identity-unavailable", "Who you are cannot be checked at the moment.", again=True
)
ACCOUNTS_UNAVAILABLE = ProblemType(
    503, "accounts-unavailable", "Accounts cannot be asked or changed now.", again=True
)
LIMITS_UNAVAILABLE = ProblemType(
    503, "limits-unavailable", "How often this was asked for cannot be told now.", again=True
)
TOO_MANY_PASSWORDS = ProblemType(
    503, "too-many-passwords", "Too many passwords are being checked now.", again=True
)
TOO_MANY_BODIES = ProblemType(503, "too-many-bodies", "There is no room for this body now.", again=True)

OF_THE_FRAMEWORK = {
    one.status: one
    for one in (BAD_REQUEST, NOT_FOUND, METHOD_NOT_ALLOWED, BODY_TOO_SLOW, BODY_TOO_LARGE, NOT_IMPLEMENTED)
}
"""Status → what is said in place of the framework's own refusal with this status."""


def not_a_tag_of(noun: str) -> ProblemType:
    """Return the type of the refusal of an ETag that belongs to something else than what is edited."""
    return ProblemType(412, f"not-a-{noun}-tag", f"This ETag does not belong to a {noun}.")


OF_EVERY_REQUEST = (
    BAD_REQUEST, INVALID_HEADER, INVALID_PARAMETER, TARGET_TOO_LONG, HEADERS_TOO_LARGE, INTERNAL,
    NOT_IMPLEMENTED,
)  # fmt: skip
"""What any route can answer with, whatever it is for."""

OF_A_FILE = (BAD_REQUEST, BODY_TOO_SLOW, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE)
"""What a route that takes a file can answer with too."""

OF_A_BODY = (*OF_A_FILE, INVALID_BODY, TOO_MANY_BODIES)
"""What a route that takes a body whole can answer with too."""

OF_JSON = (INVALID_JSON,)
"""The same, where the body is JSON."""

OF_A_FORM = (INVALID_FORM, FOREIGN_FORM)
"""The same, where it is a form."""

OF_A_TOKEN = (TOKEN_INVALID, IDENTITY_UNAVAILABLE)
"""What a route that looks at a token can answer with too."""

OF_A_COOKIE = (FOREIGN_ORIGIN, CSRF_TOKEN_NEEDED)
"""The same, where it changes something: a browser adds a cookie to what any page sends."""

OF_A_ROLE = (TOKEN_MISSING, FORBIDDEN)
"""What a route that needs a role can answer with as well."""
