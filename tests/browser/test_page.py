"""What a visitor does: ask, look at the source, follow up, be declined, add a text, take it away, save."""

from __future__ import annotations

import json
import re

import pytest
from browser_steps import ask, tab
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def in_view(page, mark):
    """Whether a mark is to be seen: inside its box, and the box inside the window."""
    return mark.evaluate("""mark => {
        const m = mark.getBoundingClientRect(), b = mark.closest('.pq-text').getBoundingClientRect();
        return m.top >= b.top - 1 && m.bottom <= b.bottom + 1 && m.top >= 0 && m.top < window.innerHeight;
    }""")


@pytest.mark.parametrize("view", ["desktop light", "phone dark"])
def test_a_question_gets_a_cited_card_beside_its_source(opened, view):
    page = opened(view)
    card = ask(page, "When was the harbour dug?")
    expect(card.locator(".pq-answer").first).to_contain_text("1874")
    expect(card.locator(".pq-addr")).to_contain_text("harbour.md, line 3")
    expect(card.locator("mark.pq-answer").first).to_be_visible()
    card.locator(".pq-n").first.click()
    mark = page.locator("#cite-0-1")
    expect(mark).to_have_class(re.compile("pq-current"))
    page.wait_for_timeout(200)
    assert in_view(page, mark)
    assert "1874" in page.locator("#pq-source mark.pq-quote").first.text_content()


def test_a_citation_of_an_earlier_answer_brings_its_document_back(opened):
    page = opened()
    first = ask(page, "When was the harbour dug?")
    ask(page, "When did the new lens arrive?")
    expect(page.locator("#pq-source h2")).to_have_text("letters/june.txt")
    first.locator(".pq-n").first.click()
    expect(page.locator("#pq-source h2")).to_have_text("harbour.md")
    expect(page.locator("#cite-0-1")).to_be_focused()


def test_a_list_is_a_list_and_a_table_answers_with_its_row(opened):
    page = opened()
    card = ask(page, "What three things are forbidden on the quay?")
    assert card.locator(".pq-items li").all_text_contents() == [
        "Lighting a fire. 1", "Selling fish after noon. 2", "Mooring without a lantern. 3",
    ]  # fmt: skip
    card = ask(page, "What is the fee of the Cutter boat?")
    assert card.locator("th").all_text_contents() == ["Boat", "Fee", "Berth"]
    assert card.locator("td").all_text_contents() == ["Cutter", "12", "South"]


def test_a_question_beside_the_text_is_declined_with_reasons(opened):
    page = opened()
    card = ask(page, "Who painted the Mona Lisa?")
    expect(card.locator(".pq-title")).to_have_text("Not in the text")
    assert card.locator(".pq-chips li").all_text_contents() == ["painted", "Mona", "Lisa"]
    card.locator(".pq-nearest a").last.click()
    expect(page.locator("#pq-source mark.pq-current").first).to_be_visible()


def test_where_no_answer_is_sure_the_closest_passages_are_shown_and_open_in_their_source(opened):
    page = opened()
    card = ask(page, "Was paraffin oil sold in the harbour?")
    expect(card).to_have_class(re.compile("pq-doubtful"))
    expect(card.locator(".pq-title")).to_have_text("The closest passages")
    assert card.locator(".pq-nearest").count() == 0
    colours = [element.evaluate("e => getComputedStyle(e).backgroundColor") for element in
               (card.locator("mark.pq-candidate").first, card)]  # fmt: skip
    assert len({*colours, "rgba(0, 0, 0, 0)"}) == 3
    card.locator(".pq-quotes .pq-addr").last.click()
    mark = page.locator("#cite-0-cand2")
    expect(mark).to_be_focused()
    expect(mark).to_have_class(re.compile("pq-candidate.*pq-current"))


def test_the_sentence_before_a_quote_is_shown_in_grey(opened):
    card = ask(opened(), "What did the new lens weigh and cost in kronor?")
    context = card.locator(".pq-context")
    expect(context).to_have_text("Dear Olof, the new lens arrived on Tuesday.")
    assert context.locator("mark").count() == 0
    assert context.evaluate("e => getComputedStyle(e).color") == "rgb(82, 96, 109)"


