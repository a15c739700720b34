"""What a list can be asked: by relation, by ranges with units, with facets, a total and cards of others."""

from typing import Any

import pytest

from tests.read_side.kinds.world import World


async def slugs(world: World, query: str) -> list[str]:
    """Return the slugs of the museums that a query lists."""
    found = await world.read(f"/v1/museums?sort=title&{query}")
    return [one["slug"] for one in found["items"]]


async def refused(world: World, path: str) -> dict[str, Any]:
    """Return the one error of a query that is refused."""
    answer = await world.get(path)
    assert 400 == answer.status_code, answer.text
    (error,) = answer.json()["errors"]
    return error  # type: ignore[no-any-return]


async def test_a_list_is_filtered_by_what_its_entries_name(world: World) -> None:
    louvre, ulm = world.museum("louvre").publish(), world.museum("ulm").publish()
    hidden = world.museum("hidden")
    partners = [{"entry": str(one.id), "role": "partner"} for one in (ulm, hidden)]
    world.museum("a", partners=partners, branch_of=str(louvre.id)).publish()
    world.museum("b", partners=[{"entry": str(louvre.id), "role": "friend"}], branch_of="none").publish()
    world.museum("draft", partners=partners)
    await world.shown()
    for given, expected in (
        ("partner=ulm", ["a"]),
        (f"partner={ulm.id}", ["a"]),
        ("partner=ulm&partner=louvre", ["a", "b"]),
        (f"partner=ulm&partner={louvre.id}&branch_of=louvre", ["a"]),
        ("partner=hidden", []),
        (f"partner={hidden.id}", []),
        ("partner=a-slug-of-nobody", []),
        ("branch_of=none&branch_of=louvre", ["a", "b"]),
        ("branch_of=ulm", []),
    ):
        assert expected == await slugs(world, given), given
    for wrong in ("partner=Ulm", "partner=u/m", "branch_of=unknown..", "partner="):
        assert wrong.partition("=")[0] == (await refused(world, f"/v1/museums?{wrong}"))["parameter"]
    ulm.rename("neu-ulm")
    await world.shown()
    assert ["a"] == await slugs(world, "partner=ulm"), "a former slug means the same entry"


async def test_a_list_by_relation_is_dropped_whatever_happens_to_whom_it_asks_about(world: World) -> None:
    ulm = world.museum("ulm")
    world.museum("a", partners=[{"entry": str(ulm.id), "role": "partner"}]).publish()
    await world.shown()
    paths = "/v1/museums?partner=ulm", f"/v1/museums?partner={ulm.id}", "/v1/museums?facets=partner"

    async def told() -> list[Any]:
        await world.warm(*paths)
        answers = [(await world.get(path)).json() for path in paths]
        counted = answers[2]["facets"]["partner"]["values"]
        return [[one["slug"] for one in answer["items"]] for answer in answers[:2]] + [
            [(one["slug"], one["count"]) for one in counted]
        ]

    nothing: list[Any] = [[], [], []]
    assert nothing == await told()
    ulm.publish()
    await world.shown()
    assert [["a"], ["a"], [("ulm", 1)]] == await told()
    ulm.unpublish()
    await world.shown()
    assert nothing == await told()
    bureau = world.bureau("b")
    await world.shown()
    await world.warm("/v1/museums?partner=b")
    bureau.publish()
    await world.shown()
    assert world.here.kept("/v1/museums?partner=b") is not None, "no partner is a bureau"


AREAS: tuple[tuple[str, list[str]], ...] = (
    ("area=50m²..", ["c", "d"]),
    ("area=538ft²..538.3ft2", ["c", "d"]),
    ("area=..0.004999 ha", ["a", "b", "d"]),
    ("area=50", ["c", "d"]),
    ("area=10..20", ["a", "b"]),
    ("area=10..215.3ft²", ["a", "b"]),
    ("area=..9", []),
    ("aircraft=3..", ["c"]),
    ("aircraft=..3&area=10..20", ["a"]),
    ("founded=1939..1945", ["a", "b"]),
    ("founded=..1938", ["d"]),
    ("founded=1946..", ["b"]),
    ("founded=194X", ["a", "b"]),
    ("founded=1940/1941", ["a", "b"]),
    ("founded=1941-06-22", ["a", "b"]),
)


async def test_ranges_ask_for_overlap_in_whichever_unit(world: World) -> None:
    for slug, area, aircraft, founded in (
        ("a", {"value": "15"}, 2, {"edtf": "1941"}),
        ("b", {"value": "20.00"}, "unknown", {"edtf": "1940/1950"}),
        ("c", {"value": "50"}, 10, "unknown"),
        ("d", {"value": "47", "low": "45", "high": "51"}, None, {"edtf": "1917-10-25", "calendar": "julian"}),
    ):
        world.museum(slug, area=area, aircraft=aircraft, founded=founded).publish()
    await world.shown()
    for given, expected in AREAS:
        assert expected == await slugs(world, given), given


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        ("area", "50m.."), ("area", "1..2..3"), ("area", ".."), ("area", "50furlong"), ("area", "20..10"),
        ("area", "1e3.."), ("area", "m²"), ("aircraft", "1.5"), ("aircraft", "-1.."), ("aircraft", "9" * 17),
        ("founded", "1941-13.."), ("founded", "1945..1939"), ("founded", "then"),
        ("units", "nautical"), ("total", "yes"), ("facets", "area"), ("facets", "status,status"),
        ("facets", "colour"), ("include", "colour"), ("include", "partners.colour"),
        ("include", "partners.partners.partners"), ("include", "branch_of,branch_of"),
    ],
)  # fmt: skip
async def test_what_nobody_can_answer_is_refused_with_its_parameter(
    world: World, parameter: str, text: str
) -> None:
    answer = await world.get("/v1/museums", **{parameter: text})
    assert (400, [parameter]) == (answer.status_code, [one["parameter"] for one in answer.json()["errors"]])
    if text == "colour":
        assert "colour is not known here" in answer.json()["errors"][0]["detail"]


