"""`risk`, `disagreements` and the gate of `build` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa import home, qa
from partnership_qa.cli import app as cli
from partnership_qa.evaluation.card import kept
from partnership_qa.index import open_index
from partnership_qa.index.generations import pointer
from partnership_qa.web import labels


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(home, "load_encoder", FakeEncoder)
    monkeypatch.setattr(home, "load_reader", FakeReader)
    monkeypatch.setattr(qa, "load_calibration", lambda: FAKE_CALIBRATION)
    monkeypatch.setattr(labels, "default_folder", lambda: tmp_path / "labels")


def run(*arguments: object) -> int:
    return cli.run(lambda standalone_mode: cli.app([str(a) for a in arguments], standalone_mode=standalone_mode))


@pytest.fixture
def built(corpus: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run("build", corpus, "--index", root) == 0
    capsys.readouterr()
    return root


def test_risk_prints_the_card_and_keeps_it(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run("risk", "--index", built, "--at-most", "0.5", "--questions", "20")
    card = kept(open_index(built))
    assert card is not None
    assert code == (1 if card.threshold is None else 0)
    out = capsys.readouterr().out
    assert f"generation {pointer(built).name}" in out
    assert "easier than people's" in out
    assert "threshold  answered" in out


def test_risk_as_json_is_the_card(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("risk", "--index", built, "--json", "--questions", "20")
    values = json.loads(capsys.readouterr().out)
    assert values == json.loads((built / "RISK.json").read_text("utf-8"))
    assert values["at_most"] == 0.05


def test_disagreements_are_listed_with_both_quotes(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = tmp_path / "two"
    texts.mkdir()
    for days in (5, 8):
        (texts / f"{days}.txt").write_text(f"Staff may carry over {days} days of unused leave.", "utf-8")
    run("build", texts, "--index", root)
    capsys.readouterr()
    assert run("disagreements", "--index", root) == 0
    out = capsys.readouterr().out
    assert "1 pair of places" in out
    assert "1. number: 5 | 8\n   5.txt:1\n   Staff may carry over 5 days of unused leave.\n   8.txt:1\n" in out
    assert run("disagreements", "--index", root, "--kind", "size") == 2
    assert "--kind is one of number, date, name, not size" in capsys.readouterr().err
    assert run("disagreements", "--index", root, "--kind", "date", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run("disagreements", "--index", root, "--json") == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["differs"], entry["one"]["says"], entry["other"]["document"]) == ("number", ["5"], "8.txt")


def test_a_gate_refuses_an_index_that_lost_an_answer_and_leaves_with_1(
    built: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, index = pointer(built), open_index(built)
    asked = "Who kept the light from 1901?"
    kept_labels = labels.labels_of(built)
    content = kept_labels.content(index)
    from partnership_qa.evaluation import squad

    squad.judged(content, "1", asked, home.load(built).answer(asked), right=True, note="")
    kept_labels._write(kept_labels.file(index), content)
    (corpus / "ledger.txt").unlink()
    assert run("build", corpus, "--index", built, "--gate") == 1
    err = capsys.readouterr().err
    assert f"lost: {asked} (judged right) was: " in err
    assert "The index that was there still answers" in err
    assert pointer(built) == before
    assert run("build", corpus, "--index", built, "--self-test") == 0
    assert f"lost: {asked}" in capsys.readouterr().err
    assert pointer(built) != before


def test_a_gate_of_a_first_build_has_nothing_to_ask(
    corpus: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("build", corpus, "--index", root, "--gate") == 0
    assert "nothing to test the new index with" in capsys.readouterr().err
