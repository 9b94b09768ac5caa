"""Forty payloads in a corpus and in questions, in a real browser: nothing runs, nothing is fetched, all is text."""

from __future__ import annotations

import pytest
from browser_steps import ask, tab
from markup import PAYLOADS

pytestmark = pytest.mark.browser


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
    for n in range(0, len(PAYLOADS), 4):
        ask(page, f"What does the gnat of kind {n} say to the moth?")
    for payload in PAYLOADS:
        ask(page, payload)
    page.wait_for_timeout(500)
    shown = page.locator("#pq-chat").text_content()
    assert all(payload.replace("\u202e", "").strip() in shown for payload in PAYLOADS)
    assert page.evaluate("window.__ran") is None
    inside = page.locator(".pq-card, .pq-question, .pq-source, .pq-panel")
    assert (
        inside.locator("img:not([src^='data:']), script, iframe, style, form, video, audio, object, base").count() == 0
    )


def test_payloads_are_found_and_quoted_as_they_stand(opened):
    page = opened()
    card = ask(page, "What does the gnat of kind 2 say to the moth?")
    assert card.locator("blockquote img").count() == 0
    assert page.evaluate("window.__ran") is None
