"""The types of problems that routes of media answer with, beside those of any command."""

from kit.errors import ProblemType

UPLOAD_INVALID = ProblemType(
    400, "upload-invalid", "The form could not be read, or what was sent has another length."
)
UPLOAD_FORBIDDEN = ProblemType(403, "upload-forbidden", "The ticket allows something else, or has run out.")
NOTHING_SENT = ProblemType(409, "nothing-sent", "No such file of this account waits to be confirmed.")
PARTS_MISSING = ProblemType(409, "parts-missing", "Some parts of the file have not arrived.")
PICTURE_SHOWN = ProblemType(
    409,
    "picture-shown",
    "Published entries show the picture; their readers need what would go.",
)
OTHER_FILE = ProblemType(422, "other-file", "What arrived is not the file that was announced.")
PICTURE_REFUSED = ProblemType(422, "picture-refused", "The file is no picture that can be kept.")
TOO_MANY_PICTURES = ProblemType(
    429, "too-many-pictures", "Too many pictures of this account are being read now.", again=True
)
TOO_MUCH_UNCONFIRMED = ProblemType(
    429, "too-much-unconfirmed", "Too much of this account waits to be confirmed.", again=True
)
MEDIA_UNAVAILABLE = ProblemType(503, "media-unavailable", "Files cannot be kept or read now.", again=True)
