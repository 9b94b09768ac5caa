"""What a first-time user runs into: editing, asking again, addresses, other tabs, a phone, Markdown."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from browser_steps import ask, tab
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
DUG, LENS, FEE = "When was the harbour dug?", "When did the new lens arrive?", "What is the fee of the Cutter boat?"


@pytest.fixture(scope="module")
def address(added_address):
    return added_address


def questions(page):
    return page.locator("#pq-chat .pq-question")


def test_an_edit_is_given_up_and_nothing_has_changed(opened):
    page = opened()
    ask(page, DUG)
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_text("You are editing a question.")).to_be_visible()
    page.get_by_role("button", name="Keep it as it was").click()
    expect(page.locator(".pq-edits")).to_be_hidden()
    expect(page.locator("#pq-question textarea")).to_have_value("")
    ask(page, LENS)
    expect(questions(page)).to_have_text([DUG, LENS])


def test_an_earlier_question_is_edited_and_asked_last(opened):
    page = opened()
    ask(page, DUG)
    ask(page, LENS)
    page.get_by_role("button", name="Edit").first.click()
    ask(page, FEE)
    expect(questions(page)).to_have_text([DUG, LENS, FEE])


def test_an_earlier_question_is_asked_again(opened):
    page = opened()
    ask(page, DUG)
    ask(page, LENS)
    page.get_by_role("button", name="Ask again").first.click()
    expect(questions(page)).to_have_text([DUG, LENS, DUG])
    expect(page.locator("#pq-chat .pq-answered")).to_have_count(3)


PRESSED = """async () => {
    const box = document.querySelector("#pq-chat [role=log]");
    document.dispatchEvent(new PointerEvent("pointerdown"));
    box.scrollTop = 0;
    box.append(document.createElement("i"));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return [box.scrollTop, box.scrollHeight > box.clientHeight];
}"""


def test_what_is_pressed_does_not_move_away_though_an_answer_has_just_come(opened):
    page = opened()
    ask(page, DUG)
    ask(page, LENS)
    assert page.evaluate(PRESSED) == [0, True]


def test_the_address_carries_the_last_question_until_a_new_conversation_begins(opened):
    page = opened()
    expect(page.get_by_role("button", name="New conversation")).to_be_hidden()
    ask(page, DUG)
    expect(page).to_have_url(re.compile(r"\?q=When"))
    assert parse_qs(urlsplit(page.url).query) == {"q": [DUG]}
    page.get_by_role("button", name="New conversation").click()
    expect(questions(page)).to_have_count(0)
    expect(page).not_to_have_url(re.compile("q="))


def test_another_tab_sees_that_the_texts_have_changed(opened):
    one, other = opened(), opened()
    expect(other.locator(".pq-stale")).to_be_hidden()
    tab(one, "Documents")
    text = "# Ebb\n\nThe notice for a berth is **30 days**, as [the rules](https://a.b) say.\n"
    one.get_by_label("Or paste a text").fill(text)
    one.get_by_label("Its name (optional)").fill("ebb.md")
    one.locator("#pq-build").click()
    expect(one.locator("#pq-report")).to_contain_text("The index is ready")
    other.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(other.locator(".pq-stale")).to_contain_text("The texts have changed since this page was opened.")
    other.get_by_role("button", name="Load them").click()
    expect(other.locator(".pq-status")).to_have_text(one.locator(".pq-status").text_content())
    expect(other.locator(".pq-stale")).to_be_hidden()


def test_a_quote_of_markdown_is_read_as_it_is_meant(opened):
    page = opened()
    card = ask(page, "What is the notice for a berth?")
    quote = card.locator("blockquote").first
    expect(quote).to_have_text("The notice for a berth is 30 days, as the rules say.")
    expect(quote.locator("strong").first).to_be_visible()
    assert page.locator("#pq-source a, .pq-card blockquote a").count() == 0
    # What is copied says what the card says; the signs stay in the quote of the saved JSON.
    copied = card.locator("[data-md]").get_attribute("data-md")
    assert "> The notice for a berth is 30 days, as the rules say." in copied


def test_why_is_closed_and_a_phone_goes_back_to_the_answer(opened):
    page = opened("phone light")
    card = ask(page, DUG)
    card.locator(".pq-n").first.click()
    page.wait_for_timeout(300)
    back = page.get_by_role("button", name="Back to the conversation")
    expect(back).to_be_in_viewport()
    back.click()
    expect(card).to_be_in_viewport()
    card.get_by_role("link", name="Why").click()
    close = page.get_by_role("button", name="Close how this came about")
    expect(close).to_be_in_viewport()
    assert page.locator(".pq-why").evaluate("e => e.scrollWidth <= e.clientWidth")
    tables = page.locator(".pq-why .pq-table")
    fits = [tables.nth(n).evaluate("e => e.scrollWidth - e.clientWidth") for n in range(tables.count())]
    assert fits == [0, 0]
    close.click()
    expect(page.locator("#pq-source .pq-source")).to_have_count(1)
    expect(card).to_be_in_viewport()


def test_a_phone_has_the_field_for_texts_first(opened):
    page = opened("phone light")
    tab(page, "Documents")
    expect(page.get_by_role("heading", name="Add texts")).to_be_in_viewport()


def test_a_question_that_is_too_long_is_refused_in_words_and_stays_in_its_box(opened):
    page = opened()
    words = "When was the harbour dug? " * 90
    card = ask(page, words)
    expect(card).to_contain_text("The question has 2,339 characters; at most 2,000 are read.")
    expect(page.locator("#pq-question textarea")).to_have_value(words)


def test_a_judgement_that_cannot_be_kept_says_so(opened):
    page = opened()
    card = ask(page, DUG)
    tab(page, "Documents")
    page.get_by_label("Or paste a text").fill("# Flood\n\nThe flood comes at six.\n")
    page.get_by_label("Its name (optional)").fill("tide.md")  # below the others, so that no line of a list moves
    page.locator("#pq-build").click()
    expect(page.locator("#pq-report")).to_contain_text("The index is ready")
    tab(page, "Ask")
    card.get_by_role("button", name="Right").click()
    expect(page.get_by_text("This could not be kept.")).to_be_visible()


def test_before_the_first_question_every_document_can_be_read_beside_it(opened):
    page = opened()
    panel = page.locator("#pq-source")
    # No place is clicked at: the list moves where another test has just added a text.
    panel.get_by_text("harbour.md", exact=True).dispatch_event("click")
    expect(panel.locator("h2")).to_have_text("harbour.md")
    expect(panel.locator(".pq-text")).to_contain_text("The harbour")


def test_a_new_conversation_shows_the_documents_again(opened):
    page = opened()
    ask(page, LENS)
    expect(page.locator("#pq-source h2")).to_have_text("letters/june.txt")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#pq-source h2")).to_have_text("What can be asked")


def test_the_button_that_builds_is_seen_with_the_field_for_files(opened):
    page = opened()
    tab(page, "Documents")
    button = page.locator("#pq-build")
    expect(button).to_be_in_viewport(ratio=1)
    expect(page.locator("#pq-files")).to_be_in_viewport(ratio=1)
    page.get_by_text("Which files, how many").click()
    expect(page.locator("#pq-documents")).to_contain_text(".docx")


@pytest.mark.parametrize("table", ["Documents", "Versions"])
def test_a_phone_shows_tables_whole_and_in_lines(opened, table):
    page = opened("phone light")
    tab(page, "Documents")
    region = page.get_by_role("region", name=table, exact=True)
    region.scroll_into_view_if_needed()
    assert region.evaluate("e => e.scrollWidth <= e.clientWidth")
    rows = region.locator("tbody tr")
    assert max(row.bounding_box()["height"] for row in rows.all()) < 60


def test_a_phone_reads_the_passages_of_why_in_lines_of_several_words(opened):
    page = opened("phone dark")
    card = ask(page, "Who kept the light from 1901?")
    card.get_by_text("Why", exact=True).click()
    region = page.get_by_role("region", name="Passages found")
    region.scroll_into_view_if_needed()
    assert region.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert region.locator("tbody td").nth(1).bounding_box()["width"] > 180


@pytest.mark.parametrize("view", ["desktop light", "phone dark"])
def test_the_first_screen_holds_questions_texts_and_the_box_and_no_large_gap(opened, view):
    page = opened(view)
    parts = (".pq-title", ".pq-such", "#pq-examples", "#pq-within", "#pq-question", "#pq-more")
    places = [page.locator(one).first.bounding_box() for one in parts]
    window = page.viewport_size["height"]
    assert places[-1]["y"] + places[-1]["height"] <= window, "all is in reach"
    edges = [page.locator("#pq-ask").bounding_box()["y"]]
    for place in places:
        assert place["y"] - edges[-1] < window / 6
        edges.append(place["y"] + place["height"])
    texts = page.locator("#pq-source .pq-first")
    if view.startswith("phone"):
        page.get_by_role("link", name="See what can be asked").click()
    expect(texts).to_be_in_viewport()
    expect(texts).to_contain_text("Harbour of Väsby")
