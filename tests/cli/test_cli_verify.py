"""`partnership-qa verify`: what it prints, and its exit codes."""

from __future__ import annotations

import json

import pytest

from partnership_qa.cli.app import app, run
from partnership_qa.exports import export


@pytest.fixture
def saved(qa, tmp_path):
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(qa.answer("When was the harbour dug?").to_dict()), encoding="utf-8")
    return file


@pytest.fixture
def call(monkeypatch, capsys):
    def call(*words):
        monkeypatch.setattr("sys.argv", ["partnership-qa", *map(str, words)])
        code = run(app)
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


def test_quotes_that_stand_end_with_code_0(call, saved, corpus):
    code, out, _ = call("verify", saved, "--corpus", corpus)
    assert code == 0
    assert out.startswith("[1] Intact: harbour.md, line 3, characters ")
    assert out.endswith("\n1 quote: 1 intact\n")


def test_a_changed_quote_is_shown_as_a_difference_with_code_1(call, saved, corpus):
    file = corpus / "harbour.md"
    file.write_text(file.read_text("utf-8").replace("1874", "1875"), encoding="utf-8")
    code, out, _ = call("verify", saved, "--corpus", corpus)
    assert code == 1
    assert "The harbour was dug in [-1874-] {+1875+} by Ingrid Holm." in out
    code, out, _ = call("verify", saved, "--corpus", corpus, "--json")
    values = json.loads(out)
    assert (code, values["intact"], values["counts"]["changed"]) == (1, False, 1)
    assert values["verdicts"][0]["state"] == "changed"


@pytest.mark.parametrize("form", ["json", "w3c", "lines"])
def test_conversations_lines_and_annotations_are_read(call, qa, corpus, tmp_path, form):
    answers = [qa.answer(one) for one in ("When was the harbour dug?", "Who kept the light from 1901?")]
    lines = "".join(json.dumps(one.to_dict()) + "\n" for one in answers)
    (tmp_path / "file").write_text(lines if form == "lines" else export(answers, form), encoding="utf-8")
    code, out, _ = call("verify", tmp_path / "file", "--corpus", corpus)
    assert code == 0
    assert "[2.1] Intact: ledger.txt" in out
    assert out.endswith("2 quotes: 2 intact\n")


def test_what_cannot_be_checked_ends_with_code_2_and_says_why(call, saved, tmp_path):
    code, _, err = call("verify", tmp_path / "none.json", "--corpus", tmp_path)
    what = f"error: {tmp_path / 'none.json'} cannot be read (No such file or directory): give a file of answers"
    assert (code, err.startswith(what)) == (2, True)
    code, _, err = call("verify", saved, "--corpus", tmp_path / "nothing")
    assert (code, err.startswith("error: No corpus at ")) == (2, True)
    saved.write_text("{", encoding="utf-8")
    code, _, err = call("verify", saved, "--corpus", tmp_path)
    assert (code, err.startswith("error: This is no proof of a quote: “JSON” cannot be read")) == (2, True)


def test_a_refusal_has_nothing_to_check(call, qa, corpus, tmp_path):
    (tmp_path / "no.json").write_text(json.dumps(qa.answer("Any zebras?").to_dict()), encoding="utf-8")
    code, out, _ = call("verify", tmp_path / "no.json", "--corpus", corpus)
    assert (code, out.strip()) == (0, "0 quotes")


def test_an_answer_that_says_what_its_quotes_do_not_ends_with_code_1(call, saved, corpus):
    values = json.loads(saved.read_text("utf-8"))
    saved.write_text(json.dumps(values | {"text": "1999"}), encoding="utf-8")
    code, out, _ = call("verify", saved, "--corpus", corpus)
    assert code == 1
    assert "\n[-] Unsupported: the answer says “1999”, and its quotes do not.\n" in out
    assert out.endswith("\n1 quote: 1 intact; 1 line of an answer unsupported by its quotes\n")
    code, out, _ = call("verify", saved, "--corpus", corpus, "--json")
    told = json.loads(out)
    assert (code, told["intact"], told["counts"]["intact"], told["counts"]["unsupported"]) == (1, False, 1, 1)
