"""What can happen to an article, and what it says."""

from typing import Annotated, ClassVar

import msgspec

from events import entry
from events.base import IS_READ, Event, Text, check_line
from events.entry import Content, Summary, Title
from kit.text import web_address


class Reference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source that an article rests on."""

    title: Title
    url: Annotated[str, msgspec.Meta(max_length=2_000, pattern="^(https?://[^ ]+)?$")] = ""

    def __post_init__(self) -> None:
        check_line(self.title, "title of a source")
        check_line(self.url if IS_READ.get() else web_address(self.url), "url of a source")


Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class ArticleContent(Content, frozen=True, kw_only=True):
    """What editors write in an article."""

    summary: Summary = ""
    body: Text = Text.of("")
    sources: Annotated[tuple[Reference, ...], msgspec.Meta(max_length=200)] = ()
    tags: Annotated[tuple[Tag, ...], msgspec.Meta(max_length=50)] = ()
    category: Annotated[str, msgspec.Meta(max_length=64)] = ""
    meta_title: Annotated[str, msgspec.Meta(max_length=300)] = ""
    meta_description: Summary = ""
    meta_keywords: Annotated[str, msgspec.Meta(max_length=500)] = ""


class ArticleCreated(entry.Created, frozen=True, kw_only=True):
    """An article exists, with its first revision as an open draft."""

    TYPE: ClassVar[str] = "article.created"
    CONTENT: ClassVar[type[Content]] = ArticleContent
    content: ArticleContent


class ArticleRevised(entry.Revised, frozen=True, kw_only=True):
    """The content of an article changed."""

    TYPE: ClassVar[str] = "article.revised"
    CONTENT: ClassVar[type[Content]] = ArticleContent


class ArticleSubmitted(entry.Submitted, frozen=True, kw_only=True):
    """A revision of an article waits for a moderator."""

    TYPE: ClassVar[str] = "article.submitted"


class ArticlePublished(entry.Published, frozen=True, kw_only=True):
    """Readers see this revision of an article from now on."""

    TYPE: ClassVar[str] = "article.published"


class ArticleWithdrawn(entry.Withdrawn, frozen=True, kw_only=True):
    """The editor took the submission of an article back."""

    TYPE: ClassVar[str] = "article.withdrawn"


class ArticleReturned(entry.Returned, frozen=True, kw_only=True):
    """A moderator sent the submission of an article back."""

    TYPE: ClassVar[str] = "article.returned"


class ArticleUnpublished(entry.Unpublished, frozen=True, kw_only=True):
    """Readers no longer see the article."""

    TYPE: ClassVar[str] = "article.unpublished"


class ArticleArchived(entry.Archived, frozen=True, kw_only=True):
    """The article is put away."""

    TYPE: ClassVar[str] = "article.archived"


class ArticleRestored(entry.Restored, frozen=True, kw_only=True):
    """The article is back from the archive."""

    TYPE: ClassVar[str] = "article.restored"


class ArticleRenamed(entry.Renamed, frozen=True, kw_only=True):
    """The article has another slug."""

    TYPE: ClassVar[str] = "article.renamed"


EVENTS: tuple[type[Event], ...] = (
    ArticleCreated,
    ArticleRevised,
    ArticleSubmitted,
    ArticlePublished,
    ArticleWithdrawn,
    ArticleReturned,
    ArticleUnpublished,
    ArticleArchived,
    ArticleRestored,
    ArticleRenamed,
)