async def test_quantities_are_said_in_other_units_as_well(world: World) -> None:
    world.museum("a", area={"value": "20.00", "high": "21"}).publish()
    await world.shown()
    shown = {"value": "20.00", "high": "21"}
    said = {"unit": "ft²", "value": "215.3", "high": "226"}
    (item,) = (await world.read("/v1/museums?units=imperial&fields=area"))["items"]
    document = await world.read("/v1/museums/a?units=imperial")
    assert [shown | {"converted": said}] * 2 == [item["area"], document["area"]]
    assert "converted" not in (await world.read("/v1/museums/a?units=metric"))["area"]


async def test_facets_count_what_each_value_would_list(world: World) -> None:
    for number in range(12):
        world.museum(
            f"m-{number}",
            status=("open", "closed", "unknown")[number % 3],
            free=(True, False, "unknown", None)[number // 3],
            halls=["hangar", "field", "tower"][: number % 4],
            flagship="tu-144" if number < 5 else "an-2",
        ).publish()
    await world.shown()
    filters = {"status": ["open", "closed"], "hall": ["hangar"], "free": "true"}
    names = "flagship,free,status,hall"
    for chosen in ({}, {"status": ["open"]}, {"hall": ["hangar", "field"]}, filters):
        whole = (await world.get("/v1/museums", facets=names, limit=1, **chosen)).json()
        assert set(names.split(",")) == set(whole["facets"])
        for name, facet in whole["facets"].items():
            assert facet["values"], name
            assert not facet["more"]
            for one in facet["values"]:
                beside = {key: value for key, value in chosen.items() if key != name}
                value: Any = one["value"]
                if name == "hall":
                    value = [*chosen.get(name, []), value]
                page = (await world.get("/v1/museums", limit=100, **beside | {name: value})).json()
                assert one["count"] == len(page["items"]), (chosen, name, one)


async def test_facets_count_the_entries_that_items_name_while_readers_see_them(world: World) -> None:
    ulm, louvre, hidden = world.museum("ulm").publish(), world.museum("louvre").publish(), world.museum("h")
    for number in range(8):
        named = [ulm, louvre, hidden][: number % 4]
        partners = [{"entry": str(one.id), "role": role} for one in named for role in ("partner", "friend")]
        branch = ("none", str(ulm.id), str(hidden.id))[number % 3]
        one = world.museum(f"m-{number}", partners=partners, branch_of=branch, status="open").publish()
        one.rename(f"n-{number}")
    await world.shown()
    for chosen in (
        {},
        {"status": ["open"]},
        {"partner": ["louvre"]},
        {"branch_of": ["ulm"], "total": "true"},
    ):
        whole = (await world.get("/v1/museums", facets="partner,branch_of,status", limit=1, **chosen)).json()
        for name in ("partner", "branch_of"):
            told = whole["facets"][name]["values"]
            assert told, name
            assert {"museum"} == {one["kind"] for one in told}
            assert sorted(told, key=lambda one: (-one["count"], one["value"])) == told
            for one in told:
                asked = chosen | {name: one["value"], "limit": "100"}
                page = (await world.get("/v1/museums", **asked)).json()
                assert one["count"] == len(page["items"]), (chosen, name, one)
    assert {str(ulm.id), str(louvre.id)} == {
        one["value"]
        for one in (await world.read("/v1/museums?facets=partner"))["facets"]["partner"]["values"]
    }
    assert {"count": 3, "more": False} == whole["total"]


async def test_a_facet_tells_the_values_that_most_items_have(world: World) -> None:
    for number in range(52):
        world.museum(f"m-{number}", flagship="most" if number < 2 else f"f-{number:02}").publish()
    await world.shown()
    facet = (await world.read("/v1/museums?facets=flagship"))["facets"]["flagship"]
    assert [{"value": "most", "count": 2}, {"value": "f-02", "count": 1}] == facet["values"][:2]
    assert (50, True) == (len(facet["values"]), facet["more"])


async def test_a_total_is_told_on_request_and_is_that_of_all_pages(world: World) -> None:
    for number in range(5):
        world.museum(f"m-{number}", status="open" if number else "closed").publish()
    await world.shown()
    path = "/v1/museums?status=open&limit=2"
    assert "total" not in await world.read(path)
    first = await world.read(f"{path}&total=true")
    assert {"count": 4, "more": False} == first["total"]
    second = await world.read(f"{path}&total=true&cursor={first['next']}")
    assert first["total"] == second["total"]
    assert {"count": 0, "more": False} == (await world.read("/v1/museums?status=none&total=true"))["total"]
