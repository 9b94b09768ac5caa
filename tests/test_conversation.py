"""Follow-ups: what is carried over, and what is left alone."""

from __future__ import annotations

import pytest

from partnership_qa.question.history import MAX_CONTEXT_CHARS, complete, lean_on, said_before


def completion(question: str, history: list[dict[str, object]]) -> str:
    completed = complete(question, history)
    assert completed is not None
    return completed.text


def talk(*turns: str) -> list[dict[str, object]]:
    return [{"role": "assistant" if n % 2 else "user", "content": text} for n, text in enumerate(turns)]


@pytest.mark.parametrize(
    ("before", "reply", "question", "completed"),
    [
        ("How much oil was burnt in 1890?", "40 barrels", "And in 1895?", "How much oil was burnt in 1895?"),
        ("What did the lens do for Olof?", "It came late.", "And for Anna?", "What did the lens do for Anna?"),
        ("What is the rule about fire?", "None.", "What about noon fish?", "What is the rule about noon fish?"),
        ("Who kept the light?", "Anna Berg", "When did she leave?", "When did Anna Berg leave?"),
        ("When was the Saxon Lens made?", "1893", "What was its weight?", "What was Saxon Lens's weight?"),
        ("When was the Saxon Lens made?", "1893", "Who sold it?", "Who sold Saxon Lens?"),
        ("Who kept the light at Väsby?", "Anna Berg", "Why?", "Why (Väsby kept light)?"),
    ],
)
def test_a_follow_up_is_completed(before: str, reply: str, question: str, completed: str) -> None:
    assert completion(question, talk(before, reply)) == completed


@pytest.mark.parametrize(
    "question",
    [
        "What did the harbour at Väsby cost?", "When did Anna Berg say that she would leave?",
        "Is it possible to moor without a lantern at the quay?", "Lighthouse oil",
        "Did the Saxon Lens arrive when it was ordered?", "What is a wick?", "Those lanterns weigh how much?",
    ],
)  # fmt: skip
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert complete(question, talk("How much oil did Olof Lind burn in 1890?", "40 barrels")) is None


@pytest.mark.parametrize(
    ("before", "question", "reading"),
    [
        ("Who kept the light?", "When did she leave?", "When did Anna Berg leave?"),
        ("When was the Saxon Lens made?", "Who sold it?", "Who sold Saxon Lens?"),
        ("How are lanterns trimmed?", "Who sold them?", "Who sold them?"),
        ("How are lanterns trimmed?", "What are they?", "What are they (lanterns trimmed)?"),
        ("How much oil was burnt in 1890?", "And in 1895?", "How much oil was burnt in 1895?"),
    ],
)
def test_a_reader_is_asked_with_a_name_but_not_with_topic_words(before: str, question: str, reading: str) -> None:
    completed = complete(question, talk(before, "Anna Berg"))
    assert completed is not None
    assert completed.reading == reading


def test_a_question_that_says_enough_is_not_given_topic_words() -> None:
    history = talk("How are lanterns trimmed?", "With care.")
    assert complete("Who called it the best oil of the coast?", history) is None
    assert completion("Who sold it?", history) == "Who sold it (lanterns trimmed)?"


def test_nothing_is_carried_over_from_nothing() -> None:
    assert complete("And in 1895?", []) is None
    assert complete("And in 1895?", [{"role": "assistant", "content": "Hello"}]) is None


def test_a_chain_of_fragments_is_followed_back() -> None:
    history = talk("How much oil was burnt in 1890?", "40", "And in 1895?", "22")
    assert completion("And in 1901?", history) == "How much oil was burnt in 1901?"


def test_blocks_of_a_chat_page_are_read_as_text() -> None:
    history: list[dict[str, object]] = [
        {"role": "user", "content": [{"type": "text", "text": "How much oil was burnt in 1890?"}]}
    ]
    assert completion("And in 1895?", history) == "How much oil was burnt in 1895?"


def test_every_word_carried_over_was_said() -> None:
    completed = completion("Why?", talk("Who kept the light at Väsby?", "Anna Berg"))
    said = {"Who", "kept", "the", "light", "at", "Väsby", "Anna", "Berg", "Why"}
    assert set(completed.replace("(", "").replace(")", "").replace("?", "").split()) <= said


@pytest.mark.parametrize(
    ("first", "second", "asked"),
    [
        ("Who was Anna Berg?", "What did she keep?", "What did Anna Berg keep?"),
        ("Who were the candidates of Väsby in 1844?", "What share did the winner get?",
         "What share did the winner get (Väsby 1844)?"),
        ("Who kept the light at Väsby?", "Who sold oil in Malmö?", "Who sold oil in Malmö?"),
        ("Who pays?", "When pays?", "When pays?"),
    ],
)  # fmt: skip
def test_a_second_question_in_one_leans_on_the_first(first: str, second: str, asked: str) -> None:
    assert lean_on(first, second) == asked


def test_what_was_said_before_is_the_last_question_and_its_reply() -> None:
    assert said_before(talk("Who kept it?", "Anna", "When?", "In 1893")) == "When? In 1893"
    assert said_before([]) == ""
    assert len(said_before(talk("a" * 5000, "b"))) == MAX_CONTEXT_CHARS


def test_a_greeting_in_between_is_passed_over() -> None:
    history = talk("How much oil was burnt in 1890?", "40 barrels", "Thanks!", "Ask about the text.")
    assert completion("And in 1895?", history) == "How much oil was burnt in 1895?"
