"""Pictures of every state of the page, desktop and phone, light and dark: `python docs/make_screens.py`.

It starts the page over the default index in a process of its own, asks what shows each state, and writes
`docs/screens/STATE-VIEW-COLOURS.png`. It needs the test extras and Debian's chromium.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Page

PROJECT = Path(__file__).resolve().parents[1]
SCREENS = PROJECT / "docs" / "screens"
VIEWS = {"desktop": (1280, 800), "phone": (390, 844)}
SCRIPT = """
import sys
from partnership_qa import build_index
from partnership_qa.web import serve
build_index(sys.argv[1], sys.argv[2])
serve(index=sys.argv[2])
"""


def ask(page: Page, question: str) -> None:
    """Ask, and wait until the card is there."""
    cards = page.locator("#pq-chat .pq-card:not(.pq-waiting)")
    before = cards.count()
    page.locator("#pq-question textarea").fill(question)
    page.keyboard.press("Enter")
    cards.nth(before).wait_for(timeout=120_000)
    page.wait_for_timeout(900)


def shoot(page: Page, name: str) -> None:
    """One tour through the states."""

    def keep(state: str, *, whole: bool = False) -> None:
        page.screenshot(path=SCREENS / f"{state}-{name}.png", full_page=whole)

    page.wait_for_timeout(700)
    keep("empty")
    ask(page, "How much did Microsoft invest in 2019?")
    keep("answer")
    ask(page, "And in 2023?")
    keep("follow-up")
    ask(page, "What are the key concerns?")
    keep("list")
    ask(page, "What is the impact of the GitHub Copilot launch?")
    keep("table")
    page.locator("#pq-chat article").last.locator(".pq-n").first.click()
    page.wait_for_timeout(600)
    keep("source")
    page.locator("#pq-chat article").last.get_by_role("link", name="Why").click()
    page.wait_for_timeout(900)
    keep("why")
    ask(page, "Who painted the Mona Lisa?")
    page.evaluate("window.scrollTo(0, 0)")
    keep("refusal")
    page.get_by_role("tab", name="Documents").click()
    page.wait_for_timeout(500)
    keep("documents", whole=True)
    page.get_by_role("tab", name="About").click()
    page.wait_for_timeout(300)
    keep("about")


def main() -> None:
    """Start the page, take the pictures, stop it."""
    SCREENS.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-c", SCRIPT, PROJECT / "corpus", folder], stdout=subprocess.PIPE, text=True
        ) as server,
    ):
        assert server.stdout
        found = next(match for line in server.stdout if (match := re.search(r"http://[\d.]+:\d+", line)))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for view, (width, height) in VIEWS.items():
                for colours in ("light", "dark"):
                    size = {"width": width, "height": height}
                    context = browser.new_context(viewport=size, color_scheme=colours)
                    page = context.new_page()
                    page.goto(found[0])
                    page.locator("#pq-question textarea").wait_for()
                    shoot(page, f"{view}-{colours}")
                    context.close()
        server.terminate()


if __name__ == "__main__":
    main()
