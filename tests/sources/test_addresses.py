"""Addresses of a source's own kind, and boxes, come through the parsers' process and the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnership_qa.answering.citing import citation
from partnership_qa.document import Block, BlockKind, Place, place_of
from partnership_qa.index import build, open_index
from partnership_qa.index.store import BOXES, PLACES
from partnership_qa.sources import Extractor
from partnership_qa.sources.layout import Extracted
from partnership_qa.sources.worker import dump, load
from partnership_qa.text import Span

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from fakes import FakeEncoder

TEXT = "Lamp oil costs 3 kronor.\n\nWicks cost 1 krona.\n"
EXTRACTED = Extracted(
    TEXT,
    [Block(BlockKind.PARAGRAPH, 0, 24, Span(0, 24)), Block(BlockKind.PARAGRAPH, 26, 45, Span(26, 45))],
    places=(Place(0, "Prices!A1"), Place(26, "Prices!A2")),
    boxes=b"packed\x00",
)


def test_what_a_parser_says_crosses_the_process_whole() -> None:
    assert load(dump(EXTRACTED)) == EXTRACTED


def test_a_place_holds_what_stands_from_its_start_to_the_next() -> None:
    assert [place_of(EXTRACTED.places, at) for at in (0, 25, 26, 44)] == [
        "Prices!A1",
        "Prices!A1",
        "Prices!A2",
        "Prices!A2",
    ]
    assert place_of((), 5) is None
    assert place_of((Place(3, "x"),), 2) is None


def test_places_and_boxes_are_kept_and_cited(
    tmp_path: Path, root: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Extractor, "extract", lambda *_: EXTRACTED)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "prices.pdf").write_bytes(b"%PDF")
    (tmp_path / "corpus" / "plain.txt").write_text(TEXT, "utf-8")
    build(tmp_path / "corpus", root, encoder)
    (tmp_path / "corpus" / "again.txt").write_text("Something else.\n", "utf-8")
    monkeypatch.setattr(Extractor, "extract", lambda *_: 1 / 0)
    build(tmp_path / "corpus", root, encoder)  # the PDF is not read again
    index = open_index(root)
    assert {PLACES, BOXES} <= index.generation.manifest.files.keys()
    source = index.sources["prices.pdf"]
    assert (source.places, source.boxes) == (EXTRACTED.places, EXTRACTED.boxes)
    assert (index.sources["plain.txt"].places, index.sources["plain.txt"].boxes) == ((), b"")
    passage = next(passage for passage in index.passages if passage.document == "prices.pdf")
    cited = citation(index, passage, len(passage.units) - 1, ())
    assert (cited.place, cited.to_dict()["place"]) == ("Prices!A2", "Prices!A2")
