"""What a question asks for, by its form."""

from __future__ import annotations

import pytest

from partnership_qa.question.form import asks_to_compute, parts
from partnership_qa.question.words import held_by, question_words


def test_two_numbers_after_one_preposition_are_two_questions() -> None:
    assert parts("How much oil was burnt in 1890 and in 1895?") == (
        "How much oil was burnt in 1890?", "How much oil was burnt in 1895?",
    )  # fmt: skip


def test_the_second_preposition_may_be_left_out() -> None:
    assert parts("What happened in 1890 and 1895?") == ("What happened in 1890?", "What happened in 1895?")


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("How warm is the sea in May and in August?", "How warm is the sea in May?", "How warm is the sea in August?"),
        (
            "How long is leave after 2 and after 5 years with the harbour?",
            "How long is leave after 2 years with the harbour?", "How long is leave after 5 years with the harbour?",
        ),
        ("Who won in 1890, and who in 1895?", "Who won in 1890?", "Who won in 1895?"),
        ("How fast did she sail in 1890 and how fast in 1895?", "How fast did she sail in 1890?",
         "How fast did she sail in 1895?"),
        ("What is the fee for a cutter and for a small dinghy in winter?", "What is the fee for a cutter in winter?",
         "What is the fee for a small dinghy in winter?"),
    ],
)  # fmt: skip
def test_one_preposition_said_twice_asks_twice(question: str, first: str, second: str) -> None:
    assert parts(question) == (first, second)


@pytest.mark.parametrize(
    "question",
    [
        "Which bird lives in forests and on heaths?",
        "What did Anna say to Olof and Edla?",
        "When did she win the cup for best boat and for which race?",
    ],
)
def test_another_preposition_or_none_asks_once(question: str) -> None:
    assert parts(question) == (question,)


def test_a_range_is_one_question() -> None:
    assert parts("What happened between 1890 and 1895?") == ("What happened between 1890 and 1895?",)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Who dug the harbour and when did the lens arrive?", ("Who dug the harbour?", "When did the lens arrive?")),
        ("How old was he and what did he do?", ("How old was he?", "What did he do?")),
        ("What is the rent, and how often is it paid?", ("What is the rent?", "How often is it paid?")),
        ("Which boats sank and which boats returned?", ("Which boats sank?", "Which boats returned?")),
        ("How far did she sail and what's her best year?", ("How far did she sail?", "What's her best year?")),
        ("How can I moor? and what happens next?", ("How can I moor?", "What happens next?")),
    ],
)  # fmt: skip
def test_two_whole_clauses_are_two_questions(question: str, asked: tuple[str, str]) -> None:
    assert parts(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote it and when?", "Who pays the fee and how much?", "Who bought it and what price?",
        "Who wrote it and what for?", "When and where was it dug?", "Who knows what it is and when the fee is due?",
    ],
)  # fmt: skip
def test_a_question_word_without_its_own_verb_stays_with_the_clause_before(question: str) -> None:
    assert parts(question) == (question,)


def test_names_joined_by_and_are_one_question() -> None:
    assert parts("What did Anna and Olof keep?") == ("What did Anna and Olof keep?",)


def test_names_and_numbers_are_told_from_other_words() -> None:
    words = question_words("Did Anna keep the light in 1901?", lambda stem: stem != "anna")
    assert [word for word, _ in words.content] == ["Anna", "keep", "light", "1901"]
    assert [word for word, _ in words.names] == ["Anna", "1901"]
    assert words.unknown == ("Anna",)


def test_a_capital_at_the_start_makes_no_name() -> None:
    assert question_words("Keepers of the light?", lambda _: True).names == ()


def test_words_are_held_where_all_their_stems_are() -> None:
    words = question_words("GPT-4 light", lambda _: True).content
    assert not held_by(words, frozenset({"gpt", "light"}))
    assert held_by(words, frozenset({"gpt", "4", "light"}))
    assert held_by((), frozenset())


@pytest.mark.parametrize(
    ("question", "quote", "computed"),
    [
        ("What is the highest fee?", "| Cutter | 12 |", True),
        ("How many times did she sail?", "| 1890 | Cutter |", True),
        ("What is the total of all fees?", "| Total | 15 |", False),
        ("What is the fee of a cutter?", "| Cutter | 12 |", False),
    ],
)
def test_a_sum_or_an_extreme_that_no_row_speaks_of_is_to_be_computed(question: str, quote: str, computed: bool) -> None:
    assert asks_to_compute(question, quote) is computed
