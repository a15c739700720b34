"""The routes of the life that every kind of entry shares."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from kit.auth.identity import Role
from kit.errors import Problem
from kit.ids import parse_id
from write_side.edge import Command, CommandRoute, command
from write_side.entry import commands
from write_side.entry.commands import SLUG, Publish, Rename, Return, Revert
from write_side.entry.kind import Kind

Editing = Annotated[Command, command(Role.EDITOR)]
Moderating = Annotated[Command, command(Role.MODERATOR)]
Creating = Annotated[Command, command(Role.EDITOR, existing=False)]


_UUID = Path(json_schema_extra={"format": "uuid"})
_SLUG = Path(json_schema_extra={"pattern": SLUG, "maxLength": 120})
"""Told, not checked: what is no id and no slug leads nowhere."""


async def entry_id(id: Annotated[str, _UUID]) -> UUID:  # noqa: A002 - the name in the path
    """Read the id in a path; anything that is not one leads nowhere: 404."""
    parsed = parse_id(id)
    if parsed is None:
        raise Problem(404, "not-found", "There is no such entry.")
    return parsed


EntryId = Annotated[UUID, Depends(entry_id)]


class Why(commands.Command):
    """The body of a command that needs nothing but may say why."""


def entry_routes(kind: Kind) -> APIRouter:  # noqa: C901 - one function for each route
    """Return the routes of a kind; the kind adds those that carry its content (create and revise)."""
    routes = APIRouter(prefix=f"/v1/{kind.path}", tags=[kind.path], route_class=CommandRoute)

    def name(verb: str) -> dict[str, Any]:
        return {"operation_id": f"{verb}_{kind.name}", "name": f"{verb}_{kind.name}"}

    @routes.put("/{id}/submission", summary="Submit", **name("submit"))
    async def submit(ask: Editing, id_: EntryId, body: Why | None = None) -> Response:
        return await ask.run(lambda call: commands.submit(ask.bus, kind, call, id_), _why(body))

    @routes.delete("/{id}/submission", summary="Withdraw", **name("withdraw"))
    async def withdraw(ask: Editing, id_: EntryId, body: Why | None = None) -> Response:
        return await ask.run(lambda call: commands.withdraw(ask.bus, kind, call, id_), _why(body))

    @routes.post("/{id}/return", summary="Return a submission with a comment", **name("return"))
    async def give_back(ask: Moderating, id_: EntryId, body: Return) -> Response:
        return await ask.run(lambda call: commands.give_back(ask.bus, kind, call, id_, body), body.reason)

    @routes.put("/{id}/publication", summary="Publish a revision", **name("publish"))
    async def publish(ask: Moderating, id_: EntryId, body: Publish) -> Response:
        return await ask.run(lambda call: commands.publish(ask.bus, kind, call, id_, body), body.reason)

    @routes.delete("/{id}/publication", summary="Unpublish", **name("unpublish"))
    async def unpublish(ask: Moderating, id_: EntryId, body: Why | None = None) -> Response:
        return await ask.run(lambda call: commands.unpublish(ask.bus, kind, call, id_), _why(body))

    @routes.put("/{id}/archive", summary="Archive", **name("archive"))
    async def archive(ask: Moderating, id_: EntryId, body: Why | None = None) -> Response:
        return await ask.run(lambda call: commands.archive(ask.bus, kind, call, id_), _why(body))

    @routes.delete("/{id}/archive", summary="Restore from the archive", **name("restore"))
    async def restore(ask: Moderating, id_: EntryId, body: Why | None = None) -> Response:
        return await ask.run(lambda call: commands.restore(ask.bus, kind, call, id_), _why(body))

    @routes.post("/{id}/revert", summary="Make an earlier revision the newest", **name("revert"))
    async def revert(ask: Editing, id_: EntryId, body: Revert) -> Response:
        return await ask.run(lambda call: commands.revert(ask.bus, kind, call, id_, body), body.reason)

    @routes.put("/{id}/slug", summary="Rename", **name("rename"))
    async def rename(ask: Editing, id_: EntryId, body: Rename) -> Response:
        """Give the entry another slug at once; while it is published, this needs a moderator: else 403."""
        return await ask.run(lambda call: commands.rename(ask.bus, kind, call, id_, body), body.reason)

    @routes.delete("/{id}/slugs/{slug}", summary="Release a former slug", **name("release_slug_of"))
    async def release(
        ask: Moderating, id_: EntryId, slug: Annotated[str, _SLUG], body: Why | None = None
    ) -> Response:
        return await ask.run(lambda call: commands.release_slug(ask.bus, kind, call, id_, slug), _why(body))

    return routes


def _why(body: Why | None) -> str:
    return "" if body is None else body.reason
