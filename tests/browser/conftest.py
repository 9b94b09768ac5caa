"""A real chromium on the page: every request and every word on the console is watched."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser_steps import VIEWS
from serving import serving

CHROMIUM = Path("/usr/bin/chromium")
_QUIET = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    """One a module: while it is open, its event loop is in the way of any other."""
    if not CHROMIUM.is_file():
        pytest.skip(f"{CHROMIUM} is missing: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="module")
def address(folder):
    with serving(folder) as found:
        yield found


@pytest.fixture
def opened(browser, address):
    """Opens the page in a view; at the end nothing may have been said on the console or asked of another host."""
    contexts, trouble = [], []

    def watch(page):
        page.on("request", lambda request: None if ours(request.url) else trouble.append(f"asked {request.url}"))
        page.on("pageerror", lambda error: trouble.append(f"error {error}"))
        page.on("console", lambda message: said(message))

    def ours(url):
        return url.startswith((address, "data:", "blob:", "about:"))

    def said(message):
        if message.type == "error":
            trouble.append(f"{message.type} {message.text}")

    def open_page(view="desktop light", query="", **options):
        context = browser.new_context(**(VIEWS[view] | options))
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        watch(page)
        page.goto(f"{address}/{query}")
        page.locator("#pq-question textarea").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not trouble
