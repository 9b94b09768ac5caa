"""The table of faults in README.md names tests that exist."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

HERE = Path(__file__).parent


def test_every_row_names_tests_that_exist() -> None:
    rows = [row for row in (HERE / "README.md").read_text("utf-8").splitlines() if re.match(r"\| [A-Z]\d", row)]
    assert [row.split()[1] for row in rows] == [*(f"F{n}" for n in range(1, 12)), "I1", "I2", "I3", "I4", "X6", "D1"]
    files = sorted(HERE.parent.rglob("test_*.py"))
    tests = {file.stem: re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE) for file in files}
    for row in rows:
        named = ""
        for module, name in re.findall(r"`(?:(test_\w+)::)?(test_[\w*]+)(?:\[\w+\])?`", row):
            named = module or named
            if name not in tests:
                assert any(fnmatchcase(test, name) for test in tests[named]), name
        assert named, row
