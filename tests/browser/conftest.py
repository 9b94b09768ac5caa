"""A real chromium on the page: every request and every word on the console is watched."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser_steps import VIEWS
from serving import serving

# The first one that is there. Without the frame of a desktop's browser a page takes less than half of the processor.
CHROMIUMS = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
# Milliseconds: what is waited for comes in one or two seconds, later where others use the machine.
_PATIENCE = 30_000
_QUIET = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    """One a module: while it is open, its event loop is in the way of any other."""
    found = next((str(path) for path in CHROMIUMS if path.is_file()), None)
    if found is None:
        pytest.skip(f"{CHROMIUMS[0]} is missing: apt-get install chromium-headless-shell")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def contexts(browser):
    """What a view has loaded once, its next page takes from the cache: a third of the time of a page."""
    made = {}
    yield made
    for context in made.values():
        context.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="module")
def address(folder):
    with serving(folder) as found:
        yield found


@pytest.fixture(scope="session")
def asked_address(tmp_path_factory):
    """One page for the modules that only ask."""
    with serving(tmp_path_factory.mktemp("asked")) as found:
        yield found


@pytest.fixture(scope="session")
def added_address(tmp_path_factory):
    """One page for the modules that add texts and do not mind those that others added."""
    with serving(tmp_path_factory.mktemp("added")) as found:
        yield found


@pytest.fixture
def opened(browser, contexts, address):
    """Opens the page in a view; at the end nothing may have been said on the console or asked of another host."""
    pages, trouble = [], []

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
        options = VIEWS[view] | options
        kind = repr(options)
        if kind not in contexts:
            contexts[kind] = browser.new_context(**options)
            contexts[kind].set_default_timeout(_PATIENCE)
        page = contexts[kind].new_page()
        pages.append(page)
        watch(page)
        page.goto(f"{address}/{query}")
        page.locator("#pq-question textarea").wait_for()
        return page

    yield open_page
    for page in pages:
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
        page.close()
    assert not trouble
