"""Plain text: headings, lists, tables and wrapped lines told by their shape alone."""

from __future__ import annotations

import pytest
from fakes import outline

WRAPPED = """\
A Study of Tides

The tide is the rise and fall of the sea, which
follows the moon with a delay of some minutes and
returns twice a day.
In narrow bays it is higher than on the open
coast, because the water has nowhere to go.
"""


def test_a_wrapped_paragraph_is_one_block() -> None:
    paragraphs = [line for line in outline(WRAPPED, ".txt") if line.startswith("p ")]
    assert paragraphs[0].endswith("returns twice a day.")
    assert paragraphs[1].startswith("p In narrow bays")
    assert len(paragraphs) == 2


def test_short_lines_that_would_have_fitted_on_one_are_not_joined() -> None:
    text = "Name: Anna Berg\nBorn: 1901\nDied: 1980\n"
    assert outline(text, ".txt") == ["p Name: Anna Berg", "p Born: 1901", "p Died: 1980"]


def test_lines_that_are_whole_paragraphs_are_not_joined() -> None:
    long = "This paragraph is one line of the file and goes on for more columns than any terminal has, as many do"
    text = f"{long}, and here is its end.\n{long}, and so on.\nA short one.\n"
    assert len(outline(text, ".txt")) == 3


PLAIN_TITLES = """\
The Big Deal
Two firms signed a contract in 2019 that changed their trade.
How it began
The first firm needed money. The second had it.
Main points
- Money: one billion.
- Time: ten years.
Numbers
Year | Sum
2019 | 1
2023 | 10
"""


def test_titles_without_a_mark_are_headings() -> None:
    assert outline(PLAIN_TITLES, ".txt") == [
        "h1 The Big Deal",
        "p Two firms signed a contract in 2019 that changed their trade.",
        "h2 How it began",
        "p The first firm needed money. The second had it.",
        "h2 Main points",
        "li0 Money: one billion.",
        "li0 Time: ten years.",
        "h2 Numbers",
        "head Year|Sum",
        "row 2019|1",
        "row 2023|10",
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("What is a tide?\nA tide is the rise and fall of the sea that follows the moon.\n", "h1 What is a tide?"),
        ("INTRODUCTION\nThis text is about birds that live near water.\n", "h1 INTRODUCTION"),
        ("2.1 The bridge\n\nThe bridge is old and made of wood.\n", "h3 2.1 The bridge"),
        ("1. Introduction\n\nThis text is about birds that live near water.\n", "h2 1. Introduction"),
        ("Title\n=====\n\nText.\n", "h1 Title"),
        ("Title\n-----\nText.\n", "h2 Title"),
        ("## Title ##\nText.\n", "h2 Title"),
        ("== Title ==\nText.\n", "h2 Title"),
        ("= = Title = =\nText.\n", "h2 Title"),
    ],
)
def test_headings_of_each_kind(text: str, first: str) -> None:
    assert outline(text, ".txt")[0] == first


@pytest.mark.parametrize(
    "text",
    [
        "It was a quiet morning in the village.\nNobody had heard the news yet, and nobody asked for it.\n",
        "opening in lower case\n\nThis is a longer sentence, which ends with a full stop.\n",
        "One line only",
        "1986. It was a good year for all who lived here.\n",
    ],
)
def test_what_is_no_heading(text: str) -> None:
    assert not any(line.startswith("h") for line in outline(text, ".txt"))


def test_items_with_blank_lines_between_are_one_list() -> None:
    text = "Steps:\n\n1. Open the door.\n\n2. Walk in.\n\n3. Close it.\n\nThen sit down and wait for the others.\n"
    assert outline(text, ".txt")[1:4] == ["li0 Open the door.", "li0 Walk in.", "li0 Close it."]


def test_depth_of_an_item_follows_its_indentation() -> None:
    text = "- one\n    - in\n        - further in\n    - in again\n- two\n"
    assert outline(text, ".txt") == ["li0 one", "li1 in", "li2 further in", "li1 in again", "li0 two"]


def test_a_line_that_ends_early_with_a_preposition_goes_on() -> None:
    full = "If You institute litigation against any entity, a lawsuit alleging the like,\n"
    text = f"   3. {full}   {full}   alleging that the\n   Work infringes, then the licenses end.\n\n   {full}   {full}"
    assert outline(text, ".txt")[0].endswith("Work infringes, then the licenses end.")


def test_a_wrapped_item_keeps_its_lines() -> None:
    text = "- The first reason is long enough that it had to be\n  wrapped onto a second line.\n- Short.\n"
    assert outline(text, ".txt")[0].endswith("wrapped onto a second line.")


@pytest.mark.parametrize("bullet", ["-", "*", "•", "1.", "12)", "(a)", "b)", "(iv)", "–"])
def test_bullets_of_each_kind(bullet: str) -> None:
    assert outline(f"{bullet} words\n{bullet} more\n", ".txt") == ["li0 words", "li0 more"]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("Name | Sum\n--- | ---\nTea | 3\n| Milk |\n", ["head Name|Sum", "row Tea|3", "row Milk"]),
        ("| Name | Sum |\n|:--|--:|\n| Tea | |\n", ["head Name|Sum", "row Tea|"]),
        ("| Name | Sum |\n| Tea | 3 |\n", ["head Name|Sum", "row Tea|3"]),
        ("| a \\| b | 3 |\n| c | 4 |\n", ["row a \\| b|3", "row c|4"]),
        ("- | 2019 | 2023\nSum | 1 | 10\n", ["head -|2019|2023", "row Sum|1|10"]),
    ],
)
def test_tables_with_and_without_bars_at_their_ends(table: str, rows: list[str]) -> None:
    assert outline(table, ".txt") == rows


def test_a_ruler_is_not_quoted() -> None:
    assert outline("Some words.\n\n* * *\n\nMore words.\n", ".txt") == ["p Some words.", "p More words."]


def test_a_numbered_title_that_stands_alone_may_end_in_a_point() -> None:
    text = "Words before that end here.\n\n  1. Source Code.\n\n  The source code is the form preferred.\n"
    assert outline(text, ".txt")[1] == "h2 1. Source Code."
