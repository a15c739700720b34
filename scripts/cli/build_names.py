"""What a long process does first: it takes the names of what its build means from an earlier process.

Run as a program, it keeps all of them for those to come: `python -m scripts.cli.build_names`.
"""

from typing import TYPE_CHECKING, Any

from kit.checkout import ROOT
from kit.meaning.kept import use_kept_names

if TYPE_CHECKING:
    from write_side.aggregate import Aggregate

PACKAGES = ("events", "kit", "projections", "read_side", "write_side")
"""All code that a name can depend on."""


def use_names_of_this_build() -> None:
    """Take and keep names of read models, snapshots and answers. Call it before their code is loaded."""
    use_kept_names(ROOT / one for one in PACKAGES)


def find_all() -> None:
    """Find the name of every read model, snapshot and answer.

    Later the files may be those of another build, and the first command of each kind would wait for it.
    """
    from projections.builds.fingerprint import fingerprint
    from projections.catalog import PROJECTIONS
    from read_side.entry.document import form
    from write_side.bulk.aggregate import BULK
    from write_side.entry.kinds import AGGREGATES
    from write_side.media.aggregate import MEDIA

    for projection in PROJECTIONS:
        fingerprint(projection)
    aggregates: tuple[Aggregate[Any], ...] = (*AGGREGATES.values(), MEDIA, BULK)
    for aggregate in aggregates:
        _ = aggregate.fingerprint
    form()


if __name__ == "__main__":
    use_names_of_this_build()
    find_all()
