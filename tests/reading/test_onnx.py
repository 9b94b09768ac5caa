"""The shipped reader: its files are checked, and a batch reads as its passages one by one."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from partnership_qa.chunking import split_document
from partnership_qa.document import make_document
from partnership_qa.embedding import default_model_dir
from partnership_qa.errors import ModelError
from partnership_qa.reading.onnx import GRAPHS, OnnxReader, load_reader
from partnership_qa.sources import read_blocks

if TYPE_CHECKING:
    from partnership_qa.chunking import Passage

TEXT = """# Väsby

The harbour was dug in 1874 by Ingrid Holm. It freezes in January.

## Fees

| Boat | Fee |
|---|---|
| Dinghy | 3 kronor |
| Cutter | 12 kronor |
"""


def model_folder() -> Path:
    return Path(str(resources.files("partnership_qa") / "model"))


def passages() -> list[Passage]:
    document = make_document("a.md", TEXT.encode(), TEXT, read_blocks(TEXT, ".md"))
    return split_document(document, count_pieces=lambda t: len(t.split()), max_pieces=254)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_damaged_reader_is_refused(tmp_path: Path, name: str) -> None:
    shutil.copytree(model_folder(), tmp_path, dirs_exist_ok=True)
    (tmp_path / name).write_bytes(b"not the weights")
    with pytest.raises(ModelError, match="damaged"):
        OnnxReader(tmp_path, default_model_dir())


def test_a_missing_reader_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        OnnxReader(tmp_path, default_model_dir())


@pytest.mark.slow
def test_a_reader_of_other_weights_is_refused(tmp_path: Path) -> None:
    shutil.copytree(model_folder(), tmp_path / "model")
    facts = json.loads((tmp_path / "model" / "reader.json").read_text("utf-8"))
    facts["encoder_weights_sha256"] = "0" * 64
    (tmp_path / "model" / "reader.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(ModelError, match="trained from other weights"):
        OnnxReader(tmp_path / "model", default_model_dir())


@pytest.mark.slow
def test_a_batch_reads_as_its_passages_one_by_one() -> None:
    reader, found = load_reader(), passages()
    question = "When was the harbour dug?"
    together = reader.read(question, found)
    alone = [reader.read(question, [passage])[0] for passage in found]
    for one, other in zip(together, alone, strict=True):
        assert [(s.start, s.end) for s in one.spans[:1]] == [(s.start, s.end) for s in other.spans[:1]]
        assert one.score == pytest.approx(other.score, abs=0.15)


@pytest.mark.slow
def test_words_and_cells_are_pointed_at_in_the_source() -> None:
    reader, found = load_reader(), passages()
    dug = max((s for r in reader.read("When was the harbour dug?", found) for s in r.spans), key=lambda s: s.score)
    assert TEXT[dug.start : dug.end] == "1874"
    fee = max((s for r in reader.read("What is the fee of a cutter?", found) for s in r.spans), key=lambda s: s.score)
    assert TEXT[fee.start : fee.end] in ("12 kronor", "12")


@pytest.mark.slow
def test_no_passages_give_no_readings() -> None:
    assert load_reader().read("When?", []) == []


@pytest.mark.slow
def test_a_quick_look_prefers_the_passage_that_answers() -> None:
    reader, found = load_reader(), passages()
    proposals = reader.propose("When was the harbour dug?", found)
    best = max(range(len(found)), key=lambda n: proposals[n].answerable)
    assert "1874" in found[best].text
    assert max(proposals, key=lambda proposal: proposal.margin) is proposals[best]


@pytest.mark.slow
def test_reading_after_a_quick_look_is_reading() -> None:
    reader, found = load_reader(), passages()
    question = "What is the fee of a cutter?"
    assert reader.read(question, found, reader.propose(question, found)) == reader.read(question, found)


@pytest.mark.slow
def test_the_unit_that_answers_has_the_highest_support() -> None:
    reader, found = load_reader(), passages()
    readings = reader.read("When was the harbour dug?", found)
    number = next(n for n, passage in enumerate(found) if "1874" in passage.text)
    units = found[number].units
    best = max(range(len(units)), key=readings[number].support_of)
    assert "1874" in found[number].between(units[best].start, units[best].end)


@pytest.mark.slow
def test_a_question_is_cut_and_not_the_passage() -> None:
    reader, found = load_reader(), passages()
    long = "When was the harbour dug? " * 40
    assert len(reader.asked(long)) == 48
    assert any(reading.spans for reading in reader.read(long, found))
