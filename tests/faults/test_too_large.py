"""Fields each within their limits and altogether too large: a clear refusal, and no field is frozen."""

from pathlib import Path

from tests.faults.test_bad_input import GOOD
from tests.servers.running import in_process, problem

LONG_SOURCES = [{"title": "Ж" * 300, "url": f"https://example.org/{'a' * 1_900}{n:03}"} for n in range(95)]
"""As many bytes of sources as an article may have, almost."""

LARGE = {
    "sources": LONG_SOURCES, "body": "🛩" * 131_000, "summary": "🛩" * 2_000,
    "meta_description": "🛩" * 2_000, "tags": [f"{n:02}{'🛩' * 62}" for n in range(50)],
}  # fmt: skip
"""Fields that are each within their limits, and altogether too large for one event."""


async def test_a_change_that_is_too_large_altogether_says_so_and_what_was_accepted_can_be_changed(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        for fields, said in (
            (LARGE, "too-large"),
            ({"sources": [*LONG_SOURCES, LONG_SOURCES[0]]}, "invalid-body"),
        ):
            refused = await site.editor.send("POST", "/articles", GOOD | fields)
            assert (422, f"/problems/{said}") == (refused.status_code, problem(refused)["type"])
        made = await site.editor.done("POST", "/articles", GOOD | {"sources": LONG_SOURCES})
        path, other = f"/articles/{made['id']}", LONG_SOURCES[::-1]
        await site.editor.done("PATCH", path, {"sources": other, "body": "Ж" * 90_000}, version=1)
