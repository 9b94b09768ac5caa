"""Questions for a cell of one row among rows that are called alike: how many are answered by that row alone.

    python training/rows.py [--seed 6]

Of every table of some sets whose rows differ in their first cell by a number alone (`Stage 5`, `Stage 6`, or years), at
most three rows are drawn, and asked for by the name of a column, their first cell and the heading above: `What is the
Winner of Stage 5 in Route?`. Nothing is fitted on them. Such questions often do not say which table is meant where
several documents have the like, so that few can be answered; what counts is the difference between two versions.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from calibrate import opened
from settings import SETTINGS

from partnership_qa.answering.outcome import Answer
from partnership_qa.evaluation.matching import normalize, overlaps

if TYPE_CHECKING:
    from partnership_qa.answering.structure import Group
    from partnership_qa.qa import QA

SETS = ("tables", "own", "handbooks", "excerpts")
A_TABLE, AT_MOST = 3, 90
_NUMBER = re.compile(r"\d+")


class Made(NamedTuple):
    """A question, where its row stands, and what its cell says."""

    question: str
    place: tuple[str, int, int]
    said: str


def made_of(group: Group, rng: random.Random) -> list[Made]:
    """Questions for rows of a table."""
    units = [passage.units[number] for passage, number in group.items]
    cells = [
        [passage.between(*cell).strip() for cell in unit.cells]
        for (passage, _), unit in zip(group.items, units, strict=True)
    ]
    columns, heading = units[0].columns, group.section[-1] if group.section else ""
    labels = [row[0] if row else "" for row in cells]
    alike = [_NUMBER.sub("#", label) for label in labels]
    drawn = [
        n for n, label in enumerate(labels)
        if _NUMBER.search(label) and alike.count(alike[n]) > 2 and labels.count(label) == 1 and len(label.split()) < 7
    ]  # fmt: skip
    if len(columns) < 2 or len(drawn) < 3:
        return []
    made = []
    for n in rng.sample(drawn, A_TABLE):
        at = rng.randrange(1, len(columns))
        if at < len(cells[n]) and cells[n][at] and 0 < len(columns[at].strip()) <= 50:
            where = f" in {heading}" if 0 < len(heading.split()) < 9 else ""
            question = f"What is the {columns[at].strip()} of {labels[n]}{where}?"
            made.append(Made(question, (group.document, units[n].start, units[n].end), cells[n][at]))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indexes", type=Path, default=SETTINGS.runs / "indexes", help="missing ones are built")
    parser.add_argument("--seed", type=int, default=6)
    a = parser.parse_args()
    rng = random.Random(a.seed)
    questions: list[tuple[QA, Made]] = []
    for name in SETS:
        qa = opened(name, a.indexes)
        questions += [(qa, made) for group in qa.structure.groups if group.table for made in made_of(group, rng)]
    rng.shuffle(questions)
    questions = questions[:AT_MOST]
    first = alone = 0
    for qa, made in questions:
        outcome = qa.answer(made.question)
        if isinstance(outcome, Answer):
            cited = outcome.citations[0]
            is_first = overlaps(made.place, (cited.document, cited.start, cited.end))
            first += is_first
            says = " ".join(normalize(made.said)) in " ".join(normalize(outcome.text))
            alone += is_first and says and len(outcome.parts) == 1
    print(f"{len(questions)} questions: the row first {first}, the cell alone {alone}")


if __name__ == "__main__":
    main()
