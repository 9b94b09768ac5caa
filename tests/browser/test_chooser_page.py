"""The chooser of a collection, in a browser."""

from __future__ import annotations

import pytest
from browser_steps import ask, tab
from fakes import FakeEncoder
from playwright.sync_api import expect
from serving import serving
from test_access import violations

from partnership_qa.home import build_index

pytestmark = pytest.mark.browser

# What the head said while nothing could be asked.
WATCH = """() => {
    const ask = document.querySelector('#pq-ask');
    new MutationObserver(() => {
        if (ask.inert) setTimeout(() => { window.wasOpening = document.querySelector('.pq-opening').textContent; });
    }).observe(ask, {attributes: true});
}"""


@pytest.fixture(scope="module")
def address(folder):
    """The page over an index that stands alone, with two collections beside it."""
    home = folder / "data" / "partnership_qa"  # of the data folder that `serving` names
    for name, text in (("mail", "The buoy of Kemi was painted by Nils Ek."), ("tides", "The tide turns at noon.")):
        (folder / name).mkdir()
        (folder / name / "note.txt").write_text(f"{text}\n", encoding="utf-8")
        build_index(folder / name, collection=name, home=home, encoder=FakeEncoder())
    with serving(folder) as found:
        yield found


@pytest.mark.parametrize("view", ["desktop light", "phone dark"])
def test_another_collection_answers_and_a_new_conversation_begins(opened, view):
    page = opened(view)
    expect(ask(page, "Who painted the buoy of Kemi?")).to_contain_text("Not in the text")
    page.evaluate(WATCH)
    page.get_by_label("Collection", exact=True).click()
    page.get_by_role("option", name="mail").click()
    expect(page.locator("#pq-chat article")).to_have_count(0)
    page.wait_for_function("!document.querySelector('#pq-ask').inert")
    assert page.evaluate("window.wasOpening") == "Opening mail …", "nothing could be asked of the old one meanwhile"
    expect(page.locator("#pq-head")).to_contain_text("1 document")
    expect(page.locator("#pq-within")).to_contain_text("the one document")
    assert violations(page) == []
    expect(ask(page, "Who painted the buoy of Kemi?")).to_contain_text("Nils Ek")
    page.get_by_role("button", name="Earlier conversations").click()
    expect(page.locator("#pq-kept-list li").first).to_contain_text("Who painted the buoy of Kemi?")
    tab(page, "Documents")
    expect(page.locator("#pq-documents-html")).to_contain_text("mail/note.txt")
    page.reload()
    expect(page.get_by_label("Collection", exact=True)).to_have_value("mail")
    page.get_by_label("Collection", exact=True).click()
    page.get_by_role("option", name="This index alone").click()
    expect(page.locator("#pq-head")).to_contain_text("3 documents")


def test_another_page_keeps_its_own_collection_and_an_address_chooses_one(opened):
    page, other = opened(), opened(query="?collection=tides")
    expect(other.get_by_label("Collection", exact=True)).to_have_value("tides")
    expect(other.locator("#pq-head")).to_contain_text("1 document")
    page.get_by_label("Collection", exact=True).click()
    page.get_by_role("option", name="mail").click()
    expect(page.locator("#pq-head")).to_contain_text("1 document")
    expect(ask(other, "When does the tide turn?")).to_contain_text("turns at noon")
    expect(ask(page, "Who painted the buoy of Kemi?")).to_contain_text("Nils Ek")
    expect(ask(other, "Who painted the buoy of Kemi?")).to_contain_text("Not in the text")
    assert "collection=mail" in page.url
    # Each page is told of a change to what it answers from, and of no other.
    tab(page, "Documents")
    page.get_by_label("Or paste a text").fill("The heron nests on the mast.")
    page.get_by_role("button", name="Build the index").click()
    expect(page.locator("#pq-report")).to_contain_text("Added")
    third = opened(query="?collection=mail")
    expect(third.locator("#pq-head")).to_contain_text("2 documents")
    third.evaluate("document.querySelector('.pq-head').dataset.generation = 'gen-0'")
    for one, stale in ((third, True), (other, False)):
        with one.expect_response(lambda reply: "pq-now" in reply.url):
            one.evaluate("window.dispatchEvent(new Event('focus'))")
        expect(one.locator(".pq-stale")).to_be_visible(visible=stale)
