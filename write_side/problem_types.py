"""The types of problems that commands answer with, beside those of any application."""

from kit.errors import ProblemType
from kit.problem_types import PRECONDITION_REQUIRED, not_a_tag_of

SLUG_TAKEN = ProblemType(409, "slug-taken", "Another entry has this slug.", again=True)
ENTRY_EXISTS = ProblemType(
    409, "entry-exists", "There is such an entry already: of this subject in this locale, or with this code."
)
SLUG_IN_USE = ProblemType(409, "slug-in-use", "The entry goes by this slug; rename it first.")
ARCHIVED = ProblemType(409, "archived", "The entry is in the archive; restore it first.")
NOTHING_TO_SUBMIT = ProblemType(409, "nothing-to-submit", "The newest revision is already what readers see.")
NOT_SUBMITTED = ProblemType(409, "not-submitted", "No revision of the entry is submitted.")
NOT_THE_SUBMITTED_REVISION = ProblemType(
    409,
    "not-the-submitted-revision",
    "Only the submitted revision is published, unless it is forced with a reason.",
)
NO_SUCH_REVISION = ProblemType(409, "no-such-revision", "The entry has no such revision.")
CHANGED_SINCE = ProblemType(409, "changed-since", "Something newer stands on it.")
STOPPED = ProblemType(409, "stopped", "The change of many entries was stopped before it changed this one.")
OTHERS_CHANGED = ProblemType(
    409, "others-changed", "An entry that this one names was changed just now.", again=True
)
KEY_IN_USE = ProblemType(
    409, "key-in-use", "The first request under this Idempotency-Key is still running.", again=True
)
IMPORT_RUNS = ProblemType(409, "import-runs", "Another import is going on.", again=True)
IMPORT_UNREADABLE = ProblemType(422, "import-unreadable", "The file is not of the format that it says.")
STALE = ProblemType(412, "stale", "Somebody else changed the entry since you read it.")
NOT_A_DRAFT_TAG = not_a_tag_of("draft")
INVALID = ProblemType(422, "invalid", "A field holds what it never may.")
TOO_LARGE = ProblemType(422, "too-large", "The change is larger than 768 KiB altogether.")
SLUG_NEEDED = ProblemType(422, "slug-needed", "No slug can be made from this title; give one.")
NO_SUCH_SOURCE = ProblemType(422, "no-such-source", "The text cannot be translated from that.")
NO_SUCH_ENTRY = ProblemType(422, "no-such-entry", "A field names an entry that it cannot name.")
NO_SUCH_TERM = ProblemType(
    422, "no-such-term", "A field names a term that its vocabulary does not have, or that is retired."
)
NOT_PUBLISHABLE = ProblemType(422, "not-publishable", "The revision lacks what readers need.")
NOTHING_SELECTED = ProblemType(422, "nothing-selected", "No entry is selected.")
TOO_MANY_SELECTED = ProblemType(422, "too-many-selected", "More than 500 entries are selected.")
CONTRADICTED = ProblemType(
    422, "contradicted", "The revision contradicts what is published of entries that it names."
)
REASON_NEEDED = ProblemType(422, "reason-needed", "Publishing by force needs a reason.")
KEY_REUSED = ProblemType(422, "key-reused", "This Idempotency-Key was used for another request.")
LIST_UNAVAILABLE = ProblemType(503, "list-unavailable", "The list cannot be read now.", again=True)
LOG_UNAVAILABLE = ProblemType(503, "log-unavailable", "The log cannot take this now.", again=True)
LOG_FULL = ProblemType(507, "log-full", "The log has no room for this now.", again=True)

OF_EVERY_COMMAND = (KEY_IN_USE, KEY_REUSED, LOG_UNAVAILABLE, LOG_FULL)
"""What any command can be refused with."""

OF_WHAT_EXISTS = (STALE, NOT_A_DRAFT_TAG, PRECONDITION_REQUIRED)
"""What a command on what exists can be refused with too."""

OF_NEW_CONTENT = (INVALID, TOO_LARGE)
"""What a command that changes content can be refused with too."""
