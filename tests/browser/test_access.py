"""Axe finds nothing serious or critical on any tab, in light and dark, on a desktop and on a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_steps import ask, tab

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(asked_address):
    return asked_address


def violations(page):
    found = Axe().run(page).response["violations"]
    return [
        (entry["id"], node["target"], node["failureSummary"])
        for entry in found
        if entry["impact"] in ("serious", "critical")
        for node in entry["nodes"]
    ]


@pytest.mark.parametrize("view", ["desktop light", "phone dark"])
def test_every_state_can_be_used_by_everybody(opened, view):
    page = opened(view)
    page.wait_for_timeout(500)
    found = {"empty": violations(page)}
    ask(page, "What is the fee of the Cutter boat?").locator(".pq-sure summary").click()
    ask(page, "What three things are forbidden on the quay?").locator(".pq-n").first.click()
    page.locator("#pq-chat article").last.get_by_role("button", name="Wrong").click()
    page.locator(".pq-noting input").wait_for()
    found["answers"] = violations(page)
    cards = page.locator("#pq-chat .pq-card:not(.pq-waiting)")
    before = cards.count()
    page.locator("#pq-question textarea").fill("Does the keeper of the harbour linger?")
    page.keyboard.press("Enter")
    page.locator("#pq-chat .pq-waiting .pq-stages li").wait_for()
    found["waiting"] = violations(page)
    # Not the last card there is: until the new one comes that is the one before, and the new one takes the panel.
    cards.nth(before).get_by_role("link", name="Why").click()
    page.locator("#pq-source .pq-why").wait_for()
    found["why"] = violations(page)
    ask(page, "Was paraffin oil sold in the harbour?").locator(".pq-quotes .pq-addr").last.click()
    ask(page, "What did the new lens weigh and cost in kronor?").locator(".pq-context").wait_for()
    found["doubtful and context"] = violations(page)
    for fold in ask(page, "Who painted the Mona Lisa?").locator(".pq-sure summary").all():
        fold.click()
    ask(page, "x" * 1990 + "\n explode")
    found["refusal and failure"] = violations(page)
    page.get_by_text("Settings and export").click()
    page.wait_for_timeout(300)
    found["settings"] = violations(page)
    for name in ("Documents", "About"):
        tab(page, name)
        page.wait_for_timeout(300)
        found[name] = violations(page)
    assert not {state: entries for state, entries in found.items() if entries}
