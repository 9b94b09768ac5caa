"""Markdown: what CommonMark says it is, with the offsets of the source."""

from __future__ import annotations

import pytest
from fakes import outline


def test_headings_with_signs_and_with_rulers() -> None:
    text = "# One #\n\nText.\n\nTwo\n---\n\nText.\n\nThree\nlines\n===\n"
    assert outline(text, ".md") == ["h1 One", "p Text.", "h2 Two", "p Text.", "h1 Three\nlines"]


def test_a_list_in_a_list() -> None:
    text = "1. one\n   - in\n     wrapped\n   - in again\n2. two\n"
    assert outline(text, ".md") == ["li0 one", "li1 in\n     wrapped", "li1 in again", "li0 two"]


def test_two_signs_on_one_line_open_two_lists() -> None:
    assert outline("- - deep\n", ".md") == ["li1 deep"]


def test_a_second_paragraph_of_an_item_is_a_paragraph() -> None:
    assert outline("- one\n\n  more of one\n\n- two\n", ".md") == ["li0 one", "p more of one", "li0 two"]


def test_a_heading_in_an_item_has_no_sign() -> None:
    assert outline("- # Title\n  text\n", ".md") == ["h1 Title", "p text"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("| a | b |\n|---|---|\n| 1 |  |\n", ["head a|b", "row 1|"]),
        ("a | b\n--- | ---\n1 \\| 2 | 3\n", ["head a|b", "row 1 \\| 2|3"]),
        ("> | a | b |\n> |---|---|\n> | 1 | 2 |\n", ["head a|b", "row 1|2"]),
        ("- | a | b |\n  |---|---|\n  | 1 | 2 |\n", ["head a|b", "row 1|2"]),
        ("Prices\n| a | b |\n| 1 | 2 |\n", ["p Prices", "head a|b", "row 1|2"]),  # no delimiter row: not Markdown's
    ],
)
def test_tables(text: str, rows: list[str]) -> None:
    assert outline(text, ".md") == rows


def test_code_is_read_without_its_fence_and_keeps_its_first_signs() -> None:
    assert outline("```py\n>>> 1 + 1\n2\n```\n", ".md") == ["code >>> 1 + 1\n2"]


def test_a_fence_that_is_never_closed_loses_nothing() -> None:
    assert outline("```\nfirst\nlast\n", ".md") == ["code first\nlast"]


def test_quotes_are_read_without_their_first_sign() -> None:
    assert outline("> words\n\n> > deeper\n> > - item\n", ".md") == ["p words", "p deeper", "li0 item"]


def test_a_link_reference_is_text_like_any_other() -> None:
    assert outline("[a]: http://example.com\n", ".md") == ["p [a]: http://example.com"]


def test_front_matter_is_a_paragraph_and_no_heading() -> None:
    assert outline("---\ntitle: A\n---\n\n# B\n", ".md") == ["p title: A", "h1 B"]


def test_a_ruler_at_the_beginning_is_no_front_matter() -> None:
    assert outline("---\n\nWords.\n\n---\n", ".md") == ["p Words."]


def test_inline_markup_stands_as_it_was_written() -> None:
    assert outline("Some **bold** [words](x) &amp; `code`.\n", ".md") == ["p Some **bold** [words](x) &amp; `code`."]


def test_a_table_of_contents_is_left_out() -> None:
    contents = "- [The light](#the-light)\n  1. [Its *lens*](#its-lens)\n- 2.1 [Oil](#oil)\n\n"
    assert outline(f"{contents}# The light\n\nLit.\n", ".md") == ["h1 The light", "p Lit."]


@pytest.mark.parametrize("other", ["[Oil](https://example.org/#oil)", "[Oil](#oil), burnt since 1890", "Oil"])
def test_a_list_that_says_more_than_links_within_the_file_stays(other: str) -> None:
    assert outline(f"- [The light](#the-light)\n- {other}\n", ".md")[1] == f"li0 {other}"


def test_one_link_is_no_table_of_contents() -> None:
    assert outline("- [The light](#the-light)\n", ".md") == ["li0 [The light](#the-light)"]
