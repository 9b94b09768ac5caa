"""The example of docs/evaluation.md runs, and its places are those of its text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa.evaluation.metrics import evaluate, load_questions
from partnership_qa.index import build, open_index
from partnership_qa.qa import QA

DOC = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text("utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The example's folder, as the document gives it."""
    for name, text in re.findall(r"`my_questions/([\w./]+)`:\n\n```\w+\n(.*?)```", DOC, re.DOTALL):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def test_the_example_is_a_question_set_whose_evidence_is_in_its_text(written: Path) -> None:
    dug, lisa = load_questions(written)
    ((document, start, end),) = dug.evidence
    text = (written / "corpus" / document).read_text("utf-8")
    assert text[start:end] == "The harbour was dug in 1874 by Ingrid Holm."
    assert (dug.answers, lisa.evidence) == (("1874",), ())


def test_the_example_is_measured(written: Path, tmp_path: Path) -> None:
    build(written / "corpus", tmp_path / "index", FakeEncoder())
    qa = QA.assemble(open_index(tmp_path / "index"), FakeEncoder(), FakeReader(), FAKE_CALIBRATION)
    found = evaluate(qa, written, load_questions(written))
    assert [(row.id, row.answered) for row in found.rows] == [("dug", True), ("lisa", False)]
    assert found.rows[0].recall == 1.0


def test_every_field_that_is_described_is_read() -> None:
    described = re.findall(r"^\| `(\w+)` \|", DOC, re.MULTILINE)
    assert described == ["id", "question", "type", "answers", "evidence", "alternatives", "history"]
