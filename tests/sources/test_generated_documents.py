"""Two hundred made-up documents with lists and tables of many shapes.

Every item and cell stands at its exact offsets, and a question for a list or a table gets all of its items or rows.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa.answering.outcome import Answer
from partnership_qa.document import BlockKind
from partnership_qa.index import build, open_index
from partnership_qa.qa import QA
from partnership_qa.sources import read_blocks

if TYPE_CHECKING:
    from pathlib import Path

    from partnership_qa.answering.structure import Group

DOCUMENTS = 200
SYLLABLES = ["bra", "dor", "fel", "gim", "hul", "kas", "lom", "nev", "pri", "rud", "sto", "tav", "vel", "zan"]
UNICODE = ["Väsby", "naïve", "Łódź", "東京", "مرحبا", "🙂", "½", "“quoted”", "e\u0301tude", "Ω"]


@dataclass
class Made:
    """A document with what is in it: the question and the items of every list, and the cells of every table's rows."""

    suffix: str
    text: str = ""
    lists: list[tuple[str, list[tuple[int, int]]]] = field(default_factory=list)
    nested: list[tuple[int, int]] = field(default_factory=list)
    tables: list[tuple[str, list[list[tuple[int, int]]]]] = field(default_factory=list)

    def add(self, piece: str) -> tuple[int, int]:
        """Appends a piece; returns where it stands."""
        start = len(self.text)
        self.text += piece
        return start, len(self.text)


class Maker:
    """Draws documents; everything follows from the seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.made = Made(self.rng.choice([".md", ".txt"]))

    def word(self) -> str:
        return "".join(self.rng.choice(SYLLABLES) for _ in range(3))

    def words(self, low: int, high: int) -> str:
        parts = [self.word() for _ in range(self.rng.randint(low, high))]
        if self.rng.random() < 0.3:
            parts.insert(self.rng.randrange(len(parts) + 1), self.rng.choice(UNICODE))
        return " ".join(parts)

    def document(self) -> Made:
        made = self.made
        made.add("# The whole of it\n\n" if made.suffix == ".md" else "The Whole Of It\n===============\n\n")
        for number in range(self.rng.randint(1, 4)):
            heading = f"Part {self.word().capitalize()} {number}"
            made.add(f"## {heading}\n\n" if made.suffix == ".md" else f"{heading}\n{'-' * len(heading)}\n\n")
            made.add(f"Some {self.words(4, 9)} come first.\n\n")
            (self.list if self.rng.random() < 0.6 else self.table)()
            if self.rng.random() < 0.5:
                made.add(f"At the end {self.words(3, 8)} was said.\n\n")
        return made

    def list(self) -> None:
        made, rng = self.made, self.rng
        topic = f"{self.word()} {self.word()}s"
        made.add(f"The {topic} are the following:\n\n")
        bullet = rng.choice(["- ", "* ", "1. ", "1) "])
        loose, wrapped, nested = rng.random() < 0.3, rng.random() < 0.3, rng.random() < 0.3
        items = []
        for number in range(rng.choice([2, 3, 5, 9, 40])):
            mark = f"{number + 1}{bullet[1:]}" if bullet[0] == "1" else bullet
            made.add(mark)
            text = f"{self.words(2, 9)}."
            if wrapped:
                text = text.replace(" ", f"\n{' ' * len(mark)}", 1)
            items.append(made.add(text))
            made.add("\n")
            if nested and rng.random() < 0.5:
                made.add(" " * len(mark) + "- ")
                made.nested.append(made.add(f"{self.words(1, 4)}."))
                made.add("\n")
            if loose:
                made.add("\n")
        made.add("\n")
        made.lists.append((f"What are the {topic}?", items))

    def table(self) -> None:
        made, rng = self.made, self.rng
        topic = f"{self.word()} {self.word()}s"
        made.add(f"The {topic} are the following:\n\n")
        columns, bars, pad = rng.randint(2, 6), rng.random() < 0.6, rng.random() < 0.5
        left, right = ("| ", " |") if bars else ("", "")
        made.add(left + " | ".join(self.word().capitalize() for _ in range(columns)) + right + "\n")
        made.add(left + " | ".join("-" * rng.randint(3, 6) for _ in range(columns)) + right + "\n")
        rows = []
        for _ in range(rng.choice([1, 2, 4, 12, 60])):
            cells = []
            made.add(left)
            for column in range(columns):
                if column:
                    made.add(" | ")
                # Without outer bars an empty cell at the edge would end the row; a row of nothing is no row.
                empty = rng.random() < 0.15 and column < columns - 1 and (bars or column > 0)
                cells.append(made.add("" if empty else self.words(1, 3)))
                if pad:
                    made.add(" " * rng.randint(0, 5))
            made.add(right + "\n")
            rows.append(cells)
        made.add("\n")
        made.tables.append((f"What are the {topic}?", rows))


@pytest.mark.parametrize("seed", range(DOCUMENTS))
def test_every_item_and_cell_stands_at_its_offsets(seed: int) -> None:
    made = Maker(seed).document()
    blocks = read_blocks(made.text, made.suffix)
    items = [tuple(block.content) for block in blocks if block.kind is BlockKind.LIST_ITEM]
    assert sorted(items) == sorted([place for _, places in made.lists for place in places] + made.nested)
    rows = [b for b in blocks if b.kind is BlockKind.TABLE_ROW and not b.is_header]
    cells = [[made.text[start:end] for start, end in block.cells] for block in rows]
    assert cells == [[made.text[start:end] for start, end in row] for _, table in made.tables for row in table]
    filled = [[tuple(cell) for cell in block.cells if cell.end > cell.start] for block in rows]
    assert filled == [[(s, e) for s, e in row if e > s] for _, table in made.tables for row in table]


def _cut_off(group: Group) -> bool:
    """Whether the passage of a group's first item does not hold the sentence that leads to it."""
    return group.led_from is not None and group.led_from[0] != group.numbers[0]


def test_a_question_for_a_list_gets_all_of_its_items(tmp_path: Path) -> None:
    asked = 0
    for seed in range(DOCUMENTS):
        made = Maker(seed).document()
        corpus, index = tmp_path / f"c{seed}", tmp_path / f"i{seed}"
        corpus.mkdir()
        (corpus / f"a{made.suffix}").write_bytes(made.text.encode())
        encoder = FakeEncoder()
        build(corpus, index, encoder)
        qa = QA.assemble(open_index(index), encoder, FakeReader(), FAKE_CALIBRATION)
        cut_off = {g.items[0][0].units[g.items[0][1]].start for g in qa.structure.groups if _cut_off(g)}
        for question, places in made.lists:
            result = qa.answer(question)
            assert isinstance(result, Answer), (seed, question)
            highlights = [span for cited in result.citations for span in cited.highlights]
            assert [tuple(span) for span in highlights] == places, (seed, question)
            assert result.note.startswith(f"All {len(places)} items")
            asked += 1
        for question, rows in made.tables:
            if len(rows) < 2 or any(start <= rows[0][0][0] < start + 9 for start in cut_off):
                continue
            result = qa.answer(question)
            assert isinstance(result, Answer), (seed, question)
            highlights = [[tuple(span) for span in cited.highlights] for cited in result.citations]
            assert highlights == [[(s, e) for s, e in row if e > s] for row in rows], (seed, question)
            asked += 1
    assert asked > DOCUMENTS
