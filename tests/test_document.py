"""A document keeps its text verbatim and puts blocks under their headings."""

from __future__ import annotations

import hashlib

from fakes import structured_texts
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.document import Block, BlockKind, line_starts, make_document
from partnership_qa.sources import read_blocks
from partnership_qa.text import Span


def _headings(*levels: int) -> list[tuple[str, ...]]:
    """Headings of the sections that titles of these levels make, one letter a title."""
    text = "abcdefgh"
    blocks = [
        Block(BlockKind.HEADING, at, at + 1, Span(at, at + 1), level) for at, level in enumerate(levels)
    ]  # fmt: skip
    return [section.headings for section in make_document("x", b"", text, blocks).sections]


def test_a_heading_closes_those_of_its_own_level_and_below() -> None:
    assert _headings(1, 2, 3, 2, 1) == [("a",), ("a", "b"), ("a", "b", "c"), ("a", "d"), ("e",)]


def test_a_level_may_be_left_out() -> None:
    assert _headings(1, 4, 2) == [("a",), ("a", "b"), ("a", "c")]


def test_a_text_that_begins_deep_has_no_outer_heading() -> None:
    assert _headings(3, 2) == [("a",), ("b",)]


def test_what_stands_before_the_first_heading_has_none() -> None:
    text = "Words.\n\n# Title\n\nMore.\n"
    document = make_document("x.md", text.encode(), text, read_blocks(text, ".md"))
    assert [(section.headings, len(section.blocks)) for section in document.sections] == [((), 1), (("Title",), 2)]


def test_a_heading_over_two_lines_is_one_line_in_the_path() -> None:
    text = "One\ntwo\n===\n\nText.\n"
    document = make_document("x.md", text.encode(), text, read_blocks(text, ".md"))
    assert document.sections[0].headings == ("One two",)


def test_the_hash_is_that_of_the_bytes() -> None:
    assert make_document("x", b"\xef\xbb\xbfa", "\ufeffa", []).sha256 == hashlib.sha256(b"\xef\xbb\xbfa").hexdigest()


def test_lines_end_at_each_kind_of_line_break_and_at_nothing_else() -> None:
    assert line_starts("a\nb\r\nc\rd\x0be\u2028f") == (0, 2, 5, 7)


@given(st.text(alphabet="ab\n\r\u2028é"))
def test_the_line_of_a_character_is_one_more_than_the_line_breaks_before_it(text: str) -> None:
    document = make_document("x", b"", text, [])
    for offset in range(len(text)):
        if text[offset - 1 : offset + 1] != "\r\n":  # between the two no line begins
            breaks = text[:offset].replace("\r\n", "\n").replace("\r", "\n").count("\n")
            assert document.line(offset) == 1 + breaks


@given(structured_texts(), st.sampled_from([".txt", ".md"]))
def test_sections_hold_every_block_once_and_in_order(text: str, suffix: str) -> None:
    blocks = read_blocks(text, suffix)
    document = make_document("x", b"", text, blocks)
    assert [block for section in document.sections for block in section.blocks] == blocks
    assert all(section.blocks for section in document.sections)
