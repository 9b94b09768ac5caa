"""The ledger of disagreements: what is listed, and above all what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeEncoder

from partnership_qa.evaluation.disagreements import Differs, Disagreement, disagreements
from partnership_qa.index import build, open_index


def ledger(folder: Path, *texts: str) -> tuple[Disagreement, ...]:
    corpus = folder / "texts"
    corpus.mkdir()
    for number, text in enumerate(texts):
        (corpus / f"{number}.md").write_text(text, "utf-8")
    build(corpus, folder / "index", FakeEncoder())
    return disagreements(open_index(folder / "index"))


@pytest.mark.parametrize(
    ("one", "other", "differs", "says"),
    [
        ("Staff may carry over 5 days of unused leave.", "Staff may carry over 8 days of unused leave.", Differs.NUMBER,
         ("5", "8")),
        ("The lease of the mill ends on 3 May 2021.", "The lease of the mill ends on 3 May 2024.", Differs.DATE,
         ("2021", "2024")),
        ("The old mill by the river in Väsby is managed by Ann Berg.",
         "The old mill by the river in Väsby is managed by Olga Lind.", Differs.NAME,
         ("Ann Berg", "Olga Lind")),
        # A name that both say counts beside the words.
        ("The harbour was dug in 1874 by Ingrid Holm.", "The harbour was dug in 1876 by Ingrid Holm, as some say.",
         Differs.DATE, ("1874", "1876")),
    ],
)  # fmt: skip
def test_like_sentences_that_differ_in_one_value_are_listed(
    tmp_path: Path, one: str, other: str, differs: Differs, says: tuple[str, str]
) -> None:
    (found,) = ledger(tmp_path, one, other)
    assert found.differs is differs
    assert (found.one.says, found.other.says) == ((says[0],), (says[1],))
    assert (found.one.quote, found.other.quote) == (one, other)
    assert (found.one.document, found.one.line, found.other.document) == ("0.md", 1, "1.md")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The basic plan costs $10 a month for each seat.", "The premium plan costs $20 a month for each seat."),
        ("The plan called Basic costs $10 a month for seats.", "The plan called Premium costs $20 a month for seats."),
        ("The town of Oslo was founded in 1048 by settlers.", "The town of Bergen was founded in 1070 by settlers."),
        ("Staff may carry over 5 days of unused leave.", "Staff may carry over 5 days of unused leave."),
        ("Staff may carry over 1,000 points of unused leave.", "Staff may carry over 1000 points of unused leave."),
        ("You may not claim more than $2,500.00 in a year.", "You may not claim more than $2,500 in a year."),
        ("Revenue of the mill was 5 million in 2019.", "Revenue of the mill was 7 million in 2020."),
        ("# Basic\n\nWe develop and support Basic for all.", "# Pro\n\nWe develop and support Pro for all."),
        ("All rights are reserved by the author Ann Berg.", "All rights are reserved by the author Olga Lind."),
        ("Read the sheet of Kemi for Masters.", "Read the sheet of Kemi for Sailors."),
        ("It was dug in 1874.", "It was dug in 1876."),
        ("By Ingrid Holm it was dug in 1874.", "By Ingrid Holm it was dug in 1876."),
        ("See [the rules](https://a.b/1) of unused leave.", "See [the rules](https://a.b/2) of unused leave."),
    ],
)  # fmt: skip
def test_sentences_that_speak_of_different_things_or_agree_are_not(tmp_path: Path, one: str, other: str) -> None:
    assert ledger(tmp_path, one, other) == ()


def test_items_under_one_heading_are_not_set_against_each_other(tmp_path: Path) -> None:
    text = "# Leave\n\n- Staff may carry over 5 days of unused leave.\n- Staff may carry over 8 days of unused leave.\n"
    assert ledger(tmp_path, text) == ()


def test_rows_of_the_same_name_under_the_same_heading_and_columns_disagree(tmp_path: Path) -> None:
    table = "# Fees\n\n| Boat | Fee |\n|---|---|\n| Dinghy | {} |\n| Cutter | 12 |\n"
    (found,) = ledger(tmp_path, table.format(3), table.format(4))
    assert (found.one.says, found.other.says) == (("3",), ("4",))
    assert "Dinghy" in found.one.quote


def test_a_pair_of_wordings_is_listed_once_however_often_it_stands_there(tmp_path: Path) -> None:
    five, eight = (f"Staff may carry over {days} days of unused leave." for days in (5, 8))
    assert len(ledger(tmp_path, five, eight, five, eight)) == 1
