"""What a measurement prints: a ratio with the figures that it comes from, in words or as JSON."""

from collections.abc import Sequence
from typing import Any

import orjson


def result(
    bench: str,
    ours: float,
    peer: float,
    *,
    unit: str,
    peer_name: str,
    seconds: Sequence[float] = (),
    inverse: bool = False,
    **more: Any,
) -> dict[str, Any]:
    """Return the object to print.

    Args:
        bench: name of the measurement.
        ours: our figure, in `unit`.
        peer: the peer's figure, in `unit`.
        unit: of both figures.
        peer_name: what was measured against.
        seconds: latencies of ours, for p50_ms and p99_ms.
        inverse: the ratio is ours divided by peer as always; say that smaller is better.
        more: further facts.
    """
    found = sorted(seconds)
    figures: dict[str, Any] = {
        "bench": bench,
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "ratio": round(ours / peer, 3) if peer else None,
        "unit": unit,
        "peer_name": peer_name,
        "p50_ms": quantile(found, 0.50),
        "p99_ms": quantile(found, 0.99),
    }
    if inverse:
        figures["better"] = "smaller"
    return figures | more


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return a quantile of sorted seconds, in milliseconds."""
    if not ordered:
        return None
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 3)


def line(figures: dict[str, Any], *, as_json: bool) -> str:
    """Return one line of words, or of JSON."""
    if as_json:
        return orjson.dumps(figures).decode()
    ratio = "" if figures["ratio"] is None else f"{figures['ratio']:>9.3f} x"
    smaller = ", smaller is better" if "better" in figures else ""
    tail = "" if figures["p99_ms"] is None else f"; p99 {figures['p99_ms']} ms"
    return (
        f"{figures['bench']:<20} {ratio}  {figures['ours']:,g} {figures['unit']} against {figures['peer']:,g}"
        f" ({figures['peer_name']}{smaller}){tail}"
    )
