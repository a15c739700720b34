"""Checks that this build reads every event, knows every kind, and has a golden file for each."""

from pathlib import Path

from events.codec import Codec, Unreadable
from kit.checkout import ROOT
from kit.postgres.connect import Connection
from projections.notary.notary import NOTED
from projections.verify.verdict import Mistakes, Page, Verdict

GOLDEN = ROOT / "tests" / "events" / "golden"


class Events:
    """Every event and its metadata decode with the codec of the day."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._wrong = Mistakes()
        self.kinds: dict[tuple[str, int], int] = {}
        """(type, schema) → its first position."""

    def take(self, page: Page) -> None:
        decode, decode_meta, kinds = self._codec.decode, self._codec.decode_meta, self.kinds
        for position, _, _, _, _, schema, type_, meta, payload in page.rows:
            kinds.setdefault((type_, schema), position)
            try:
                decode_meta(meta)
                decode(type_, schema, payload)
            except Unreadable as error:
                self._wrong.add(f"position {position}: {error}")

    def verdict(self) -> Verdict:
        return self._wrong.verdict("events", f"this build reads all {len(self.kinds)} kinds of event")


def golden(kinds: dict[tuple[str, int], int], folder: Path = GOLDEN) -> Verdict:
    """Check that each kind of event which the log holds has a golden file."""
    if not folder.is_dir():
        return Verdict("golden", ok=True, detail="the golden files are not installed here: not checked")
    wrong, there = Mistakes(), {one.name for one in folder.glob("*.json")}
    for type_, schema in sorted(kinds):
        if schema > 0 and f"{type_}.{schema}.json" not in there:
            wrong.add(f"{type_}.{schema}.json is missing")
    return wrong.verdict("golden", f"a golden file for each of {len(kinds)} kinds")


async def noted(connection: Connection, kinds: dict[tuple[str, int], int]) -> Verdict:
    """Check that the notary's note of kinds, which the start-up gate relies on, leaves none out."""
    sealed = await connection.fetchval("select max(position) from project.seal") or 0
    rows = await connection.fetch("select type, schema from project.kind")
    known = {(row["type"], row["schema"]) for row in rows}
    wrong = Mistakes()
    for (type_, schema), position in kinds.items():
        if position <= sealed and (type_[:NOTED], schema) not in known:
            wrong.add(f"{type_} of schema {schema}, at position {position}, is not noted")
    return wrong.verdict("kinds", f"{len(known)} kinds are noted up to position {sealed:,}")
