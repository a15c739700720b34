"""An aggregate that is no entry, declared for the proof: a picture is registered, described, suppressed."""

from functools import cache
from typing import Any

import msgspec

from events.base import Event
from events.catalog import events_of
from events.codec import Codec
from events.kinds.catalog import KINDS
from kit.auth.roles import Role, Scope
from kit.errors import Problem, ProblemType
from kit.http.described import Described, ProblemDocument, example
from kit.http.requests.text import CleanText
from kit.ids import named_id
from kit.meaning.values import Meaning
from write_side import slugs
from write_side.aggregate import Aggregate, InEvent, StreamState
from write_side.command import Command, Why
from write_side.http.answers import Answers
from write_side.http.routes import Route, routes_of
from write_side.receipt import Receipt
from write_side.work import Work

PICTURE_EXISTS = ProblemType(409, "picture-exists", "The file is registered already.")
SUPPRESSED = ProblemType(409, "suppressed", "The picture is suppressed.")


class Registered(Event, frozen=True, kw_only=True):
    TYPE = "picture.registered"
    file: str


class Captioned(Event, frozen=True, kw_only=True):
    TYPE = "picture.described"
    words: str


class Suppressed(Event, frozen=True, kw_only=True):
    TYPE = "picture.suppressed"


class PictureState(StreamState, frozen=True, kw_only=True):
    file: str
    suppressed: bool = False


class Pictures(Aggregate[PictureState], frozen=True, kw_only=True):
    def begins(self, event: Event) -> bool:
        return isinstance(event, Registered)

    def evolve(self, state: PictureState | None, event: Event) -> PictureState:
        return fold(state, event)

    @property
    def state(self) -> type[PictureState]:
        return PictureState

    @property
    def fingerprint(self) -> str:
        return _fingerprint()

    def value(self, state: PictureState, field: str) -> Any:
        return state.file if field == "file" else InEvent(state.changed_in[field])


def fold(state: PictureState | None, event: Event) -> PictureState:
    """Return what a picture is after one more event; its words stay in the event."""
    if isinstance(event, Registered):
        return PictureState(version=1, changed_in={"file": 1}, file=event.file)
    if state is None:
        raise ValueError("a picture is registered first")
    version = state.version + 1
    if isinstance(event, Captioned):
        changed_in = state.changed_in | {"words": version}
        return msgspec.structs.replace(
            state, version=version, revision=state.revision + 1, changed_in=changed_in
        )
    return msgspec.structs.replace(state, version=version, suppressed=True)


@cache
def _fingerprint() -> str:
    return Meaning({"events", "kit", "write_side", "tests"}, {}).name(PictureState, fold)[:16]


PICTURES = Pictures(name="picture", path="pictures")

type PictureWork = Work[Pictures, PictureState]


class Register(Command):
    file: CleanText
    name: CleanText


async def register(work: PictureWork, body: Register) -> Receipt:
    """Register a picture under a name of its own."""
    stream = named_id("picture", body.file)
    claim = await slugs.claim(work, body.name, stream)
    exists = Problem(PICTURE_EXISTS)
    return await work.begin(stream, Registered(file=body.file), exists=exists, claims=[claim])


class Describe(Command):
    words: CleanText


async def describe(work: PictureWork, body: Describe) -> Receipt:
    """Say what is to be seen."""
    if (await work.state()).suppressed:
        raise Problem(SUPPRESSED)
    return await work.append([Captioned(words=body.words)])


async def suppress(work: PictureWork, _: Why) -> Receipt:
    """Show the picture to nobody."""
    return await work.append([] if (await work.state()).suppressed else [Suppressed()])


class PictureReceipt(Described):
    model_config = example({"id": "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55", "version": 1, "position": 1})


TABLE = (
    Route(
        "register",
        "POST",
        "",
        Role.EDITOR,
        Scope.DRAFT,
        "Register {one}",
        register,
        Register,
        refuses=(PICTURE_EXISTS,),
    ),
    Route(
        "describe",
        "PUT",
        "/{id}/words",
        Role.EDITOR,
        Scope.DRAFT,
        "Describe {one}",
        describe,
        Describe,
        refuses=(SUPPRESSED,),
    ),
    Route("suppress", "DELETE", "/{id}", Role.MODERATOR, Scope.MODERATE, "Suppress {one}", suppress),
)

ANSWERS = Answers("picture", PictureReceipt, ProblemDocument, ProblemDocument, ProblemDocument)

routes = routes_of(PICTURES, TABLE, ANSWERS)

CODEC = Codec((Registered, Captioned, Suppressed, *events_of(KINDS)))
