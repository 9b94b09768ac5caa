"""The page over a small corpus in a process of its own, for the tests that speak to it over HTTP or in a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

SCRIPT = Path(__file__).parent / "browser" / "serve_fakes.py"


@contextmanager
def serving(folder, *options):
    """The page over the small corpus, in a process of its own; gives its address."""
    env = os.environ | {"OMP_NUM_THREADS": "1", "TMPDIR": str(folder), "XDG_DATA_HOME": str(folder / "data")}
    with subprocess.Popen(
        [sys.executable, SCRIPT, folder, *options], stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        try:
            found = re.search(r"http://[\w.]+:\d+", process.stdout.readline())
            assert found, "the page did not start"
            yield found[0]
        finally:
            process.terminate()
