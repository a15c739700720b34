"""What queries of pictures answer, described for OpenAPI."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, create_model

from events.content.pictures import DESCRIPTION
from events.forms.fields import shown
from events.forms.values import InLanguages
from kit.http.described import Described, example
from read_side.described_pictures import ID, SHA256, SOURCES, PictureSources
from read_side.entry.answers import CURSOR, MOMENT
from read_side.entry.kind import Locale
from read_side.pictures import FILES

_SHOWN = {
    "id": ID, "version": 2, "type": "image/jpeg", "width": 1600, "height": 1067, "colour": "#8fa3b5",
    "size": 182344,
    "url": f"{FILES}{SHA256}.jpg", **SOURCES,
    "alt": {"ru": "Ту-144 на взлёте", "en": "A Tu-144 taking off"},  # noqa: RUF001 - it is Russian
    "caption": {"ru": "Ле-Бурже", "en": "Le Bourget"}, "author": "Anna Ivanova", "source": "Museum archive",
    "licence": "CC BY-SA 4.0", "taken": {"edtf": "1971-06"}, "focal_point": {"x": 420, "y": 510},
    "suppressed": False, "registered_at": MOMENT, "updated_at": MOMENT,
}  # fmt: skip


class _Kept(PictureSources):
    model_config = example(_SHOWN)

    id: UUID
    version: int
    """Of its stream: `If-Match: "v2"` names it in a command."""
    type: Literal["image/jpeg", "image/png"]
    width: int
    height: int
    colour: str | None
    """The average of its pixels, such as #4a6b8c, to be shown until it is there; null: not known."""
    size: int
    """Bytes."""
    url: str
    """Where the bytes are; they never change there."""
    suppressed: bool
    """Whether nobody is shown it: moderators alone find such a picture."""
    registered_at: datetime
    updated_at: datetime


_SAID: dict[str, Any] = {
    one.name: (Annotated[shown(one), Field(title=one.label)], ...) for one in DESCRIPTION
}
MediaShown: Any = create_model(
    "MediaShown", __base__=_Kept, __module__=__name__, __doc__="A picture, and what is said of it.", **_SAID
)


class PictureUser(Described):
    """An entry that shows a picture."""

    kind: str
    id: UUID
    locale: Locale | None = None
    """Of an entry in one language."""
    slug: str
    title: InLanguages
    state: Literal["published", "draft"]
    """Whether the revision that readers see shows it, or only the newest one: that is for editors."""


_NAMES = {"ru": "Ту-144", "en": "Tu-144"}  # noqa: RUF001 - it is Russian
_USER = {"kind": "aircraft", "id": ID, "slug": "tu-144", "title": _NAMES}


class MediaWhole(MediaShown):
    """A picture, what is said of it, and who shows it."""

    model_config = example({**_SHOWN, "used_by": [{**_USER, "state": "published"}]})

    used_by: list[PictureUser]
    """The first 100 entries that show it."""


class MediaPage(Described):
    """Pictures, newest first."""

    model_config = example({"items": [_SHOWN], "next": CURSOR})

    items: list[MediaShown]
    next: str | None
    """The `cursor` of the next page; null on the last one."""
