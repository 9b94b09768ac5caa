"""Greetings and thanks get a fixed reply; questions do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from partnership_qa.answering.outcome import NoAnswer, Reason
from partnership_qa.chunking import Passage
from partnership_qa.question.smalltalk import is_small_talk, reply

if TYPE_CHECKING:
    from partnership_qa.qa import QA


@pytest.mark.parametrize(
    "message",
    ["Hello", "hi there!", "Good morning", "thanks a lot.", "OK, thank you", "Great, thanks!", "What can you do?",
     "help me", "bye", "What is this document about?", "What's this?", "who are you"],
)  # fmt: skip
def test_small_talk_is_told_by_the_whole_message(message: str) -> None:
    assert is_small_talk(message)


@pytest.mark.parametrize(
    "message",
    ["Hello Anna, who kept the light?", "Thanks, and in 1895?", "What is this lens made of?", "help desk hours?",
     "Who says hello?", "What can the keeper do?", "What is paraffin about 1893?", "",
     "Summary", "Summarise the rules of the quay", "Who wrote the summary of the text?"],
)  # fmt: skip
def test_a_question_is_no_small_talk(message: str) -> None:
    assert not is_small_talk(message)


@pytest.mark.parametrize("word", ["Fine", "help", "Perfect!", "cool", "nice", "great", "Understood?", "I see"])
def test_a_word_that_a_text_may_be_about_is_no_small_talk(word: str) -> None:
    assert not is_small_talk(word)


@pytest.mark.parametrize(
    "message",
    ["Summarise this", "summarize", "Please summarize the document.", "summary of this", "Give me a summary of it",
     "Can you write a summary?", "tl;dr", "TLDR?", "Summarize everything, please"],
)  # fmt: skip
def test_who_wants_a_summary_is_told_that_there_is_none(message: str) -> None:
    assert is_small_talk(message)
    assert reply([], message) == "No summary is written here. " + reply([])


def passage(document: str, *section: str) -> Passage:
    return Passage(document, 0, 5, "Words", section, 1, ())


def test_the_reply_names_each_heading_once_and_passes_over_those_that_say_nothing() -> None:
    headings = ["Fees", "12.4", "A", "II", "5 March 2021", "2021-03-05", "May 2022", "notes_final.docx", "Fees", "规则"]
    assert reply([passage("a.md", "Harbour", heading) for heading in headings]).endswith(" It is about: Fees; 规则.")


def test_of_several_texts_the_reply_names_the_first_heading_that_says_something() -> None:
    passages = [passage("a.md", "1"), passage("a.md", "Fees"), passage("b.md", "3/4/2021"), passage("c.md", "Fees")]
    assert reply(passages).endswith(" It is about: Fees; b.md.")


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


def test_a_greeting_names_headings_without_markdowns_signs() -> None:
    passages = [passage("book.md", "The **Harbour** `book`"), passage("init.txt", "About __init__")]
    assert "It is about: The Harbour book; About __init__." in reply(passages)
