"""The types of problems that queries answer with, beside those of any application."""

from kit.errors import ProblemType

INVALID_CURSOR = ProblemType(400, "invalid-cursor", "The cursor does not belong to this list.")
NOT_ACCEPTABLE = ProblemType(406, "not-acceptable", "There is nothing that Accept-Encoding allows.")
RANGE = ProblemType(416, "range-not-satisfiable", "The file has no byte at which this range begins.")
FILES_UNAVAILABLE = ProblemType(503, "files-unavailable", "Files cannot be read now.", again=True)
IMPORTS_UNAVAILABLE = ProblemType(503, "imports-unavailable", "Imports cannot be asked now.", again=True)
NOT_BUILT = ProblemType(503, "not-built", "What you ask for is being built.", again=True)
NOT_THERE_YET = ProblemType(
    503, "not-there-yet", "The read model has not come to this position yet.", again=True
)
TABLES_UNAVAILABLE = ProblemType(
    503, "tables-unavailable", "The read tables cannot be asked now.", again=True
)
TOO_MANY_COMPARISONS = ProblemType(
    503, "too-many-comparisons", "Too many comparisons are under way.", again=True
)
