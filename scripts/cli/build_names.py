"""The names of what this build means: a long process takes them from an earlier one, before it begins.

Later its files may be those of another build, and the first command of each kind would wait for its name.
Run as a program, it keeps all of them for those to come: `python -m scripts.cli.build_names`.
"""

from typing import TYPE_CHECKING, Any

from kit.checkout import ROOT
from kit.meaning.kept import BESIDE_BYTECODE, KeptNames, names_of, taking

if TYPE_CHECKING:
    from pathlib import Path

    from write_side.aggregate import Aggregate

PACKAGES = ("events", "kit", "projections", "read_side", "write_side")
"""All code that a name can depend on."""


def names_of_this_build(path: "Path" = BESIDE_BYTECODE) -> KeptNames:
    """Return the names that are kept of this build. Call it before the code is loaded that they name."""
    return names_of((ROOT / one for one in PACKAGES), path)


def find_names_of_models(names: KeptNames) -> None:
    """Find the name of each read model, and that of answers."""
    from projections.builds.fingerprint import fingerprint
    from projections.catalog import PROJECTIONS
    from read_side.entry.document import form

    with taking(names):
        for one in PROJECTIONS:
            fingerprint(one)
        form()


def find_names_of_states(names: KeptNames) -> None:
    """Find the name of what folds each sort of stream: snapshots are kept under it."""
    from write_side.bulk.aggregate import BULK
    from write_side.entry.kinds import AGGREGATES
    from write_side.media.aggregate import MEDIA

    aggregates: tuple[Aggregate[Any], ...] = (*AGGREGATES.values(), MEDIA, BULK)
    with taking(names):
        for one in aggregates:
            _ = one.fingerprint


def find_all(names: KeptNames) -> None:
    """Find the names of both sides."""
    find_names_of_models(names)
    find_names_of_states(names)


if __name__ == "__main__":
    find_all(names_of_this_build())
