"""What can happen in a life of the sample: one class for each verb that its files may use."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from events.base import Locale
from events.entry import Revision, entry_stream
from events.kinds.article import ARTICLE
from events.slug import Slug
from kit.ids import named_id


def subject_id(subject: str) -> UUID:
    """Return the id of a subject of the sample, made from its key: the same on every machine."""
    return named_id("sample", "subject", subject)


class Original(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The revision of another article that a text was translated from."""

    subject: str
    locale: Locale
    revision: Revision

    @property
    def key(self) -> str:
        return f"{self.subject}.{self.locale}"

    @property
    def entry(self) -> UUID:
        return entry_stream("article", subject_id(self.subject), self.locale)


class Replacement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A passage of the body, which must stand there exactly once, and what takes its place."""

    old: Annotated[str, msgspec.Meta(min_length=1)]
    new: str


def _verb(name: str) -> str:
    """Return what a file calls a class of steps."""
    return name.removesuffix("Step").lower()


class SampleStep(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag=_verb, forbid_unknown_fields=True
):
    """Something that an account does to an article: one command, and one event of the article."""

    by: str
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


if TYPE_CHECKING:

    class _Fields(SampleStep, frozen=True, kw_only=True):
        body: Any = UNSET
else:
    _Fields = msgspec.defstruct(
        "_Fields",
        [(one.name, Any, UNSET) for one in ARTICLE.fields],
        bases=(SampleStep,),
        frozen=True,
        kw_only=True,
    )


class Writing(_Fields, frozen=True, kw_only=True):
    """A step that makes a revision; it holds only the fields that it sets, as a request body would.

    In a loaded life the body is the full text, whatever the file abbreviates.
    """

    translated_from: Original | None = None
    replace: tuple[Replacement, ...] = ()
    """In a file only: changes to the previous body, made before `append`."""
    append: str = ""
    """In a file only: a passage that follows the previous body after a blank line."""

    def fields(self) -> dict[str, Any]:
        """Return the content fields that this step sets, as JSON values: what a request body would say."""
        values = {one.name: getattr(self, one.name) for one in ARTICLE.fields}
        return {name: value for name, value in values.items() if value is not UNSET}

    def applied_to(self, content: Any) -> Any:
        """Return the content as this step leaves it; None: there is none yet.

        Raises:
            ValueError: when the article could not hold it (msgspec.ValidationError is one).
        """
        before = msgspec.to_builtins(content) if content else {}
        fields = {one.name: one for one in ARTICLE.fields}
        after = {name: fields[name].kept(before.get(name), value) for name, value in self.fields().items()}
        return msgspec.convert(before | after, ARTICLE.content)


class Create(Writing, frozen=True, kw_only=True):
    """The article begins, with revision 1."""


class Revise(Writing, frozen=True, kw_only=True):
    """Some fields change: one more revision."""


class RevertStep(SampleStep, frozen=True, kw_only=True):
    """An earlier revision's content becomes the newest revision."""

    to: Revision


class RenameStep(SampleStep, frozen=True, kw_only=True):
    """The article gets another slug."""

    slug: Slug


class Submit(SampleStep, frozen=True, kw_only=True):
    """The newest revision is put before the moderators."""


class Withdraw(SampleStep, frozen=True, kw_only=True):
    """The submission is taken back."""


class ReturnStep(SampleStep, frozen=True, kw_only=True):
    """A moderator sends the submission back."""

    comment: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]


class PublishStep(SampleStep, frozen=True, kw_only=True):
    """A moderator makes the submitted revision the one that readers see."""

    revision: Revision


class Unpublish(SampleStep, frozen=True, kw_only=True):
    """A moderator takes the article away from readers."""


class Archive(SampleStep, frozen=True, kw_only=True):
    """A moderator puts the article away."""


class Restore(SampleStep, frozen=True, kw_only=True):
    """A moderator brings the article back from the archive, unpublished."""
