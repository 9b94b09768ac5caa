"""Stores to be tried: ours, and naive ones that prove that the trials can tell the difference.

Both index the corpus of `write_corpus`, of which there is one for every number; `state` is all that can be read of an
index, as one hash, so that a mixture of two corpora is neither of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Protocol

import faiss
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from fakes import FakeEncoder

from partnership_qa.chunking import split_document
from partnership_qa.index import build, open_index, read_original
from partnership_qa.sources import load_corpus


class Store(Protocol):
    def build(self, corpus: Path, root: Path) -> None: ...

    def state(self, root: Path) -> str:
        """Hash of the texts, passages and vectors that an index gives; raises what opening it raises."""
        ...


def write_corpus(folder: Path, number: int) -> Path:
    """The corpus with this number: three texts and one that is not UTF-8, each of which names it in every sentence."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("one.md", "two.txt", "three.md"):
        lines = [
            f"# Part {n}\n\nIn build {number} the lamp number {n} burnt {number * n + 7} barrels." for n in range(8)
        ]
        (folder / name).write_text("\n\n".join(lines) + "\n", "utf-8")
    latin = "".join(f"Für die Lampe {n} zahlt man in Bau {number} fünf Kröner.\n" for n in range(20))
    (folder / "four.txt").write_bytes(latin.encode("cp1252"))  # its original is kept beside its text
    return folder


def _state(texts: list[str], passages: list[str], vectors: np.ndarray) -> str:
    parts = [json.dumps(texts), json.dumps(passages), np.asarray(vectors, "<f4").tobytes().hex()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Ours:
    def build(self, corpus: Path, root: Path) -> None:
        build(corpus, root, FakeEncoder())

    def state(self, root: Path) -> str:
        index = open_index(root)
        texts = [source.text for _, source in sorted(index.sources.items())]
        for source in index.sources.values():
            original = read_original(index, source)
            if original is None or hashlib.sha256(original).hexdigest() != source.sha256:
                raise AssertionError(f"the original of {source.name} is not there")
        vectors = index.dense.vectors(np.arange(len(index.passages)))
        return _state(texts, [passage.text for passage in index.passages], vectors)


class Naive:
    """Writes its files one after another in place and reads them as they are, as many a vector store does."""

    def build(self, corpus: Path, root: Path) -> None:
        encoder = FakeEncoder()
        documents, _ = load_corpus(corpus)
        passages = [
            p for d in documents for p in split_document(d, count_pieces=encoder.count_pieces, max_pieces=254)
        ]  # fmt: skip
        index = faiss.IndexFlatIP(encoder.dimension)
        index.add(encoder.encode([p.indexed_text for p in passages]))
        root.mkdir(parents=True, exist_ok=True)
        self._write(root / "sources.json", json.dumps([d.text for d in documents]).encode())
        self._write(root / "passages.json", json.dumps([p.text for p in passages]).encode())
        self._write(root / "vectors.faiss", faiss.serialize_index(index).tobytes())

    def _write(self, path: Path, data: bytes) -> None:
        with path.open("wb") as stream:
            for at in range(0, len(data), 1024):  # as a large file takes its time
                stream.write(data[at : at + 1024])
                stream.flush()
                os.fsync(stream.fileno())

    def state(self, root: Path) -> str:
        index = faiss.read_index(str(root / "vectors.faiss"))
        texts = json.loads((root / "sources.json").read_text())
        passages = json.loads((root / "passages.json").read_text())
        return _state(texts, passages, index.reconstruct_n(0, index.ntotal))


class Large(Ours):
    """Our store over a corpus of very many passages; what an index gives is known by the digest of its files.

    Opening compares every byte with the hash in the manifest whose digest this is, so that no text need be decoded.
    """

    def state(self, root: Path) -> str:
        return open_index(root).generation.manifest.digest


class InPlace(Large):
    """As `Large`, but its files are copied over those that are read: what the trials of large indexes must find."""

    def build(self, corpus: Path, root: Path) -> None:
        beside = root.with_name(f"{root.name}-beside")
        generation = beside / build(corpus, beside, FakeEncoder()).generation
        root.mkdir(parents=True, exist_ok=True)
        for file in sorted(path for path in generation.rglob("*") if path.is_file()):
            with file.open("rb") as old, (root / file.name).open("wb") as new:
                while block := old.read(1 << 20):
                    new.write(block)
                    new.flush()
                    os.fsync(new.fileno())

    def state(self, root: Path) -> str:
        whole = hashlib.sha256()
        for file in sorted(root.iterdir()):
            whole.update(hashlib.sha256(file.read_bytes()).digest())
        return whole.hexdigest()


def write_large_corpus(folder: Path, number: int, passages: int) -> Path:
    """A corpus of so many passages, of which one in a hundred names its number; a file that is kept too."""
    folder.mkdir(parents=True, exist_ok=True)
    for at in range(0, passages, LARGE_FILE):
        says = (
            f"In build {number} the lamp number {{n}} burnt {{n}} barrels."
            if not at // LARGE_FILE % 100
            else "The wheel number {n} was turned by hand."
        )
        parts = [f"# Part {n}\n\n{says.format(n=n)}" for n in range(at, at + LARGE_FILE)]
        (folder / f"{at:08}.md").write_text("\n\n".join(parts) + "\n", "utf-8")
    (folder / "latin.txt").write_bytes(f"Für Bau {number} zahlt man fünf Kröner.\n".encode("cp1252"))
    return folder


LARGE_FILE = 500  # passages
STORES: dict[str, Store] = {"ours": Ours(), "naive": Naive()}
LARGE_STORES: dict[str, Store] = {"ours": Large(), "naive": InPlace()}
