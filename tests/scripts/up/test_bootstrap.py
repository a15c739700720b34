"""`scripts/bootstrap.sh` says what pip is doing, some lines of it, and what went wrong in pip's own words."""

import re
import subprocess

from kit.checkout import ROOT

PIP = "".join(
    [
        *(
            f"Collecting package-{n}==1.{n} (from -r requirements.txt (line {n}))\n  Using cached x.whl\n"
            for n in range(25)
        ),
        "Installing collected packages: package-0, package-1\n",
        "ERROR: No matching distribution found for package-7\n",
    ]
)


def test_each_tenth_package_is_a_line_and_an_error_is_not_lost() -> None:
    found = re.search(
        r"^progress\(\) \{\n.*?^\}\n",
        (ROOT / "scripts" / "bootstrap.sh").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    assert found is not None
    done = subprocess.run(
        ["sh", "-eu", "-c", f"{found[0]}progress"], input=PIP, capture_output=True, text=True, check=True
    )
    assert [
        "bootstrap: 10 packages found, the last is package-9",
        "bootstrap: 20 packages found, the last is package-19",
        "bootstrap: writing 25 packages to .venv",
        "ERROR: No matching distribution found for package-7",
    ] == done.stderr.splitlines()
