"""What was reverted: its number is told to those who may see it."""

from tests.projections.lives import Article
from tests.read_side.site import EDITORS, Site
from tests.read_side.test_history import asked


async def test_readers_are_not_told_of_a_reverted_revision_that_they_may_not_see(here: Site) -> None:
    one = Article(here.log, "tu-144", title="One")
    one.revise(title="Two")
    one.publish()
    one.revise(title="One", reverts=1)
    one.revise(title="Two", reverts=2)
    one.publish()
    await here.shown()
    seen = (await asked(here, one, "/revisions"))["items"]
    assert [(4, 2), (2, None)] == [(item["revision"], item["reverts"]) for item in seen]
    one.revise(title="One", reverts=1)
    one.publish()
    await here.shown()
    seen = (await asked(here, one, "/revisions"))["items"]
    assert [(5, None), (4, 2), (2, None)] == [(item["revision"], item["reverts"]) for item in seen]
    told = (await asked(here, one, "/revisions", EDITORS))["items"]
    assert [1, 2, 1, None, None] == [item["reverts"] for item in told]
    assert (await asked(here, one, "/revisions/5"))["reverts"] is None
