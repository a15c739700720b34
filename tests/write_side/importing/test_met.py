"""Names that were met: none is forgotten and none is made up, however many there are."""

from kit.ids import named_id
from write_side.importing.met import NamesMet


def test_each_of_many_names_is_new_once() -> None:
    met = NamesMet()
    names = [named_id("test", str(number)) for number in range(20_000)]
    assert 20_000 * [True] == [met.add(one) for one in names]
    assert 20_000 * [False] == [met.add(one) for one in reversed(names)]
    assert met.add(named_id("test", "another"))