def test_a_follow_up_shows_how_it_was_understood(opened):
    page = opened()
    ask(page, "What is the fee of the Dinghy boat?")
    card = ask(page, "And of the Cutter?")
    expect(card.locator(".pq-understood")).to_contain_text("Cutter")


def test_an_empty_question_is_not_asked(opened):
    page = opened()
    page.locator("#pq-question textarea").fill("   ")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Type a question first.")).to_be_visible()
    assert page.locator("#pq-chat .pq-card").count() == 0


def test_a_failure_is_said_without_its_inside(opened):
    page = opened()
    card = ask(page, "Does the harbour explode?")
    expect(card).to_have_class(re.compile("pq-error"))
    assert "secret" not in page.content()
    expect(ask(page, "When was the harbour dug?").locator(".pq-answer").first).to_contain_text("1874")


def test_an_example_is_asked_by_a_click(opened):
    page = opened()
    example = page.locator(".pq-example").first
    words = example.text_content()
    example.click()
    expect(page.locator("#pq-chat .pq-question")).to_have_text(words)
    expect(page.locator("#pq-chat .pq-answered")).to_be_visible()


def test_a_link_carries_a_question(opened):
    page = opened(query="?q=When+was+the+harbour+dug%3F")
    expect(page.locator("#pq-chat .pq-answered .pq-answer").first).to_contain_text("1874")
    page.reload()
    expect(page.locator("#pq-chat .pq-answered .pq-answer").first).to_contain_text("1874")


def test_a_text_is_uploaded_asked_about_and_taken_away(opened, tmp_path):
    page = opened()
    (tmp_path / "tides.md").write_text("# Tides\n\nThe tide at Vadso turns at noon.\n")
    assert ask(page, "When does the tide turn at Vadso?").locator(".pq-chips").count() == 1
    tab(page, "Documents")
    page.locator("#pq-files input[type=file]").set_input_files(tmp_path / "tides.md")
    expect(page.locator("#pq-files")).to_contain_text("tides")
    page.locator("#pq-build").click()
    expect(page.locator("#pq-report")).to_contain_text("The index is ready")
    expect(page.locator("#pq-report")).to_contain_text("tides.md")
    expect(page.locator("#pq-documents-html")).to_contain_text("tides.md")
    expect(page.locator(".pq-status")).to_contain_text("4 documents")
    tab(page, "Ask")
    card = ask(page, "When does the tide turn at Vadso?")
    expect(card.locator(".pq-addr")).to_contain_text("tides.md, line 3")
    tab(page, "Documents")
    page.locator("#pq-remove input").click()
    page.get_by_role("option", name="tides.md").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator(".pq-status")).to_contain_text("3 documents")
    tab(page, "Ask")
    expect(ask(page, "When does the tide turn at Vadso?").locator(".pq-title")).to_have_text("Not in the text")
    page.locator(".pq-answered").last.locator(".pq-n").first.click()
    expect(page.locator("#pq-source")).to_contain_text("has changed since this answer")


def test_a_text_is_pasted_and_its_progress_is_shown(opened):
    page = opened()
    tab(page, "Documents")
    page.get_by_label("Or paste a text").fill(
        "\n\n".join(f"# Part {n}\n\nThe slow heron {n} waits." for n in range(60))
    )
    page.get_by_label("Its name (optional)").fill("herons.md")
    page.locator("#pq-build").click()
    expect(page.get_by_text("Comparing meanings").first).to_be_visible()
    expect(page.locator("#pq-report")).to_contain_text("herons.md", timeout=30_000)


def test_what_cannot_be_indexed_is_said_with_its_reason(opened, tmp_path):
    page = opened()
    (tmp_path / "bad.txt").write_bytes(b"\x00\x01\x02")
    tab(page, "Documents")
    page.locator("#pq-files input[type=file]").set_input_files(tmp_path / "bad.txt")
    expect(page.locator("#pq-files")).to_contain_text("bad")
    page.locator("#pq-build").click()
    expect(page.locator("#pq-report")).to_contain_text("Left out")
    expect(page.locator("#pq-report")).to_contain_text("bad.txt")


