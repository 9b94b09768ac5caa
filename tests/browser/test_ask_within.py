"""Asking within chosen documents, in a browser: with the mouse and with the keyboard, on a desktop and on a phone."""

from __future__ import annotations

import pytest
from browser_steps import ask
from playwright.sync_api import expect
from test_access import violations

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(asked_address):
    return asked_address


def chips(page):
    return page.locator("#pq-within .pq-chips bdi")


def box(page, name):
    return page.get_by_role("checkbox", name=name)


@pytest.mark.parametrize("view", ["desktop light", "phone dark"])
def test_documents_are_chosen_asked_and_let_go(opened, view):
    page = opened(view)
    page.get_by_role("button", name="Ask within").click()
    box(page, "letters/").check()
    expect(chips(page)).to_have_text(["letters/"])
    box(page, "harbour.md").check()
    expect(chips(page)).to_have_text(["letters/", "harbour.md"])
    assert violations(page) == []
    card = ask(page, "Who kept the light from 1901 as the first keeper?")
    expect(card).to_contain_text("Searched only within the documents chosen")
    expect(page.locator("#pq-tree")).to_be_hidden()
    expect(page.locator(".pq-asked-of")).to_have_text("within letters/, harbour.md")
    page.get_by_role("button", name="Take letters/ out").click()
    expect(chips(page)).to_have_text(["harbour.md"])
    page.get_by_role("button", name="Ask within").click()
    expect(box(page, "letters/")).not_to_be_checked()
    expect(box(page, "harbour.md")).to_be_checked()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#pq-within")).to_contain_text("all 3 documents")
    expect(ask(page, "Who kept the light from 1901?")).to_contain_text("Anna Berg")


def test_a_folder_is_ticked_when_all_in_it_is(opened):
    page = opened()
    page.get_by_role("button", name="Ask within").click()
    page.get_by_role("button", name="Show what is in letters/").click()
    box(page, "june.txt").check()
    expect(box(page, "letters/")).to_be_checked()
    expect(chips(page)).to_have_text(["letters/"])
    box(page, "june.txt").uncheck()
    expect(box(page, "letters/")).not_to_be_checked()
    expect(page.locator("#pq-within")).to_contain_text("all 3 documents")


def test_the_tree_is_searched_and_takes_patterns_by_the_keyboard_alone(opened):
    page = opened()
    page.get_by_role("button", name="Ask within").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("june")
    expect(box(page, "june.txt")).to_be_visible()
    expect(box(page, "ledger.txt")).to_be_hidden()
    page.keyboard.press("Control+A")
    page.keyboard.type("*.txt")
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_text(["*.txt"])
    expect(page.locator("#pq-within")).to_contain_text("2 of 3 documents")
    page.keyboard.type("*.nope")
    page.keyboard.press("Enter")
    expect(page.locator("#pq-within [role=status]")).to_contain_text("“*.nope”")
    expect(chips(page)).to_have_text(["*.txt"])
    page.keyboard.press("Escape")
    expect(page.locator("#pq-tree")).to_be_hidden()
    expect(page.get_by_role("button", name="Ask within")).to_be_focused()


def test_a_new_conversation_asks_all_again(opened):
    page = opened()
    page.get_by_role("button", name="Ask within").click()
    box(page, "letters/").check()
    expect(chips(page)).to_have_text(["letters/"])
    ask(page, "Who kept the light from 1901?")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#pq-within")).to_contain_text("all 3 documents")
    page.get_by_role("button", name="Ask within").click()
    expect(box(page, "letters/")).not_to_be_checked()
