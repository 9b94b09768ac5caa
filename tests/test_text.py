"""Sentences, token counts and words, with their offsets."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.text import (
    content_words,
    count_tokens,
    fold,
    sentence_spans,
    strip_span,
    terms,
    without_number,
    word_spans,
)

TEXT = "Dr. Berg paid $4.2 million (e.g. in Jan.) to Acme Inc. yesterday. She left! Did she?"


def test_sentences_are_not_cut_at_abbreviations() -> None:
    assert [TEXT[s:e] for s, e in sentence_spans(TEXT)] == [
        "Dr. Berg paid $4.2 million (e.g. in Jan.) to Acme Inc. yesterday.", "She left!", "Did she?",
    ]  # fmt: skip


@pytest.mark.parametrize("number", ["1.", "1.10.", "2.3.4)", "(a)", "B.", "iv)"])
def test_a_sentence_begins_with_its_number(number: str) -> None:
    text = f'It ends here. {number} "Work" means text. 1874. Later.'
    said = [text[start:end] for start, end in sentence_spans(text)]
    assert said == ["It ends here.", f'{number} "Work" means text.', "1874.", "Later."]


def test_a_number_at_the_end_stays_a_sentence() -> None:
    assert sentence_spans("1.") == [(0, 2)]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ('1.1. "Work" means text.', '"Work" means text.'),
        ("  (a) any file", "any file"),
        ("e.g. this one", "e.g. this one"),
        ("3.5 kronor", "3.5 kronor"),
        ("1.", "1."),
        ("", ""),
    ],
)
def test_a_sentence_without_its_number(text: str, rest: str) -> None:
    span = strip_span(text, 0, len(text))
    assert text[slice(*without_number(text, span))] == rest


def test_sentences_of_a_part_have_the_offsets_of_the_whole() -> None:
    start = TEXT.index("She")
    assert sentence_spans(TEXT, start) == [(start, start + 9), (start + 10, len(TEXT))]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_sentences_hold_every_character_that_is_not_white(text: str) -> None:
    spans = sentence_spans(text)
    assert all(0 <= s < e <= len(text) for s, e in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert "".join("".join(text[s:e] for s, e in spans).split()) == "".join(text.split())


def test_an_empty_span_stays_empty_when_stripped() -> None:
    assert strip_span("a   b", 1, 4) == (4, 4)


def test_special_tokens_are_counted_as_text() -> None:
    assert count_tokens("<|endoftext|>") > 1


def test_terms_are_folded_and_stemmed_alike() -> None:
    assert terms("Émigrés invested; Investing") == ["emigr", "invest", "invest"]


def test_content_words_leave_out_how_a_question_is_put() -> None:
    assert content_words("What did the Saxon Garden cost in 2019, and what did it cost later?") == [
        "Saxon", "Garden", "cost", "2019", "later",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What did the US pay Will for IT in May?", ["US", "pay", "Will", "IT", "May"]),
        ("What will it cost us? May I ask?", ["cost", "ask"]),
        ("Who Was It And Will It Do", []),
        ("WHO WAS IT", []),
    ],
)
def test_a_name_that_is_spelt_like_a_function_word_is_a_content_word(text: str, words: list[str]) -> None:
    assert content_words(text) == words


def test_content_words_drop_a_possessive_but_show_the_word_as_written() -> None:
    assert content_words("Microsoft's") == ["Microsoft's"]
    assert content_words("What's its") == []


def test_words_keep_inner_hyphens_and_points() -> None:
    text = "GPT-4 costs 3.5%"
    assert [text[s:e] for s, e in word_spans(text)] == ["GPT-4", "costs", "3.5", "%"]


def test_folding_takes_case_accents_and_width_away() -> None:
    assert fold("Ｖäsby STRASSE") == "vasby strasse"
