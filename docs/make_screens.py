"""Pictures of every state of the page, desktop and phone, light and dark: `python docs/make_screens.py`.

It starts the page over the article in a process of its own, asks what shows each state, and writes `STATE-VIEW-
COLOURS.png` to `screens/`, which git ignores, or to the folder given with `--out`: to be looked at before the page is
changed. The few that are shown to others are kept in `docs/screens/`. It needs the test extras and Debian's chromium.

States that pass in a moment are held: where a question or a text has two spaces in a row, which nobody sees on a page,
the reader or the encoder takes its time, and where a question has three, the reader fails.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import Page

PROJECT = Path(__file__).resolve().parents[1]
VIEWS = {"desktop": (1280, 800), "phone": (390, 844)}
HELD_SECONDS = 4.0
BUSY = {"detail": "Queue is full."}


def serve(index: str) -> None:
    """The page over the article, with an encoder and a reader that can be held."""
    from partnership_qa import build_index
    from partnership_qa.embedding import load_encoder
    from partnership_qa.reading import load_reader
    from partnership_qa.web import environment

    encoder, reader = load_encoder(), load_reader()
    build_index(PROJECT / "corpus", index, encoder=encoder)
    encode, read = encoder.encode, reader.read

    def encode_held(texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Any:
        if progress is not None and "  " in "".join(texts):
            progress(1, len(texts))
            time.sleep(HELD_SECONDS)
        return encode(texts, progress)

    def read_held(question: str, passages: Sequence[Any], proposals: Sequence[Any] = ()) -> Any:
        if "   " in question:
            raise RuntimeError("This is what a failure looks like.")
        time.sleep(HELD_SECONDS if "  " in question else 0)
        return read(question, passages, proposals)

    encoder.encode, reader.read = encode_held, read_held  # type: ignore[method-assign]
    environment.prepare()
    from partnership_qa.web import server

    server.load_encoder, server.load_reader = (lambda: encoder), (lambda: reader)  # type: ignore[attr-defined]
    server.run(index, "127.0.0.1", None, None, open_browser=False)


def pdf(*lines: str) -> bytes:
    """A PDF of one page with these lines; an empty one leaves room."""
    drawn = " ".join(f"({line}) Tj T*" for line in lines)
    stream = f"BT /F1 13 Tf 22 TL 72 760 Td {drawn} ET".encode("latin-1")
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = b"xref\n0 5\n0000000000 65535 f \n%strailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return out + start % (table, len(out))


LEASE = pdf(
    "Lease of the boathouse", "", "The boathouse is let for nine years from 25 March 2023. The tenant keeps",
    "the slipway free of weed and lights the lamp at its end from dusk.", "",
    "The deposit for the boathouse is 4,650 pounds. It is given back within four", "weeks of the end of the lease.",
)  # fmt: skip


def ask(page: Page, question: str, *, wait: bool = True) -> None:
    """Ask, and wait until the card is there."""
    cards = page.locator("#pq-chat .pq-card:not(.pq-waiting)")
    before = cards.count()
    page.locator("#pq-question textarea").fill(question)
    page.keyboard.press("Enter")
    if wait:
        cards.nth(before).wait_for(timeout=120_000)
        page.wait_for_timeout(900)


class Tour:
    """One tour through the states in one view."""

    def __init__(self, page: Page, out: Path, name: str) -> None:
        self._page, self._out, self._name = page, out, name

    def keep(self, state: str, *, whole: bool = False) -> None:
        """Write the picture of a state."""
        self._page.screenshot(path=self._out / f"{state}-{self._name}.png", full_page=whole)

    def asking(self) -> None:
        """Answers of every kind, and what lies beside them."""
        page = self._page
        page.wait_for_timeout(700)
        self.keep("empty")
        ask(page, "How much did Microsoft invest in 2019?")
        self.keep("answer")
        ask(page, "And in 2023?")
        self.keep("follow-up")
        ask(page, "What are the key concerns?")
        self.keep("list")
        ask(page, "What is the impact of the GitHub Copilot launch?")
        self.keep("table")
        last = page.locator("#pq-chat article").last
        last.locator(".pq-n").first.click()
        page.wait_for_timeout(600)
        self.keep("source")
        last.get_by_role("link", name="Why").click()
        page.wait_for_timeout(900)
        self.keep("why")
        page.evaluate("window.scrollTo(0, 0)")
        last.get_by_role("button", name="Right").click()
        page.locator(".pq-noting").wait_for()
        last.locator(".pq-noting input").fill("The table says so itself")
        page.keyboard.press("Enter")
        page.get_by_text("Change note").wait_for()
        last.locator("footer").scroll_into_view_if_needed()
        self.keep("thumbs")
        ask(page, "Who painted the Mona Lisa?")
        self.keep("refusal")

    def troubles(self) -> None:
        """What stands there while one waits, and when something does not go as it should."""
        page = self._page
        ask(page, "What stake does  Microsoft hold in OpenAI?", wait=False)
        page.get_by_text("Reading the best ones").wait_for(timeout=60_000)
        page.wait_for_timeout(1200)
        self.keep("waiting")
        page.locator("#pq-question").get_by_text("Stop").click()
        page.locator(".pq-waiting").wait_for(state="detached")
        page.wait_for_timeout(1000 * HELD_SECONDS)  # no other question is taken before the reader has let go
        page.locator("#pq-question textarea").fill("")
        ask(page, "What stake   does Microsoft hold in OpenAI?")
        self.keep("failure")
        page.route("**/queue/join*", lambda route: route.fulfill(status=503, json=BUSY))
        ask(page, "What stake does Microsoft hold in OpenAI?", wait=False)
        page.get_by_text("currently busy").wait_for()
        page.wait_for_timeout(500)
        self.keep("busy")
        page.unroute("**/queue/join*")
        page.locator(".toast-close").click()
        page.get_by_text("Settings and export").click()
        page.wait_for_timeout(600)
        page.locator("#pq-tools").scroll_into_view_if_needed()
        self.keep("settings")
        page.get_by_text("Settings and export").click()

    def documents(self) -> None:
        """The documents while they are changed, searched, and gone back from."""
        page = self._page
        page.get_by_role("tab", name="Documents").click()
        page.wait_for_timeout(500)
        self.keep("documents", whole=True)
        page.get_by_label("Or paste a text").fill(
            "# Tides\n\nThe  tide turns at noon.\n\n# Berths\n\nThe notice period for a berth is 30 days.\n"
        )
        page.get_by_label("Its name (optional)").fill("tides.md")
        lease = {"name": "lease.pdf", "mimeType": "application/pdf", "buffer": LEASE}
        page.locator("#pq-files input[type=file]").set_input_files(lease)  # type: ignore[arg-type]
        page.locator("#pq-files").get_by_text("lease").wait_for()
        page.locator("#pq-build").click()
        page.get_by_text("Comparing meanings").first.wait_for(timeout=60_000)
        page.locator("#pq-report").scroll_into_view_if_needed()
        self.keep("build")
        page.get_by_text("The index is ready").wait_for(timeout=120_000)
        page.wait_for_timeout(500)
        self.keep("report", whole=True)
        page.get_by_label("Words or a question").fill("antitrust")
        page.keyboard.press("Enter")
        page.locator("#pq-found tbody tr").first.wait_for(timeout=60_000)
        self.keep("search", whole=True)
        page.get_by_role("tab", name="Ask").click()
        ask(page, "Hello!")
        self.keep("greeting")
        ask(page, "Who founded OpenAI?")
        self.keep("closest")
        ask(page, "How much is the deposit for the boathouse?")
        page.locator("#pq-chat article").last.locator(".pq-n, .pq-addr").first.click()
        page.locator("#pq-source .pq-sheet img:not(.pq-coming)").wait_for()
        page.wait_for_timeout(600)
        self.keep("page")
        page.evaluate("window.scrollTo(0, 0)")
        page.locator("[data-open-within]").click()
        page.wait_for_timeout(300)
        self.keep("within")
        page.locator("[data-open-within]").click()
        page.get_by_role("button", name="Earlier conversations").click()
        page.wait_for_timeout(600)
        self.keep("kept")
        page.get_by_role("tab", name="Documents").click()
        page.get_by_role("button", name="Go back to the version before").click()
        page.get_by_text("The version before answers now").wait_for(timeout=60_000)
        page.evaluate("window.scrollTo(0, 0)")
        page.get_by_role("tab", name="About").click()
        page.wait_for_timeout(300)
        self.keep("about")


def main() -> None:
    """Start the page, take the pictures, stop it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PROJECT / "screens")
    parser.add_argument("--views", nargs="+", default=list(VIEWS), choices=VIEWS)
    parser.add_argument("--colours", nargs="+", default=["light", "dark"], choices=["light", "dark"])
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(  # noqa: S603 - this very script
        [sys.executable, __file__, "--serve", f"{folder}/index"], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"XDG_DATA_HOME": folder},
    ) as server:  # fmt: skip
        assert server.stdout
        try:
            found = next(match for line in server.stdout if (match := re.search(r"http://[\d.]+:\d+", line)))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
                for view in given.views:
                    for colours in given.colours:
                        width, height = VIEWS[view]
                        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours)
                        page = context.new_page()
                        page.goto(found[0])
                        page.locator("#pq-question textarea").wait_for()
                        tour = Tour(page, given.out, f"{view}-{colours}")
                        tour.asking()
                        tour.troubles()
                        tour.documents()
                        context.close()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
