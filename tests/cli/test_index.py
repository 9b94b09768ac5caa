"""`partnership-qa index`: what it prints, and the codes it leaves with."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from fakes import FakeEncoder
from test_app import run

from partnership_qa.index import build, list_generations, when


@pytest.fixture
def two(corpus: Path, root: Path) -> Path:
    """An index with two generations; the newer one holds another text."""
    build(corpus, root, FakeEncoder())
    (corpus / "tides.txt").write_text("The tide turns at noon.\n")
    build(corpus, root, FakeEncoder())
    return root


def spoil(root: Path, generation: int) -> Path:
    file = root / list_generations(root)[generation].name / "sources.txt"
    file.write_bytes(file.read_bytes().replace(b"tide", b"ebbs").replace(b"1874", b"1875"))
    return file


def test_list_shows_the_generations_with_the_current_one_first(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("index", "list", "--index", two) == 0
    first, second = capsys.readouterr().out.splitlines()
    newer, older = list_generations(two)
    assert first.startswith(f"* {newer.when}, now in use: 4 documents, 8 sections, 7 passages, ")
    assert second.startswith(f"  {older.when}, kept, to go back to: 3 documents, 7 sections, 6 passages, ")
    assert "gen-" not in first + second
    assert run("index", "list", "--index", two, "--json") == 0
    assert [entry["documents"] for entry in json.loads(capsys.readouterr().out)] == [4, 3]


def test_list_says_which_manifest_is_damaged(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = two / list_generations(two)[1].name / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    assert run("index", "list", "--index", two) == 0
    assert "damaged: its manifest is not what the build wrote" in capsys.readouterr().out.splitlines()[1]


def test_verify_leaves_with_0_where_all_is_whole(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("index", "verify", "--index", two) == 0
    shown = capsys.readouterr()
    assert "2 generations, 28 files" in shown.out
    assert "none damaged" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize(("generation", "advice"), [(0, "go back"), (1, "the current one is whole")])
def test_verify_names_the_damaged_file_and_says_what_to_do(
    two: Path, capsys: pytest.CaptureFixture[str], generation: int, advice: str
) -> None:
    file = spoil(two, generation)
    assert run("index", "verify", "--index", two) == 2
    shown = capsys.readouterr()
    assert f"damaged: {file} is not what the build wrote" in shown.err
    assert f"what to do: {advice}" in shown.err
    assert run("index", "verify", "--index", two, "--json") == 2
    assert len(json.loads(capsys.readouterr().out)["damaged"]) == 1


def test_rollback_goes_back_and_forth(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newer, older = (entry.name for entry in list_generations(two))
    assert run("index", "rollback", "--index", two) == 0
    assert f"the version of {when(older)} is now in use" in capsys.readouterr().out
    assert run("index", "rollback", "--index", two, "--to", newer, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"generation": newer}
    assert list_generations(two)[0].name == newer


def test_rollback_to_what_is_damaged_or_not_kept_is_an_error(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    current = list_generations(two)[0].name
    assert run("index", "rollback", "--index", two, "--to", "gen-0") == 2
    assert "keeps no generation gen-0" in capsys.readouterr().err
    file = spoil(two, 1)
    assert run("index", "rollback", "--index", two) == 2
    assert str(file) in capsys.readouterr().err
    assert list_generations(two)[0].name == current


def test_gc_removes_what_stopped_builds_left_and_nothing_else(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (two / "gen-00000000000000000001-1.tmp").mkdir()
    (two / "embeddings.part").write_bytes(b"half")
    assert run("index", "gc", "--index", two, "--json") == 0
    removed = json.loads(capsys.readouterr().out)["removed"]
    assert removed == ["gen-00000000000000000001-1.tmp", "embeddings.part"]
    assert run("index", "gc", "--index", two) == 0
    assert "removed nothing" in capsys.readouterr().out
    assert len(list(two.glob("gen-*"))) == 2


@pytest.mark.parametrize("command", ["list", "verify", "rollback", "gc"])
def test_without_an_index_it_is_an_error_and_no_folder_is_made(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("index", command, "--index", tmp_path / "nowhere") == 2
    assert capsys.readouterr().err.startswith("error: No index at ")
    assert not (tmp_path / "nowhere").exists()


def test_one_document_is_said_in_the_singular(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from partnership_qa.cli.index import _told
    from partnership_qa.index import GenerationInfo

    entry = GenerationInfo("gen-1-1", current=True, corpus="corpus", documents=1, passages=1, size=2**20, sections=1)
    assert _told(entry) == "1 document, 1 section, 1 passage, 1.0 MiB, from corpus"


@pytest.fixture
def signer(tmp_path: Path) -> tuple[Path, Path]:
    """An SSH key, and a file of allowed signers that names it."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is missing: install OpenSSH")
    key, allowed = tmp_path / "key", tmp_path / "allowed"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    allowed.write_text("anna@example.org " + key.with_suffix(".pub").read_text())
    return key, allowed


def test_a_signature_is_made_and_checked_and_a_missing_one_refused(
    two: Path, signer: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    key, allowed = signer
    checking = ("index", "check-signature", "--allowed-signers", allowed, "--index", two)
    assert run(*checking) == 2
    assert "is not signed" in capsys.readouterr().err
    assert run("index", "sign", "--key", key, "--index", two) == 0
    assert run(*checking) == 0
    assert "signed by anna@example.org" in capsys.readouterr().out
    assert run("index", "list", "--index", two) == 0
    assert "with a signature" in capsys.readouterr().out


def test_of_a_risk_card_it_is_said_whether_it_is_signed_without_opening_the_index(
    two: Path, signer: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from partnership_qa.evaluation import card as cards
    from partnership_qa.evaluation.risk import Asked
    from partnership_qa.index import open_index

    key, allowed = signer
    checking = ("index", "check-signature", "--allowed-signers", allowed, "--index", two)
    assert run("index", "sign", "--key", key, "--index", two) == 0
    asked = [Asked("row", 0.9, True)] * 60 + [Asked("row", 0.3, False)] * 40
    cards.keep(cards.card_of(asked, 0.3, digest=open_index(two).generation.manifest.digest), two)
    capsys.readouterr()
    assert run(*checking, "--json") == 0
    assert json.loads(capsys.readouterr().out)["card"] == "missing"
    assert run("index", "sign", "--key", key, "--index", two) == 0
    capsys.readouterr()

    def opened(*given: object) -> None:
        raise AssertionError("an index need not be opened for its signature")

    monkeypatch.setattr("partnership_qa.index.open_index", opened)
    assert run("index", "sign", "--key", key, "--index", two) == 0
    assert run(*checking) == 0
    assert "RISK.json: signed too" in capsys.readouterr().out
