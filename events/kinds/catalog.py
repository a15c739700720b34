"""Every kind of entry, listed by hand."""

from events.kind import Kind
from events.kinds.article import ARTICLE

KINDS: tuple[Kind, ...] = (ARTICLE,)
