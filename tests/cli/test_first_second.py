"""A question starts nothing that only builds, other models or the page need."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from partnership_qa import build_index, load
from partnership_qa.embedding import DEFAULT_WEIGHTS_SHA256, load_encoder
from partnership_qa.index import open_index

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("torch", "transformers", "sentence_transformers", "scipy", "bm25s", "tiktoken", "markdown_it", "gradio",
         "faiss", "numpy.ma", "partnership_qa.sources.pdf", "partnership_qa.proof.checking", "partnership_qa.exports",
         "partnership_qa.cli.app")  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = tmp_path_factory.mktemp("corpus")
    (corpus / "ferry.txt").write_text("The ferry sails to Väsby at nine.\n\nIt costs 12 kronor.", encoding="utf-8")
    build_index(corpus, corpus.parent / "ferry-index")
    return corpus.parent / "ferry-index"


def test_asking_imports_nothing_that_only_building_needs(built: Path) -> None:
    code = (
        "import os, sys; sys.argv = ['partnership-qa', *sys.argv[1:]]\n"
        "os._exit = sys.exit\n"
        "from partnership_qa.cli import main\n"
        "try: main()\n"
        f"finally: print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, "ask", "What does the ferry cost?", "--index", str(built)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    assert "12 kronor" in done.stdout


class Former:
    """The encoder as an index of before names it: by its weights alone."""

    def __init__(self) -> None:
        self._real = load_encoder()
        self.name, self.dimension, self.max_pieces = self._real.name, self._real.dimension, self._real.max_pieces
        self.fingerprint = DEFAULT_WEIGHTS_SHA256
        self.encoded = 0

    def encode(self, texts, progress=None):
        self.encoded += len(texts)
        return self._real.encode(texts, progress)

    def count_pieces(self, text):
        return self._real.count_pieces(text)


def test_an_index_of_before_answers_and_none_of_its_vectors_go_into_a_new_build(built: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "ferry.txt").write_text("The ferry sails to Väsby at nine.\n\nIt costs 12 kronor.", encoding="utf-8")
    build_index(corpus, tmp_path / "index", encoder=Former())
    assert open_index(tmp_path / "index").generation.manifest.fingerprint == DEFAULT_WEIGHTS_SHA256
    former = load(tmp_path / "index")
    assert "12 kronor" in former.answer("What does the ferry cost?").text

    report = build_index(corpus, tmp_path / "index")
    assert report.embedded == report.passages == 1
    assert report.digest == open_index(built).generation.manifest.digest
    assert build_index(corpus, tmp_path / "index").embedded == 0
    np.testing.assert_allclose(np.linalg.norm(former.index.dense.vectors(np.array([0])), axis=1), 1, atol=1e-5)
