"""What every text format promises of its blocks, on texts of many shapes."""

from __future__ import annotations

import re
import time

import pytest
from fakes import structured_texts
from hypothesis import example, given
from hypothesis import strategies as st

from partnership_qa.sources import read_blocks

SUFFIXES = [".txt", ".md"]
read_blocks("", ".md")  # loads the parser, which is no part of the time that a text may take
# What may stand between two blocks: white space, the signs of headings, rulers, quotes, fences, lists and tables.
MARKUP = re.compile(r"[\s\ufeff\u200b#=>`~*_\-|:+]*|[\ufeff>\s\-*+\d.)]*(```|~~~).*")

texts = st.one_of(structured_texts(), st.text(max_size=200))
suffixes = st.sampled_from(SUFFIXES)


@given(texts, suffixes)
@example("|\r\\# not\r===", ".md")  # a title over two lines
@example("- ```\r#x\r***\ra", ".md")  # a fence that is never closed
@example("\ufeff```python", ".md")  # the same behind a byte-order mark
@example("[ref]: http://example.com", ".md")  # no token of the parser stands for it
@example("\x1c\n\x1c", ".txt")  # white space to Python, but to no text editor
def test_every_character_is_in_one_block_or_is_markup(text: str, suffix: str) -> None:
    position, between = 0, []
    for block in read_blocks(text, suffix):
        assert block.start >= position
        between.append(text[position : block.start])
        position = block.end
    between.append(text[position:])
    for line in (line for gap in between for line in re.split(r"[\r\n]", gap)):
        assert MARKUP.fullmatch(line), line


@given(texts, suffixes)
def test_blocks_are_not_empty_and_neither_begin_nor_end_with_white_space(text: str, suffix: str) -> None:
    for block in read_blocks(text, suffix):
        quoted = text[block.start : block.end]
        assert quoted
        assert quoted == quoted.strip()


@given(texts, suffixes)
def test_content_and_cells_lie_inside_their_block_in_order(text: str, suffix: str) -> None:
    for block in read_blocks(text, suffix):
        assert block.start <= block.content.start <= block.content.end <= block.end
        position = block.start
        for cell in block.cells:
            assert position <= cell.start <= cell.end <= block.end
            assert text[cell.start : cell.end] == text[cell.start : cell.end].strip()
            position = cell.end


@given(structured_texts(), suffixes)
def test_the_blocks_of_a_text_are_the_same_with_other_line_endings(text: str, suffix: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")

    def words(of: str) -> list[str]:
        return [of[b.start : b.end].replace("\r\n", "\n") for b in read_blocks(of, suffix)]

    assert words(plain.replace("\n", "\r\n")) == words(plain)


@given(structured_texts(), suffixes)
def test_a_byte_order_mark_changes_no_block(text: str, suffix: str) -> None:
    plain = text.lstrip("\ufeff")
    marked = [(b.kind, b.start - 1, b.end - 1, b.level) for b in read_blocks("\ufeff" + plain, suffix)]
    assert marked == [(b.kind, b.start, b.end, b.level) for b in read_blocks(plain, suffix)]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("part", ["a.", "- a\n", "| a | b |\n", "\n", "# t\n", "> q\n"])
def test_the_time_to_read_grows_as_the_text_does(part: str, suffix: str) -> None:
    text = part * 10_000
    begun = time.process_time()
    read_blocks(text, suffix)
    assert time.process_time() - begun < 10  # below one second; half a minute where it grows with the square
