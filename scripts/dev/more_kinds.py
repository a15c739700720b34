"""A verb of `frankenjet` run by a copy of this build that has more kinds of entries: what do kinds cost?"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from events.kinds.catalog import KINDS
from kit.checkout import ROOT

PACKAGES = ("kit", "events", "write_side", "projections", "read_side", "scripts", "migrations")
"""What a build is made of."""

NAMES = (
    "airfield", "airline", "air_race", "airship", "balloon", "flight_school", "gliding_club", "hangar",
    "launch_site", "magazine", "medal", "monument", "museum", "squadron", "wind_tunnel", "workshop",
)  # fmt: skip
"""Names of kinds for a copy; those that this build has are passed over."""

DECLARED = '''"""{words}: a kind of entry that a measurement declares."""

from events.content.codes import TermField
from events.content.dates import DateField
from events.content.items import RelationsField
from events.content.localized import LocalizedLineField, LocalizedTextField
from events.content.plain import CountField, ReferenceField
from events.content.sources import SourcesField
from events.content.texts import LinesField, MarkdownField
from events.kind import Kind

ENTRY, ROLE = ReferenceField("entry", kinds={near}, needed=True), TermField("role", vocabulary="role")

{constant} = Kind(
    name="{name}",
    path="{name}s",
    fields=(
        LocalizedLineField("title", least=1),
        LocalizedTextField("summary", needed=True, listed=True),
        MarkdownField("body", needed=True),
        SourcesField("sources", needed=True),
        LinesField("tags", listed=True, filter="contains", parameter="tag"),
        LocalizedLineField("place"),
        CountField("people", listed=True, filter="range", sorts=True, may_be=("unknown",)),
        DateField("founded", listed=True, filter="range", sorts=True, may_be=("unknown",)),
        ReferenceField("part_of", kinds={near}, may_be=("none",)),
        RelationsField("partners", item="{spelt}Partner", key=("entry", "role"), fields=(ENTRY, ROLE)),
    ),
)
'''


def copy_of_build(to: Path) -> Path:
    """Make a copy of the files of this build, and return its folder."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    return to


def with_more_kinds(to: Path, count: int) -> tuple[str, ...]:
    """Make a copy of this build that has more kinds, each a file as a developer would write it.

    A kind names entries of its own and of the kind before it: one in a field, one in a list.

    Args:
        to: folder of the copy.
        count: how many kinds more.

    Returns:
        Their names.

    Raises:
        ValueError: there are not so many names.
    """
    here = {kind.name for kind in KINDS}
    names = tuple([name for name in NAMES if name not in here][:count])
    if len(names) < count:
        raise ValueError(f"at most {len(names)} kinds more")
    copy_of_build(to)
    for name, before in zip(names, names[-1:] + names, strict=False):
        words = name.replace("_", " ").capitalize()
        (to / "events" / "kinds" / f"{name}.py").write_text(
            DECLARED.format(
                name=name,
                words=words,
                spelt=words.title().replace(" ", ""),
                constant=name.upper(),
                near=(name, before),
            )
        )
    with (to / "events" / "kinds" / "catalog.py").open("a") as catalog:
        catalog.writelines(f"from events.kinds.{name} import {name.upper()}\n" for name in names)
        catalog.write("".join(f"KINDS = (*KINDS, {name.upper()})\n" for name in names))
    return names


def main() -> int:
    """Run `frankenjet` with what follows a number of kinds; return its exit code."""
    count, *verb = sys.argv[1:]
    with TemporaryDirectory(prefix="frankenjet-kinds-") as name:
        with_more_kinds(Path(name), int(count))
        return subprocess.run([sys.executable, "-m", "scripts.main", *verb], cwd=name, check=False).returncode  # noqa: S603 - ourselves


if __name__ == "__main__":
    sys.exit(main())
