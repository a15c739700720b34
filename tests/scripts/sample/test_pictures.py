"""Each aircraft and each country of the sample has a picture, drawn for it and loaded like any other."""

import asyncio
import io
from pathlib import Path

import asyncpg
import pytest
from PIL import Image, ImageChops

from kit.storage.files import FileStorage
from scripts.dev.drawings import PLACE, rendered
from scripts.sample import entries
from scripts.sample.pictures import SHOWN, pictures
from scripts.seed import seed
from tests.scripts.sample.test_loading import head
from tests.servers.running import in_process

DRAWN = sorted(PLACE.glob("*/*.svg"))


@pytest.mark.parametrize("drawing", DRAWN, ids=lambda path: path.stem)
def test_a_picture_is_what_its_drawing_shows(drawing: Path) -> None:
    """Whatever renders it may round another way here and there; nobody sees that."""
    with Image.open(drawing.with_suffix(".png")) as kept, Image.open(io.BytesIO(rendered(drawing))) as now:
        difference = ImageChops.difference(kept.convert("RGB"), now.convert("RGB")).convert("L")
        assert max(n for n, count in enumerate(difference.histogram()) if count) < 16
        assert kept.size == now.size


def test_each_aircraft_and_each_country_has_one_and_nothing_else_has() -> None:
    wanted = {one.id for one in entries() if one.kind.name in SHOWN}
    assert wanted == set(pictures())
    assert len(wanted) == len({one.sha256 for one in pictures().values()}) == len(DRAWN)


async def test_pictures_are_loaded_and_shown_with_their_entries(database: str, tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "media")
    await seed(database, storage=storage)
    whole = await head(database)
    await seed(database, storage=storage)
    assert whole == await head(database)
    assert len(pictures()) == len(list((tmp_path / "media" / "objects" / "pictures").rglob("*.png")))
    assert [] == list((tmp_path / "media" / "objects").glob("uploads/*/*"))
    connection = await asyncpg.connect(database)
    counts = await connection.fetch(
        "select type, count(*) from log.event where type like 'media.%' group by 1"
    )
    await connection.close()
    assert {"media.registered": len(pictures()), "media.described": len(pictures())} == dict(
        map(tuple, counts)
    )
    async with in_process(database, tmp_path) as site:
        async with asyncio.timeout(30):
            while (answer := await site.client.get("/v1/aircraft/tu-144")).status_code != 200:  # noqa: ASYNC110 - it is being read
                await asyncio.sleep(0.1)
        (picture,) = answer.json()["pictures"]
        said = (await site.client.get(f"/v1/media/{picture['media']}")).json()
        assert ("Tupolev Tu-144 from above, a silhouette", "CC0 1.0") == (said["alt"]["en"], said["licence"])
        assert 200 == (await site.client.get(said["url"])).status_code
