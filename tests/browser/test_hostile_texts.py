"""Forty payloads in a corpus and in questions, in a real browser: nothing runs, nothing is fetched, all is text."""

from __future__ import annotations

import pytest
from browser_steps import ask, tab
from markup import PAYLOADS

pytestmark = pytest.mark.browser


BATCH = 4  # payloads of a question


@pytest.fixture(scope="module")
def address(added_address):
    return added_address


def test_payloads_in_a_corpus_and_in_questions_stay_text(opened):
    """`opened` fails at its end if anything was asked of another host."""
    page = opened()
    tab(page, "Documents")
    text = "\n\n".join(f"# Heading {n} {payload}\n\nThe gnat of kind {n} says {payload} to the moth.\n\n"
                       f"| Gnat | Word {n} |\n|---|---|\n| gnat {n} | {payload.replace('|', '')} |"
                       for n, payload in enumerate(PAYLOADS))  # fmt: skip
    page.get_by_label("Or paste a text").fill(text)
    page.get_by_label("Its name (optional)").fill("<img src=x onerror=window.__ran=1>.md")
    page.locator("#pq-build").click()
    page.locator("#pq-report .pq-report").wait_for(timeout=30_000)
    tab(page, "Ask")
    card = ask(page, "What does the gnat of kind 2 say to the moth?")
    assert card.locator("blockquote").count() > 0
    ask(page, f"What does the gnat of kind {len(PAYLOADS) - 1} say to the moth?")
    page.locator("#pq-chat .pq-n").last.click()
    source = page.locator("#pq-source").text_content()  # all of the document, or the part around the quote
    assert "The gnat of kind" in source
    for n in range(0, len(PAYLOADS), BATCH):
        ask(page, "  ".join(PAYLOADS[n : n + BATCH]))
    shown = page.locator("#pq-chat").text_content()
    assert all(payload.replace("\u202e", "").strip() in shown for payload in PAYLOADS)
    page.wait_for_timeout(500)
    assert page.evaluate("window.__ran") is None
    inside = page.locator(".pq-card, .pq-question, .pq-source, .pq-panel")
    assert (
        inside.locator("img:not([src^='data:']), script, iframe, style, form, video, audio, object, base").count() == 0
    )
