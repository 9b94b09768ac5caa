"""Which rows of a table a question asks for."""

from __future__ import annotations

import pytest

from partnership_qa.answering.rows import MAX_ROWS, rows_asked
from partnership_qa.answering.structure import rows_of, structure_of
from partnership_qa.chunking import split_document
from partnership_qa.document import make_document
from partnership_qa.question.words import question_words
from partnership_qa.sources import read_blocks

FILMS = """| Year | Film | Role | Place |
|---|---|---|---|
| 2012 | Ambuli | Guard | 3 |
| 2013 | Kaddipudi | Uma | 1 |
| 2013 | Dilwala | Preethi | 4th |
| 2016 | Jumbulingam | Guard | 5th |
"""
VOTES = """| Party | Candidate | Votes |
|---|---|---|
| Democratic | Jacky Rosen | 490 |
| Republican | Dean Heller | 441 |
| Independent | Warren Markowitz | 28 |
| Total votes | Total votes | 959 |
"""


def asked(table: str, best: int, question: str) -> list[int]:
    """Numbers of the rows asked for, from 0, where the reader points at row `best`."""
    document = make_document("a.md", table.encode(), table, read_blocks(table, ".md"))
    (passage,) = split_document(document, count_pieces=lambda t: len(t.split()), max_pieces=1000)
    rows = rows_of(structure_of([passage]), 0, (passage, 1))
    words = question_words(question, lambda _: True)
    return [rows.index(row) for row in rows_asked(rows, rows[best], question, words)]


@pytest.mark.parametrize(
    ("best", "question", "rows"),
    [
        (1, "Which films came in 2013?", [1, 2]),
        (0, "Which film came in 2012?", [0]),
        (0, "In which films did he play a guard?", [0, 3]),
        (1, "Which films came between 2012 and 2014?", [0, 1, 2]),
        (3, "Which films came after 2013?", [3]),
        (1, "Which films came since 2013?", [1, 2, 3]),
        (0, "Which roles came before 2013?", [0]),
        (0, "Which films came from 2012 to 2013?", [0, 1, 2]),
        (2, "Which films took the fourth and the fifth place?", [2, 3]),
        (0, "What was the first film?", [0]),
        # A word in passing brings in no row: it is neither a name nor the row's label.
        (1, "Which role was Uma, and was it a guard?", [1]),
    ],
)
def test_rows_that_the_question_names_belong_together(best: int, question: str, rows: list[int]) -> None:
    assert asked(FILMS, best, question) == rows


@pytest.mark.parametrize(
    ("best", "question", "rows"),
    [
        (0, "How many votes did the Democratic and the Republican candidate get?", [0, 1]),
        (1, "How did Heller do compared to Rosen?", [0, 1]),
        # Nothing joins them: the reader's row is the answer.
        (1, "How many votes did Heller win against Rosen?", [1]),
        # A label counts in small letters too.
        (0, "How many votes did Rosen get, and an independent?", [0, 2]),
        (0, "What party won?", [0]),
    ],
)
def test_rows_that_the_question_joins_are_all_asked_for(best: int, question: str, rows: list[int]) -> None:
    assert asked(VOTES, best, question) == rows


def test_a_word_that_too_many_rows_hold_tells_no_rows_apart() -> None:
    many = "| Year | Film |\n|---|---|\n| 2011 | Zero |\n" + "".join(f"| 2013 | F{n} |\n" for n in range(MAX_ROWS + 1))
    assert asked(many, 1, "Which films came in 2013?") == [1]
    assert asked(many, 0, "Which films came in 2011?") == [0]
