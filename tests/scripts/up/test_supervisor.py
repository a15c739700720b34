"""The supervisor: what dies is replaced, what cannot live is said, and all of it ends in order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from errno import ENOSPC
from pathlib import Path

import pytest

from kit.embedded.state import EmbeddedError
from kit.running.processes import wait_until
from scripts.up.supervisor import Supervisor


@dataclass
class Sleeper:
    """A part that lives until it is told to die, and writes down what happens to it."""

    name: str
    diary: list[str]
    log: Path = Path("/dev/null")
    living: bool = False
    refuses: Exception | None = field(default=None)

    def start(self) -> str:
        if self.refuses:
            raise self.refuses
        self.diary.append(f"start {self.name}")
        self.living = True
        return self.name

    def alive(self) -> bool:
        return self.living

    def stop(self, limit: float) -> None:
        assert limit > 0
        self.diary.append(f"stop {self.name}")


def _look_until(supervisor: Supervisor, condition: Callable[[], bool]) -> bool:
    def seen() -> bool:
        supervisor.look()
        return condition()

    return wait_until(seen, 30)


def test_parts_start_in_order_and_end_backwards() -> None:
    diary: list[str] = []
    supervisor = Supervisor(diary.append)
    assert supervisor.run(Sleeper("postgres", diary)) == "postgres"
    supervisor.run(Sleeper("serve", diary))
    supervisor.stop(1)
    assert diary == ["start postgres", "start serve", "stop serve", "stop postgres"]


class Removed(Sleeper):
    """A part that is found dead because its folder is gone, or whose folder goes while it starts again."""

    folder = True

    def alive(self) -> bool:
        self.folder = self.folder and self.diary.count("start valkey") < 2
        return False

    def start(self) -> str:
        started = super().start()
        self.folder = self.diary.count("start valkey") < 2
        return started


def test_a_part_does_not_run_again_when_what_it_needs_has_gone() -> None:
    diary: list[str] = []
    said: list[str] = []
    part = Removed("valkey", diary)

    def check() -> None:
        if not part.folder:
            raise EmbeddedError("the state folder is gone")

    supervisor = Supervisor(said.append, check)
    supervisor.run(part)
    with pytest.raises(EmbeddedError, match="the state folder is gone"):
        _look_until(supervisor, lambda: False)
    assert ["valkey ended; it starts again in 0.2 s. Its log: /dev/null"] == said


def test_a_part_that_dies_is_replaced_after_a_pause_and_that_is_said() -> None:
    diary: list[str] = []
    part = Sleeper("project", diary)
    supervisor = Supervisor(diary.append)
    supervisor.run(part)
    part.living = False
    supervisor.look()
    assert diary == ["start project", "project ended; it starts again in 0.2 s. Its log: /dev/null"]
    assert _look_until(supervisor, lambda: part.living)
    assert diary[2:] == ["start project", "project runs again."]


def test_a_part_that_dies_again_and_again_before_anything_is_ready_ends_the_try() -> None:
    diary: list[str] = []
    part = Sleeper("serve", diary)
    supervisor = Supervisor(diary.append)
    supervisor.run(part)

    def dies() -> bool:
        part.living = False
        supervisor.look()
        return False

    with pytest.raises(EmbeddedError, match="serve ended 5 times in a row"):
        wait_until(dies, 30)


@pytest.mark.parametrize("refusal", [EmbeddedError("it cannot run here"), OSError(ENOSPC, "no room")])
def test_once_all_was_ready_no_death_is_final_and_pauses_grow(refusal: Exception) -> None:
    diary: list[str] = []
    part = Sleeper("postgres", diary)
    supervisor = Supervisor(diary.append)
    supervisor.run(part)
    supervisor.settled = True
    part.living = False
    part.refuses = refusal
    assert _look_until(supervisor, lambda: any("in 0.8 s" in line for line in diary))
    assert diary.count(str(refusal)) == 2
    part.refuses = None
    assert _look_until(supervisor, lambda: part.living)
