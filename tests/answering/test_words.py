"""Whole words of a span, and words without the marks of a layout."""

from __future__ import annotations

import pytest

from partnership_qa.answering.words import plain, whole_words
from partnership_qa.chunking import Passage, Unit
from partnership_qa.reading import ReadSpan
from partnership_qa.text import Span


def widened(text: str, said: str, cells: tuple[Span, ...] = ()) -> str:
    unit = Unit("paragraph", 100, 100 + len(text), Span(100, 100 + len(text)), cells=cells)
    passage = Passage("a.txt", 100, 100 + len(text), text, (), 1, (unit,))
    start = 100 + text.index(said)
    return passage.between(*whole_words(passage, ReadSpan(start, start + len(said), 0, 1.0)))


@pytest.mark.parametrize(
    ("text", "said", "whole"),
    [
        ("It sold 4,827,808 copies.", "4,827", "4,827,808"),
        ("Write it to /dev/null now.", "dev", "dev/null"),
        ("Use Debian 8 (Jessie) here.", "Debian 8 (Jessie", "Debian 8 (Jessie)"),
        ("It cost $40 then.", "40", "$40"),
        ("About 12% of it.", "12", "12%"),
        ("Ask a.b@c.org today.", "b", "a.b@c.org"),
        ("In 1874, or so.", "1874,", "1874"),
        ("In May.", "May", "May"),
        ("It is Acme's share.", "Acme", "Acme"),
        ("Well (so it is said, at least", "so", "so"),
        ('He called it "the best of all" then.', 'it "the best of all', 'it "the best of all"'),
        ('Files lie in "/var/cache" then.', '/var/cache"', "/var/cache"),
        ('He called it "the best of all" then.', '"the best', "the best"),
        ('Take the 24" wheel.', '24"', '24"'),
    ],
)
def test_a_number_a_path_or_a_bracket_is_never_cut(text: str, said: str, whole: str) -> None:
    assert widened(text, said) == whole


def test_a_span_never_leaves_its_cell() -> None:
    assert widened("ab|cd", "b", (Span(100, 102), Span(103, 105))) == "ab"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**`theme`** is set", "theme is set"),
        ("see [the guide](https://a.org/b) first", "see the guide first"),
        ("two\n  lines", "two lines"),
    ],
)
def test_marks_of_markdown_are_left_out(text: str, shown: str) -> None:
    assert plain(text, "a.md") == shown


def test_what_looks_like_a_mark_in_another_kind_of_text_stays() -> None:
    assert plain("a `b` **c**", "a.txt") == "a `b` **c**"
