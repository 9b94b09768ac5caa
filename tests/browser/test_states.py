"""What lies around an answer: waiting, stopping, asking again, editing, judging; with the mouse and by keyboard."""

from __future__ import annotations

import json
import re

import pytest
from browser_steps import ask, tab
from playwright.sync_api import TimeoutError as TooLate
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
LONG = "Does the keeper of the harbour linger?"


def begin(page, question):
    page.locator("#pq-question textarea").fill(question)
    page.keyboard.press("Enter")
    waiting = page.locator("#pq-chat .pq-waiting")
    try:
        waiting.wait_for(timeout=2_000)
    except TooLate:  # as in `ask`
        page.keyboard.press("Enter")
        waiting.wait_for()


def test_what_is_being_done_is_said_with_its_time(opened):
    page = opened()
    begin(page, LONG)
    waiting = page.locator("#pq-chat .pq-waiting")
    expect(waiting).to_contain_text("Reading the best ones")
    expect(waiting).to_contain_text(re.compile(r"Searched in \d+ ms"))
    expect(waiting.locator(".pq-clock")).to_have_text(re.compile(r"[1-9]\.\d s|0\.[1-9] s"))
    page.locator("#pq-chat article").wait_for()
    expect(waiting).to_have_count(0)
    expect(page.locator("#pq-question").get_by_text("Ask", exact=True)).to_be_visible()


def test_a_question_is_stopped_by_button_or_key_and_goes_back_into_its_box(opened):
    page = opened()
    ask(page, "When was the harbour dug?")
    for stop in (page.locator("#pq-question").get_by_text("Stop").click, lambda: page.keyboard.press("Escape")):
        begin(page, LONG)
        expect(page.locator("#pq-question textarea")).to_have_value("")
        stop()
        expect(page.locator("#pq-question textarea")).to_have_value(LONG)
        expect(page.locator("#pq-chat .pq-question")).to_have_text(["When was the harbour dug?"])
    page.wait_for_timeout(2500)  # the reader has come to its end meanwhile
    expect(page.locator("#pq-chat .pq-card")).to_have_count(1)
    expect(ask(page, "When did the new lens arrive?").locator(".pq-answer").first).to_contain_text("Tuesday")


def test_the_last_question_is_asked_on_its_own(opened):
    page = opened()
    ask(page, "What is the fee of the Dinghy boat?")
    card = ask(page, "And of the Cutter?")
    expect(card.get_by_text("Understood as")).to_be_visible()
    card.get_by_role("button", name="Ask it on its own").click()
    expect(page.get_by_text("Understood as")).to_have_count(0)
    expect(page.locator("#pq-chat .pq-question")).to_have_text(
        ["What is the fee of the Dinghy boat?", "And of the Cutter?"]
    )


def test_the_last_question_is_asked_again_in_its_place(opened):
    page = opened()
    ask(page, "When did the new lens arrive?")
    ask(page, "When was the harbour dug?")
    page.get_by_role("button", name="Ask again").last.click()
    expect(page.locator("#pq-chat .pq-waiting")).to_have_count(0)
    expect(page.locator("#pq-chat article")).to_have_count(2)
    expect(page.locator("#pq-chat .pq-question")).to_have_text(
        ["When did the new lens arrive?", "When was the harbour dug?"]
    )


def test_a_question_that_is_edited_stays_until_the_new_one_is_asked(opened):
    page = opened()
    ask(page, "When was the harbour dug?")
    # A moment after the card comes the box is emptied and takes words again.
    expect(page.locator("#pq-chat [data-edit]")).to_be_visible()
    expect(page.locator("#pq-question textarea")).to_have_value("")
    expect(page.locator("#pq-question textarea")).to_be_enabled()
    page.locator("#pq-question textarea").press("ArrowUp")
    expect(page.locator("#pq-question textarea")).to_have_value("When was the harbour dug?")
    page.get_by_role("button", name="Keep it as it was").click()
    page.get_by_role("button", name="Edit").click()
    box = page.locator("#pq-question textarea")
    expect(box).to_have_value("When was the harbour dug?")
    expect(box).to_be_focused()
    expect(page.locator("#pq-chat .pq-answered")).to_have_count(1)
    box.fill("When did the new lens arrive?")
    page.keyboard.press("Enter")
    expect(page.locator("#pq-chat .pq-question")).to_have_text(["When did the new lens arrive?"])
    expect(page.locator("#pq-chat .pq-answered")).to_contain_text("Tuesday")
    expect(page.locator(".pq-edits")).to_be_hidden()


def test_an_answer_is_judged_with_a_note_by_keyboard_alone(opened, folder):
    page = opened()
    ask(page, "What is the fee of the Dinghy boat?")
    page.get_by_role("button", name="Wrong").focus()
    page.keyboard.press("Enter")
    pressed = page.locator(".pq-thumb[aria-pressed=true]")
    expect(pressed).to_have_attribute("aria-label", "Wrong")
    expect(pressed).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("three kronor")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Change note")).to_be_visible()
    expect(page.get_by_label("What would be right? (optional)")).to_be_focused()
    (file,) = (folder / "data").rglob("labels/*.json")
    (kept,) = json.loads(file.read_text("utf-8"))["rejected"]
    assert (kept["question"], kept["note"]) == ("What is the fee of the Dinghy boat?", "three kronor")
    page.get_by_role("button", name="Wrong").click()
    expect(pressed).to_have_count(0)
    assert json.loads(file.read_text("utf-8"))["rejected"] == []


