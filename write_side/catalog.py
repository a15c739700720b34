"""The routes of every command."""

from fastapi import APIRouter

from write_side.bulk.routes import bulk_routes
from write_side.entry.kinds import AGGREGATES, GROUPS
from write_side.entry.routes import entry_routes
from write_side.importing.api import router as import_routes

ROUTES: tuple[APIRouter, ...] = (
    *map(entry_routes, (*AGGREGATES.values(), *GROUPS)),
    bulk_routes(AGGREGATES),
    import_routes,
)
