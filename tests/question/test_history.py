"""Follow-ups: what is carried over, and what is left alone."""

from __future__ import annotations

import pytest

from partnership_qa.question.history import (
    FOLLOWS,
    MAX_CONTEXT_CHARS,
    Completed,
    complete,
    is_read_as_put,
    lean_on,
    said_before,
)


def leans(_: str) -> float:
    return FOLLOWS


def alone(_: str) -> float:
    return FOLLOWS - 0.1


def completion(question: str, history: list[dict[str, object]]) -> str:
    completed = complete(question, history, leans)
    assert completed is not None
    return completed.text


def talk(*turns: str) -> list[dict[str, object]]:
    return [{"role": "assistant" if n % 2 else "user", "content": text} for n, text in enumerate(turns)]


@pytest.mark.parametrize(
    ("before", "question", "completed"),
    [
        ("How much oil was burnt in 1890?", "And in 1895?", "How much oil was burnt in 1895?"),
        ("How much did Foot Locker pay in 2019?", "And 2021?", "How much did Foot Locker pay in 2021?"),
        ("What was paid on 5 March 2021 by the baker?", "And on 7 April 2022?",
         "What was paid on 7 April 2022 by the baker?"),
        ("What did the lens do for Olof?", "And for Anna?", "What did the lens do for Anna?"),
        ("What did the lens do for Olof?", "What about Anna?", "What did the lens do for Anna?"),
        ("What did the lens do for Olof?", "The same for Anna?", "What did the lens do for Anna?"),
        ("What is the rule about fire?", "What about noon fish?", "What is the rule about noon fish?"),
        ("What is paid for the flat in winter?", "And for the garage?", "What is paid for the garage in winter?"),
        ("How much did the Fresnel cost?", "And the Saxon?", "How much did the Saxon cost?"),
    ],
)  # fmt: skip
def test_a_fragment_takes_the_place_of_its_like(before: str, question: str, completed: str) -> None:
    assert complete(question, talk(before, "As agreed."), alone) == Completed(completed, completed)


@pytest.mark.parametrize(
    ("before", "question", "searched"),
    [
        ("When does the lease end?", "And the early option?", "And the early option (lease end)?"),
        ("What did it cost in 1890?", "And in a cold winter?", "And in a cold winter (cost 1890)?"),
        ("What was paid from 2018 to 2019?", "And from 2020 to 2022?", "And from 2020 to 2022 (paid 2018 2019)?"),
        ("What did Olof sell to Anna?", "And Berta Lind?", "And Berta Lind (Olof sell Anna)?"),
    ],
)
def test_a_fragment_without_one_like_is_searched_for_with_the_words_before(
    before: str, question: str, searched: str
) -> None:
    assert complete(question, talk(before, "As agreed."), leans) == Completed(searched, question)


def test_no_name_is_put_in_the_place_of_a_pronoun() -> None:
    talked = talk("Who founded Acme?", "| Acme | Olof Lind |")
    assert complete("Where was he born and raised?", talked, leans) == Completed(
        "Where was he born and raised (founded Acme)?", "Where was he born and raised?"
    )


@pytest.mark.parametrize(
    ("before", "question", "searched"),
    [
        (
            "When does the Foot Locker lease end?",
            "Who signed it first?",
            "Who signed it first (Foot Locker lease end)?",
        ),
        ("Where is Acme?", "Do they sell oil?", "Do they sell oil (Acme)?"),
        ("How are lanterns trimmed?", "Who sold them by weight?", "Who sold them by weight (lanterns trimmed)?"),
    ],
)
def test_what_says_little_is_searched_for_with_the_words_before_and_read_as_put(
    before: str, question: str, searched: str
) -> None:
    assert complete(question, talk(before, "As agreed."), leans) == Completed(searched, question)


@pytest.mark.parametrize(
    ("before", "question", "searched"),
    [
        ("Who kept the light at Väsby?", "Why?", "Why (kept light Väsby)?"),
        ("When does the Foot Locker lease end?", "And the option?", "And the option (Foot Locker lease end)?"),
        ("What did Anna Berg keep?", "Where is it?", "Where is it (Anna Berg keep)?"),
    ],
)
def test_what_says_next_to_nothing_is_read_with_the_words_before(before: str, question: str, searched: str) -> None:
    assert complete(question, talk(before, "As agreed."), leans) == Completed(searched, searched)


@pytest.mark.parametrize(
    "question", ["¿Y por qué no lo he firmado todavía?", "Pour quelle raison est-il parti ?", "何年ですか?"]
)
def test_no_word_is_put_into_a_question_in_another_language(question: str) -> None:
    completed = complete(question, talk("What did Olof Lind pay in winter?", "40 crowns"), leans)
    assert completed is None or completed.text.startswith(question.rstrip(" ?"))


def test_a_question_that_stands_alone_is_left_alone() -> None:
    before = talk("How much oil was burnt at Väsby in 1890?", "40 barrels")
    assert complete("What did the harbour cost?", before, alone) is None
    assert complete("And why?", before, alone) is None


def test_nothing_is_carried_over_from_nothing() -> None:
    assert complete("And in 1895?", [], leans) is None
    assert complete("And in 1895?", [{"role": "assistant", "content": "Hello"}], leans) is None


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
        ("Who was Anna Berg?", "What did she keep?", "What did she keep (Anna Berg)?"),
        ("Who were the candidates of Väsby in 1844?", "What share did the winner get?",
         "What share did the winner get (candidates Väsby 1844)?"),
        ("Who kept the light at Väsby?", "Who sold oil in Malmö?", "Who sold oil in Malmö?"),
        ("Who pays the fee?", "Why did nobody complain?", "Why did nobody complain?"),
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


@pytest.mark.parametrize(
    ("question", "text", "put"),
    [
        ("Who dug it first?", "Who dug it first (harbour Väsby)?", True),
        ("And in 1895?", "How much oil was burnt in 1895?", False),
        ("Why?", "Why (kept light Väsby)?", False),
    ],
)
def test_words_that_only_the_search_was_given_are_told_from_what_is_read(question: str, text: str, put: bool) -> None:
    assert is_read_as_put(question, text) is put
