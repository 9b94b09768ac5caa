"""Where the time of starting goes: `python benchmarks/startup.py --runs 3`; the first run also warms the disk.

Printed for each run: seconds until `python app.py` has printed its address, from there until the page can be used (its
box has the focus and examples are shown; only where there is a chromium), and from there until the first answer; then
seconds of `partnership-qa ask`, by the clock and of processor, which tell more where others use the machine too. Then
what `import gradio` takes in a process that does nothing else, plainly and as the page does it, and, of one more run of
the page, the imports that cost most, in seconds with all that they import themselves.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

PROJECT = Path(__file__).resolve().parents[1]
CHROMIUM = Path("/usr/bin/chromium")
SHOWN = 12
IMPORTS = {
    "python alone": "",
    "import gradio": "import gradio",
    "import gradio, as the page does it": "from partnership_qa.web.environment import import_gradio; import_gradio()",
}


@contextmanager
def started(index: Path, *flags: str, errors: IO[str] | None = None) -> Iterator[tuple[str, float]]:
    """The page in a process of its own; gives its address as soon as it is printed, and seconds of processor so far.

    These are 0 where the system does not tell them (/proc).
    """
    command = [sys.executable, *flags, PROJECT / "app.py", "--index", index]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as server:
        assert server.stdout
        try:
            address = next(match[0] for line in server.stdout if (match := re.search(r"http://[\d.]+:\d+", line)))
            told = Path(f"/proc/{server.pid}/stat")
            ticks = sum(map(int, told.read_text().rpartition(")")[2].split()[11:13])) if told.exists() else 0
            yield address, ticks / os.sysconf("SC_CLK_TCK") if ticks else 0.0
        finally:
            server.terminate()


def usable(address: str) -> float | None:
    """Seconds until a browser that is already open can use the page; `None` without a browser."""
    if not CHROMIUM.is_file():
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        began = time.perf_counter()
        page.goto(address, timeout=120_000)
        page.locator("#pq-question textarea:focus").wait_for(timeout=120_000)
        page.locator(".pq-example").first.wait_for(timeout=120_000)
        took = time.perf_counter() - began
        browser.close()
    return took


def answered(address: str) -> None:
    """Ask, and wait for the answer."""
    with httpx.Client(base_url=address, timeout=300) as client:
        question = {"question": "How much did Microsoft invest in 2019?"}
        event = client.post("/gradio_api/call/v2/ask", json=question).json()["event_id"]
        client.get(f"/gradio_api/call/v2/ask/{event}")


def asking(index: Path) -> tuple[float, float]:
    """Seconds of one question on the command line, by the clock and of processor."""
    code = "from partnership_qa.cli import main; main()"
    return running(code, "ask", "How much did Microsoft invest in 2019?", "--index", str(index))


def running(code: str, *values: str) -> tuple[float, float]:
    """Seconds of a program, by the clock and of processor."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *values], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, processor


def imports(index: Path) -> list[tuple[float, str]]:
    """Seconds of the outermost modules, the slowest first, of what is imported until the address is printed."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        with started(index, "-X", "importtime", errors=told):
            pass
        told.seek(0)
        found = re.findall(r"import time:\s+\d+ \|\s+(\d+) \|\s+([\w.]+)", told.read())
    return sorted(((int(micro) / 1e6, name) for micro, name in found if name.count(".") < 2), reverse=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        build = ["-m", "partnership_qa", "build", PROJECT / "corpus", "--index", index]
        subprocess.run([sys.executable, *build], check=True, stdout=subprocess.DEVNULL)
        for run in range(options.runs):
            began = time.perf_counter()
            with started(index) as (address, spent):
                printed = time.perf_counter() - began
                page = usable(address)
                since = time.perf_counter()
                answered(address)
                waited = time.perf_counter() - since
            shown = "no browser" if page is None else f"{page:.1f} s"
            print(
                f"run {run + 1}: address {printed:.1f} s ({spent:.1f} s of processor), page usable {shown} later, "
                f"first answer {waited:.1f} s after"
            )
        for run in range(options.runs):
            clock, processor = asking(index)
            print(f"ask {run + 1}: {clock:.2f} s, {processor:.2f} s of processor")
        for name, code in IMPORTS.items():
            clock, processor = running(code)
            print(f"{name}: {clock:.2f} s, {processor:.2f} s of processor")
        for seconds, name in imports(index)[:SHOWN]:
            print(f"{seconds:6.2f} s  {name}")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
