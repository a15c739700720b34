"""What a person types wrong is answered in one line that names it, and never with a traceback."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kit.checkout import ROOT
from scripts.log import verify_export
from tests.scripts.verbs import ran


def said(*words: str, **settings: str) -> tuple[int, str]:
    """Run `frankenjet`; its exit code and what it says on standard error."""
    code, _, complaint = ran(*words, **settings)
    return code, complaint


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"PORT": "abc"}, "PORT: "),
        ({"PORT": "70000"}, "PORT: "),
        ({"LOG_LEVEL": "verbose"}, "LOG_LEVEL: "),
        ({"FRANKENJET_SHARED_MAX_AGE": "99999999"}, "FRANKENJET_SHARED_MAX_AGE: "),
    ],
)
def test_a_wrong_setting_is_named_by_its_variable(settings: dict[str, str], named: str) -> None:
    code, line = said("status", **settings)
    assert (2, 1) == (code, line.count("\n"))
    assert line.startswith(f"frankenjet: {named}")


def test_a_file_that_is_not_there_is_named(database: str, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    code, lines = said("import", missing, DATABASE_URL=database)
    assert 2 == code
    assert f"frankenjet: {missing}: No such file or directory" == lines.strip().splitlines()[-1]
    assert "Traceback" not in lines


def test_the_offline_program_tells_what_it_could_not_read_from_what_is_bad(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        verify_export.main([str(tmp_path / "missing")])
    assert 2 == ended.value.code
    assert "No such file" in capsys.readouterr().err


def test_help_names_the_command_that_is_typed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.main", "status", "--help"],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=True,
    )  # fmt: skip
    assert "Usage: frankenjet status" in done.stdout


def test_ctrl_c_ends_a_command_quietly_also_while_it_loads() -> None:
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "scripts", "bot", "--url", "amqp://127.0.0.1:1"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        assert running.stderr is not None
        while "typer." not in running.stderr.readline():
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=30)[1]
    assert (-signal.SIGINT, False) == (running.returncode, "Traceback" in said)
