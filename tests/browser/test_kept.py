"""Earlier conversations, in a browser: kept over a reload, opened, found, renamed, gone on with, deleted."""

from __future__ import annotations

import pytest
from browser_steps import ask
from playwright.sync_api import expect
from test_access import violations

pytestmark = pytest.mark.browser

LIST = "#pq-kept-list li"


def fold(page):
    page.get_by_role("button", name="Earlier conversations").click()


@pytest.mark.parametrize("view", ["desktop light", "phone dark"])
def test_a_conversation_outlives_a_reload(opened, view):
    page = opened(view)
    ask(page, "Who kept the light from 1901?")
    ask(page, "When was the harbour dug?")
    fold(page)
    expect(page.locator(LIST)).to_contain_text(["2 questions"])
    page.reload()
    page.locator("#pq-question textarea").wait_for()
    fold(page)
    page.locator(LIST).get_by_role("button", name="Who kept the light from 1901?", exact=True).click()
    expect(page.locator("#pq-chat article")).to_have_count(2)
    expect(page.locator("#pq-chat")).to_contain_text("From earlier: the quote still stands in the text.")
    assert violations(page) == []
    page.locator("#pq-chat .pq-n").first.click()
    expect(page.locator("#pq-source mark.pq-current").first).to_be_visible()
    page.get_by_label("Find by words").fill("zebra")
    expect(page.locator("#pq-kept-list")).to_contain_text("No conversation holds these words.")
    page.get_by_label("Find by words").fill("anna harbour")
    expect(page.locator(LIST)).to_have_count(1)
    page.once("dialog", lambda dialog: dialog.accept("The keepers"))
    page.get_by_role("button", name="Rename").click()
    expect(page.locator(LIST)).to_contain_text(["The keepers"])
    fold(page)
    ask(page, "What is the fee of the Cutter boat?")
    fold(page)
    expect(page.locator(LIST)).to_contain_text(["The keepers3 questions"])
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete The keepers").click()
    expect(page.locator("#pq-kept-list")).to_contain_text("No conversation holds these words.")
    page.get_by_label("Find by words").fill("")
    expect(page.locator("#pq-kept-list")).to_contain_text("None yet.")


def test_a_new_conversation_is_kept_apart(opened):
    page = opened()
    ask(page, "Who kept the light from 1901?")
    page.get_by_text("Settings and export").click()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#pq-chat article")).to_have_count(0)
    ask(page, "When was the harbour dug?")
    fold(page)
    titles = ["When was the harbour dug?1 question", "Who kept the light from 1901?1 question"]
    expect(page.locator(LIST)).to_contain_text(titles)