def test_a_conversation_is_saved_in_each_of_its_forms(opened):
    page = opened()
    ask(page, "When was the harbour dug?")
    page.get_by_text("Settings and export").click()
    for kind, name in (("Markdown", "conversation.md"), ("JSON", "conversation.json"),
                       ("CSL-JSON", "quotes.csl.json"), ("BibTeX", "quotes.bib")):  # fmt: skip
        if kind != "Markdown":
            page.get_by_label("Save the conversation as").click()
            page.get_by_role("option", name=kind, exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save", exact=True).click()
        assert download.value.suggested_filename == name
        text = download.value.path().read_text("utf-8")
        assert "harbour was dug in 1874" in text
        if name.endswith("json"):
            assert json.loads(text)


def test_a_card_is_copied_as_markdown(opened):
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    card = ask(page, "When was the harbour dug?")
    card.get_by_text("Copy as Markdown").click()
    expect(card.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("**When was the harbour dug?**")


def test_a_conversation_is_begun_anew(opened):
    page = opened()
    ask(page, "When was the harbour dug?")
    page.get_by_text("Settings and export").click()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#pq-chat .pq-card")).to_have_count(0)
    expect(page.locator("#pq-source")).to_contain_text("What can be asked")


def test_the_colours_are_chosen_and_kept(opened):
    page = opened("desktop light")
    page.get_by_text("Settings and export").click()
    page.get_by_label("Dark").click()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    page.reload()
    expect(page.locator("body")).to_have_class(re.compile("dark"))


def test_the_page_is_used_by_keyboard_alone(opened):
    page = opened()
    expect(page.locator("#pq-question textarea")).to_be_focused()
    page.keyboard.type("When was the harbour dug?")
    page.keyboard.press("Enter")
    number = page.locator("#pq-chat .pq-n").first
    number.wait_for()
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        if number.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#cite-0-1")).to_be_focused()


def test_nothing_is_wider_than_the_window(opened):
    page = opened()
    ask(page, "What is the fee of the Cutter boat?")
    for name in ("Ask", "Documents", "About"):
        tab(page, name)
        for width in (360, 390, 768, 1024, 1600):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_timeout(100)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)


def test_why_shows_what_an_answer_rests_on(opened):
    page = opened()
    card = ask(page, "When was the harbour dug?")
    card.get_by_role("link", name="Why").click()
    panel = page.locator("#pq-source .pq-why")
    expect(panel).to_contain_text("Answered: confidence")
    expect(panel).to_contain_text("Read in them")
    assert panel.locator("table tbody tr").count() >= 3
    card.locator(".pq-n").first.click()
    expect(page.locator("#cite-0-1")).to_be_focused()


def test_the_search_bench_shows_ranked_passages_with_their_scores(opened):
    page = opened()
    tab(page, "Documents")
    page.get_by_label("Words or a question").fill("paraffin oil")
    page.keyboard.press("Enter")
    first = page.locator("#pq-found tbody tr").first
    expect(first).to_contain_text("ledger.txt")
    assert [float(cell) for cell in first.locator("td").all_text_contents()[2:]]


def test_a_build_is_gone_back_from(opened):
    page = opened()
    tab(page, "Documents")
    page.get_by_label("Or paste a text").fill("The magpie of Kiruna collects spoons.")
    page.get_by_label("Its name (optional)").fill("magpie.txt")
    page.locator("#pq-build").click()
    expect(page.locator("#pq-documents-html")).to_contain_text("magpie.txt")
    page.get_by_role("button", name="Go back to the version before").click()
    expect(page.locator("#pq-back")).to_contain_text("The version before answers now")
    expect(page.locator("#pq-report")).to_have_text("")
    expect(page.locator("#pq-documents-html")).not_to_contain_text("magpie.txt")
    tab(page, "Ask")
    expect(ask(page, "What does the magpie of Kiruna collect?").locator(".pq-title")).to_have_text("Not in the text")