def test_a_judgement_stays_with_its_card_when_the_talk_goes_on(opened):
    page = opened()
    card = ask(page, "When was the harbour dug?")
    card.get_by_role("button", name="Right").click()
    expect(card.get_by_text("Kept on this machine")).to_be_visible()
    ask(page, "Who painted the Mona Lisa?")
    expect(page.locator("#pq-chat article").first.locator("[data-rate='0:up']")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_no_hidden_field_is_a_stop_of_the_tab_key(opened):
    page = opened()
    ask(page, "When was the harbour dug?")
    page.locator("h1").click()
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.closest('[id]')?.id"))
    assert not seen & {"pq-pick", "pq-rate", "pq-again", "pq-alone", "pq-edited"}
    assert "pq-question" in seen


def test_the_page_stands_still_while_an_answer_comes(opened):
    page = opened()
    measure = """['#pq-head', '#pq-question', '#pq-source'].map(one => {
        const box = document.querySelector(one).getBoundingClientRect();
        return [box.left, box.top, box.width, box.height];
    })"""
    before = page.evaluate(measure)
    begin(page, LONG)
    waiting = page.evaluate(measure)
    page.locator("#pq-chat article").wait_for()
    assert before == waiting == page.evaluate(measure)


def test_a_folder_of_texts_is_added(opened, tmp_path):
    page = opened()
    texts = tmp_path / "texts"
    (texts / "deep").mkdir(parents=True)
    (texts / "gulls.md").write_text("# Gulls\n\nThe gulls of Kemi sleep on the chimney.\n")
    (texts / "deep" / "seals.txt").write_text("The seals of Kemi sleep on the ice.\n")
    (texts / "picture.png").write_bytes(b"\x89PNG")
    tab(page, "Documents")
    page.locator("#pq-folder input[type=file]").set_input_files(texts)
    expect(page.locator("#pq-folder")).to_contain_text("gulls")
    page.locator("#pq-build").click()
    expect(page.locator("#pq-report")).to_contain_text("The index is ready")
    expect(page.locator("#pq-report")).to_contain_text("seals.txt")
    tab(page, "Ask")
    card = ask(page, "Where do the seals of Kemi sleep?")
    expect(card.locator(".pq-addr").first).to_contain_text("seals.txt, line 1")


def under(page, report, button):
    """Whether a report stands right below a button, and is to be seen."""
    told, pressed = page.locator(report).bounding_box(), button.bounding_box()
    height = page.evaluate("window.innerHeight")
    return told["y"] >= pressed["y"] + pressed["height"] and told["y"] - pressed["y"] < 120 and told["y"] < height


def test_what_came_of_it_is_told_below_the_button_that_was_pressed(opened):
    page = opened("phone light")
    tab(page, "Documents")
    remove = page.get_by_role("button", name="Remove it")
    remove.click()
    expect(page.locator("#pq-removed")).to_contain_text("Choose a document first.")
    assert under(page, "#pq-removed", remove)
    build = page.get_by_role("button", name="Build the index")
    build.click()
    expect(page.locator("#pq-report")).to_contain_text("Give a file or paste a text first.")
    expect(page.locator("#pq-removed")).to_have_text("")
    assert under(page, "#pq-report", build)


def test_texts_are_replaced_only_after_a_question(opened):
    page = opened()
    tab(page, "Documents")
    page.get_by_label("Or paste a text").fill("The magpie of Kiruna collects spoons.")
    page.get_by_label("Its name (optional)").fill("magpie.txt")
    page.get_by_label("Replace what is there").check()
    page.locator("#pq-build").click()
    expect(page.locator("#pq-replace")).to_contain_text("harbour.md")
    expect(page.locator("#pq-replace")).to_contain_text("documents that are indexed now?")
    before = page.locator(".pq-status").text_content()  # by now that of the index in use, whoever built it
    page.get_by_role("button", name="Keep them").click()
    expect(page.locator("#pq-replace")).to_be_hidden()
    expect(page.locator(".pq-status")).to_have_text(before)
    expect(page.get_by_label("Or paste a text")).to_have_value("The magpie of Kiruna collects spoons.")
    page.locator("#pq-build").click()
    page.get_by_role("button", name="Replace them").click()
    expect(page.locator("#pq-report")).to_contain_text("The index is ready")
    expect(page.locator(".pq-status")).to_contain_text("1 document ·")
    page.get_by_role("button", name="Go back to the version before").click()
    expect(page.locator("#pq-back")).to_contain_text("The version before answers now")
    expect(page.locator(".pq-status")).to_have_text(before)
