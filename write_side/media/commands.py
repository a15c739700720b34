"""The commands on pictures: each is a request body, followed by its handler."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from pydantic import StringConstraints, create_model

from events.content.pictures import DESCRIPTION
from events.forms.fields import body
from events.forms.models import plain
from events.media import media_stream
from kit.errors import Problem
from kit.http.described import example
from kit.http.requests.text import CleanLine, Id
from kit.storage.objects import StorageAway
from write_side.command import Command, Why
from write_side.media.aggregate import MEDIA, Media, MediaState
from write_side.media.decisions import describe, restore, suppress, taken_away
from write_side.media.files import MediaFiles
from write_side.media.problem_types import NOTHING_SENT, PICTURE_SHOWN
from write_side.problem_types import LIST_UNAVAILABLE
from write_side.receipt import Receipt
from write_side.work import Work

type MediaWork = Work[Media, MediaState]

Sha256Text = Annotated[CleanLine, StringConstraints(min_length=64, max_length=64, pattern="^[0-9a-f]{64}$")]
"""A SHA-256 in hex, in small letters."""


class RegisterMedia(Command):
    """Confirm a file that was sent."""

    upload: Id
    """Of the answer that had the form."""
    sha256: Sha256Text
    """As it was announced."""


async def register(files: MediaFiles, work: MediaWork, wish: RegisterMedia) -> Receipt:
    """Keep the picture that was sent; the same file again is the same picture."""
    async with files.alone(work.call.actor, wish.upload):
        return await _registered(files, work, wish)


async def _registered(files: MediaFiles, work: MediaWork, wish: RegisterMedia) -> Receipt:
    actor, stream = work.call.actor, media_stream(wish.sha256)
    known, answers = await work.others.newest(MEDIA, stream), True
    if known is not None:
        answers = await _brought_back(files, actor, wish, known)
    else:
        there = Problem(NOTHING_SENT)
        try:
            picture = await files.accept(actor, wish.upload, wish.sha256)
            receipt = await work.begin(stream, picture, exists=there)
        except Problem as problem:
            # Somebody may have sent the same file, or this very request, at the same time.
            known = await work.others.newest(MEDIA, stream)
            if known is None or problem.type != NOTHING_SENT.name:
                raise
        else:
            await files.forget(actor, wish.upload, wish.sha256)
            return receipt
    work.call = msgspec.structs.replace(work.call, stream=stream, expected=known.version)
    await work.state()
    receipt = await work.append([])
    if answers:
        await files.forget(actor, wish.upload, wish.sha256)
    return receipt


async def _brought_back(files: MediaFiles, actor: UUID, wish: RegisterMedia, known: Any) -> bool:
    """Keep the file of a picture again that the storage has lost: who sends it still has it.

    Returns whether the storage answers: the picture is there in any case, and nobody waits for it twice.
    """
    try:
        if await files.lost(known.key, known.size):
            try:
                await files.bring_back(actor, wish.upload, wish.sha256, known.key)
            except Problem as problem:
                # Somebody else may just have brought it back, and forgotten what was sent.
                if problem.type != NOTHING_SENT.name or await files.lost(known.key, known.size):
                    raise
    except StorageAway:
        return False
    return True


def describe_body() -> Any:
    """Return the body that says something of a picture: what is left out stays as it is."""
    members: dict[str, Any] = {one.name: (body(one), None) for one in DESCRIPTION}
    return create_model(
        "DescribeMedia",
        __base__=Command,
        __module__=__name__,
        __doc__="Say something of a picture; what is left out stays as it is.",
        **members,
    )


async def say(work: MediaWork, wish: Command) -> Receipt:
    """Say what a picture shows, whose it is, and which point matters most.

    409 where its licence or its words are taken away while published entries show it; 503 where these cannot
    be asked for now.
    """
    state = await work.state()
    given = {name: value for name, value in plain(wish).items() if name != "reason"}
    events = describe(state, given)
    lost = [pointer for event in events for pointer in taken_away(state, event)]
    if lost and (ids := await _showing(work)):
        told = f"published entries show the picture, such as {ids[0]}"
        raise Problem(PICTURE_SHOWN, errors=[{"pointer": one, "detail": told} for one in lost])
    return await work.append(events)


async def _showing(work: MediaWork) -> Sequence[UUID]:
    """Return published entries that show a picture; raises Problem 503 where they cannot be asked for."""
    if work.namers is None:
        return ()
    try:
        return await work.namers(work.stream, (), await work.others.head(), 1)
    except Problem as problem:
        raise Problem(LIST_UNAVAILABLE, headers={"Retry-After": "5"}) from problem


class SuppressMedia(Command):
    """Show a picture to nobody any more."""

    model_config = example({"reason": "The author has not agreed."})

    reason: Annotated[CleanLine, StringConstraints(min_length=1, max_length=500)]
    """Why; it stays in the history."""


async def suppress_it(work: MediaWork, wish: SuppressMedia) -> Receipt:
    """Show a picture to nobody any more, until it is restored; its history stays."""
    return await work.append(suppress(await work.state(), wish.reason))


async def restore_it(work: MediaWork, _: Why) -> Receipt:
    """Show a suppressed picture again."""
    return await work.append(restore(await work.state()))
