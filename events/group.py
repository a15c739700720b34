"""Some entries of a kind that have a name of their own, such as the designers among the persons."""

from collections.abc import MutableMapping
from typing import Any, NamedTuple


class Group(NamedTuple):
    """Entries of a kind that say one of some terms, or that entries of another kind name in a field.

    They are listed, read and written under a place of their own, and stay entries of their kind.
    """

    name: str
    """Singular, as in names of operations: "designer"."""
    path: str
    """Plural, as in addresses: "designers"."""
    field: str
    """The field of terms that says who belongs to it."""
    codes: tuple[str, ...]
    """Its terms that do; the first is said of an entry that is made here and says none of them."""
    named_by: tuple[str, str]
    """Another kind, and its field: whom that names belongs to it as well."""

    def join(self, content: MutableMapping[str, Any]) -> None:
        """Make a new entry one of them.

        Args:
            content: what it says, as JSON values.
        """
        said = content.get(self.field) or []
        if not set(said).intersection(self.codes):
            content[self.field] = [*said, self.codes[0]]
