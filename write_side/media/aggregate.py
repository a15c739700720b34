"""A picture as the bus runs it: registered once, described, suppressed and restored."""

from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from events.base import Event, made
from events.media import (
    MEMBERS,
    MediaDescribed,
    MediaRegistered,
    MediaRestored,
    MediaSuppressed,
)
from kit.meaning.kept import kept_name
from kit.meaning.values import Meaning
from kit.pictures.variants import Focus
from write_side.aggregate import Aggregate, StreamState

SUPPRESSED = "suppressed"


class MediaState(StreamState, frozen=True, kw_only=True):
    """What is kept and said of a picture: members of the same names as in its events, and this one."""

    suppressed: bool = False


_REGISTERED = tuple(
    (one.name, one.type, *(() if one.required else (one.default,)))
    for one in msgspec.structs.fields(MediaRegistered)
)
_STATE: type[MediaState] = made("MediaState", MediaState, (*_REGISTERED, *MEMBERS), module=__name__)


class KeptPicture(NamedTuple):
    """What variants are made of."""

    key: str
    """Where it is in storage."""
    sha256: str
    """Of what is kept."""
    size: tuple[int, int]
    """Width and height."""
    focus: Focus


def kept_picture(state: Any) -> KeptPicture:
    """Return what variants of a picture are made of.

    Args:
        state: of a picture.
    """
    point = state.focal_point
    focus = Focus() if point is None else Focus(point.x, point.y)
    sha256 = state.key.rpartition("/")[2].partition(".")[0]
    return KeptPicture(state.key, sha256, (state.width, state.height), focus)


class Media(Aggregate[MediaState], frozen=True, kw_only=True):
    """Pictures."""

    def begins(self, event: Event) -> bool:
        return isinstance(event, MediaRegistered)

    def evolve(self, state: MediaState | None, event: Event) -> MediaState:
        if isinstance(event, MediaRegistered) and state is None:
            return _STATE(version=1, **msgspec.structs.asdict(event))
        if state is None:
            raise ValueError("a picture begins by being registered")
        if isinstance(event, MediaDescribed):
            return _with(state, msgspec.structs.asdict(event), described=True)
        if isinstance(event, MediaSuppressed | MediaRestored):
            return _with(state, {SUPPRESSED: isinstance(event, MediaSuppressed)})
        raise ValueError(f"{event.TYPE} does not happen to a picture that is there")

    @property
    def state(self) -> type[MediaState]:
        return _STATE

    @property
    def fingerprint(self) -> str:
        return _fingerprint()

    def value(self, state: MediaState, field: str) -> Any:
        return msgspec.to_builtins(getattr(state, field))

    @property
    def noun(self) -> str:
        return "picture"

    def told(self, stream: UUID, state: MediaState) -> dict[str, Any]:
        shown = ("sha256", "size", "type", "width", "height", SUPPRESSED)
        return {"id": stream, "version": state.version} | {name: getattr(state, name) for name in shown}


def _with(state: MediaState, values: dict[str, Any], *, described: bool = False) -> MediaState:
    """Return the state after an event that gives these values."""
    version = state.version + 1
    changed = {name: version for name, value in values.items() if getattr(state, name) != value}
    return msgspec.structs.replace(
        state,
        version=version,
        revision=state.revision + described,
        changed_in=state.changed_in | changed,
        **values,
    )


@cache
def _fingerprint() -> str:
    meaning = Meaning({"events", "kit", "write_side"}, {})
    return kept_name("state of media", lambda: meaning.name("media", _STATE, Media.evolve)[:16])


MEDIA = Media(name="media", path="media")
