"""Greetings and thanks get a fixed reply; questions do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from partnership_qa.answering.outcome import NoAnswer, Reason
from partnership_qa.question.smalltalk import is_small_talk

if TYPE_CHECKING:
    from partnership_qa.qa import QA


@pytest.mark.parametrize(
    "message",
    ["Hello", "hi there!", "Good morning", "thanks a lot.", "OK, thank you", "What can you do?", "help", "bye",
     "What is this document about?", "What's this?", "who are you"],
)  # fmt: skip
def test_small_talk_is_told_by_the_whole_message(message: str) -> None:
    assert is_small_talk(message)


@pytest.mark.parametrize(
    "message",
    ["Hello Anna, who kept the light?", "Thanks, and in 1895?", "What is this lens made of?", "help desk hours?",
     "Who says hello?", "What can the keeper do?", "What is paraffin about 1893?", ""],
)  # fmt: skip
def test_a_question_is_no_small_talk(message: str) -> None:
    assert not is_small_talk(message)


def test_the_reply_says_what_the_text_is_about_and_quotes_nothing(qa: QA) -> None:
    result = qa.answer("Hello!")
    assert isinstance(result, NoAnswer)
    assert result.reason is Reason.NO_QUESTION
    assert result.text.startswith("Ask about the text: answers are its own words, with their place. It is about: ")
    headings = result.text.partition("It is about: ")[2].rstrip(".").split("; ")
    documents = {passage.document for passage in qa.index.passages}
    first = {p.document: p.section[0] for p in reversed(qa.index.passages) if p.section}
    assert headings == [first.get(name, name) for name in sorted(documents)]
    assert result.citations == ()
    assert result.nearest == ()
