"""Webhooks that are registered in tests about every route, and removed before anything is sent to them."""

from tests.servers.running import Site

URL = "https://93.184.216.34/"
"""Nothing is sent there: the webhooks are removed before a projector runs."""


async def refused_webhooks(site: Site) -> None:
    """Be refused wherever that can be; no projector may run."""
    who, place = site.editor, "/webhooks"
    await who.send("POST", place, {"url": "https://10.0.0.1/"})
    made = [(await who.done("POST", place, {"url": URL}))["id"] for _ in range(10)]
    await who.send("POST", place, {"url": URL})
    await who.send("POST", f"{place}/{made[0]}/replays", {"after": 2**40})
    event = (await who.done("POST", "/articles", {"locale": "en", "title": "Hooked"}))["position"]
    await who.send("DELETE", f"{place}/{made[1]}")
    later = (await who.done("POST", place, {"url": URL}))["id"]
    for _ in range(11):
        await who.send("POST", f"{place}/{later}/replays", {"after": event - 1})
    for id_ in {*made, later}:
        await who.send("DELETE", f"{place}/{id_}")
