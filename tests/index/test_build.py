"""A build: reports what it did, embeds what is new, and gives the same bytes for the same corpus."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fakes import CORPUS, FakeEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from partnership_qa.chunking import split_document
from partnership_qa.errors import CorpusIndexError, EmptyCorpusError, PartnershipQAError
from partnership_qa.index import build, cutting, open_index
from partnership_qa.index.pending import PENDING

TESTS = Path(__file__).parents[1]


class StoppedError(Exception):
    """A build that is stopped from outside."""


class StoppingEncoder(FakeEncoder):
    """Is stopped when it has embedded so many texts."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def encode(self, texts, progress=None):
        if self.encoded + len(texts) > self.after:
            raise StoppedError
        return super().encode(texts, progress)


def test_the_report_says_what_was_added_and_embedded(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    (corpus / "empty.txt").write_text("")
    report = build(corpus, root, encoder)
    assert report.added == tuple(sorted(CORPUS))
    assert (report.changed, report.removed, report.unchanged) == ((), (), ())
    assert [entry.name for entry in report.skipped] == ["empty.txt"]
    assert report.passages == report.embedded == encoder.encoded > 0
    assert report.truncated == 0
    assert report.digest == open_index(root).generation.manifest.digest


def test_a_second_build_changes_nothing_on_disk(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    first = build(corpus, root, encoder)
    second = build(corpus, root, encoder)
    assert (second.generation, second.digest, second.embedded) == (first.generation, first.digest, 0)
    assert second.unchanged == tuple(sorted(CORPUS))


def test_only_passages_with_new_words_are_embedded(corpus: Path, root: Path) -> None:
    build(corpus, root, FakeEncoder())
    with (corpus / "letters" / "june.txt").open("a") as stream:
        stream.write("\nThe crew sends its thanks to the whole town of Väsby.\n")
    encoder = FakeEncoder()
    assert build(corpus, root, encoder).embedded == encoder.encoded == 1


def test_a_rename_costs_nothing(corpus: Path, root: Path) -> None:
    build(corpus, root, FakeEncoder())
    (corpus / "ledger.txt").rename(corpus / "book.txt")
    encoder = FakeEncoder()
    report = build(corpus, root, encoder)
    assert (report.added, report.removed, encoder.encoded) == (("book.txt",), ("ledger.txt",), 0)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the documents that are cut from now on."""
    names: list[str] = []

    def split(document, **named):
        names.append(document.name)
        return split_document(document, **named)

    monkeypatch.setattr(cutting, "split_document", split)
    return names


def test_what_has_not_changed_is_neither_parsed_nor_cut_again(corpus: Path, root: Path, parsed: list[str]) -> None:
    build(corpus, root, FakeEncoder())
    parsed.clear()
    (corpus / "ledger.txt").write_text("Other words.")
    (corpus / "harbour.md").rename(corpus / "port.md")
    report = build(corpus, root, FakeEncoder())
    assert parsed == ["ledger.txt"]
    assert report.digest == build(corpus, root.parent / "fresh", FakeEncoder()).digest


def test_what_another_program_has_cut_is_cut_again(
    corpus: Path, root: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(corpus, root, FakeEncoder())
    parsed.clear()
    with monkeypatch.context() as patched:
        for module in (cutting, sys.modules["partnership_qa.index.build"]):
            patched.setattr(module, "stamp", lambda: "another")
        second = build(corpus, root, FakeEncoder())
        assert sorted(parsed) == sorted(CORPUS)
        assert (second.generation, second.digest) == (first.generation, first.digest)
        build(corpus, root, FakeEncoder())
        assert len(parsed) == 3, "that it came to the same is noted"


def test_a_file_under_another_suffix_is_read_in_its_format(corpus: Path, root: Path) -> None:
    build(corpus, root, FakeEncoder())
    (corpus / "harbour.md").rename(corpus / "harbour.txt")
    (corpus / "ledger.txt").rename(corpus / "ledger.md")
    digest = build(corpus, root, FakeEncoder()).digest
    assert digest == build(corpus, root.parent / "fresh", FakeEncoder()).digest


def test_the_note_of_a_file_that_was_not_read_again_is_told_again(corpus: Path, root: Path) -> None:
    (corpus / "latin.txt").write_bytes("Der Käse reift im Keller, und für Räder zahlt man fünf.\n".encode("cp1252"))
    first = build(corpus, root, FakeEncoder())
    assert first.notes
    assert build(corpus, root, FakeEncoder()).notes == first.notes


def test_the_same_words_in_many_files_are_embedded_once(tmp_path: Path, root: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.txt").write_text("The same words again.")
    encoder = FakeEncoder()
    assert build(tmp_path, root, encoder).passages == 20
    assert encoder.encoded == 1


def test_a_deleted_document_is_gone(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    build(corpus, root, encoder)
    (corpus / "harbour.md").unlink()
    build(corpus, root, encoder)
    index = open_index(root)
    assert "harbour.md" not in index.sources
    assert "1874" not in "".join(passage.text for passage in index.passages)


def test_another_encoder_embeds_everything_again(corpus: Path, root: Path) -> None:
    build(corpus, root, FakeEncoder())
    other = FakeEncoder(fingerprint="fake-2")
    assert build(corpus, root, other).passages == other.encoded


def test_what_is_damaged_is_built_anew(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    first = build(corpus, root, encoder)
    (root / first.generation / "vectors.npy").write_bytes(b"junk")
    second = build(corpus, root, encoder)
    assert second.digest == first.digest
    assert second.generation != first.generation
    open_index(root)


_texts = st.sampled_from([None, "One. Two. Three.", "# T\n\nOne.\n", "- a\n- b\n", "One.", "| a | b |\n| 1 | 2 |\n"])
_edits = st.lists(st.tuples(st.sampled_from(["a.txt", "b.md", "c/d.txt"]), _texts), min_size=1, max_size=6)


@settings(max_examples=25)
@given(_edits)
def test_step_by_step_gives_the_same_as_from_scratch(tmp_path_factory: pytest.TempPathFactory, edits) -> None:
    folder = tmp_path_factory.mktemp("edits")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "always.txt").write_text("Words that stay.")
    for name, text in edits:
        file = corpus / name
        file.parent.mkdir(exist_ok=True)
        file.unlink(missing_ok=True) if text is None else file.write_text(text)
        report = build(corpus, folder / "step", FakeEncoder())
    scratch = build(corpus, folder / "scratch", FakeEncoder())
    assert report.digest == scratch.digest
    step, fresh = folder / "step" / report.generation, folder / "scratch" / scratch.generation
    files = [path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()]
    assert all((step / file).read_bytes() == (fresh / file).read_bytes() for file in files)


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_another_process_gives_the_same_digest(corpus: Path, root: Path, encoder: FakeEncoder, seed: str) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from fakes import FakeEncoder
        from partnership_qa.index import build
        print(build(Path(sys.argv[1]), Path(sys.argv[2]), FakeEncoder()).digest)
    """
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    command = [sys.executable, "-c", code, corpus, root.parent / "other"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == build(corpus, root, encoder).digest


def test_the_place_of_the_corpus_does_not_matter(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    elsewhere = root.parent / "Över there"
    shutil.copytree(corpus, elsewhere)
    assert build(elsewhere, root.parent / "i2", encoder).digest == build(corpus, root, encoder).digest


def test_a_build_that_was_stopped_goes_on_where_it_was(tmp_path: Path, root: Path) -> None:
    text = "".join(f"# Part {n}\n\nSentence number {n} about the sea.\n\n" for n in range(100))
    (tmp_path / "a.md").write_text(text)
    with pytest.raises(StoppedError):
        build(tmp_path / "a.md", root, StoppingEncoder(after=70))
    encoder = FakeEncoder()
    report = build(tmp_path / "a.md", root, encoder)
    assert encoder.encoded == report.embedded == 100 - 64  # two parts of 32 were kept
    assert report.digest == build(tmp_path / "a.md", root.parent / "fresh", FakeEncoder()).digest
    assert not (root / PENDING).exists()


@pytest.mark.parametrize("spoil", [
    lambda data: data[:-5], lambda data: data[:100], lambda data: b"junk" + data, lambda data: b"",
    lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:], lambda data: data + b"x" * 1000,
])  # fmt: skip
def test_kept_embeddings_that_are_damaged_are_made_again(tmp_path: Path, root: Path, spoil) -> None:
    (tmp_path / "a.md").write_text("".join(f"# Part {n}\n\nSentence {n}.\n\n" for n in range(70)))
    with pytest.raises(StoppedError):
        build(tmp_path / "a.md", root, StoppingEncoder(after=64))
    (root / PENDING).write_bytes(spoil((root / PENDING).read_bytes()))
    report = build(tmp_path / "a.md", root, FakeEncoder())
    assert report.digest == build(tmp_path / "a.md", root.parent / "fresh", FakeEncoder()).digest


def test_embeddings_of_another_encoder_are_not_taken(tmp_path: Path, root: Path) -> None:
    (tmp_path / "a.md").write_text("".join(f"# Part {n}\n\nSentence {n}.\n\n" for n in range(70)))
    with pytest.raises(StoppedError):
        build(tmp_path / "a.md", root, StoppingEncoder(after=64))
    other = FakeEncoder(fingerprint="fake-2")
    build(tmp_path / "a.md", root, other)
    assert other.encoded == 70


def test_vectors_that_are_none_are_neither_indexed_nor_kept(corpus: Path, root: Path) -> None:
    class Broken(FakeEncoder):
        def encode(self, texts, progress=None):
            return super().encode(texts, progress) * np.float32(np.nan)

    with pytest.raises(PartnershipQAError, match="length one"):
        build(corpus, root, Broken())
    assert build(corpus, root, FakeEncoder()).embedded > 0


def test_an_empty_corpus_leaves_the_index_as_it_was(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    first = build(corpus, root, encoder)
    shutil.rmtree(corpus)
    corpus.mkdir()
    with pytest.raises(EmptyCorpusError):
        build(corpus, root, encoder)
    assert open_index(root).generation.name == first.generation


def test_an_index_in_the_place_of_a_file_is_refused(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    root.write_text("a file")
    with pytest.raises(CorpusIndexError, match="cannot be written"):
        build(corpus, root, encoder)


def test_the_index_may_stand_inside_its_corpus(corpus: Path, encoder: FakeEncoder) -> None:
    first = build(corpus, corpus / "index", encoder)
    assert build(corpus, corpus / "index", encoder).digest == first.digest


def test_progress_ends_with_done_and_counts_every_passage(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    steps = []
    report = build(corpus, root, encoder, lambda *step: steps.append(step))
    assert steps[-1] == ("done", 1, 1)
    assert ("embedding", report.embedded, report.embedded) in steps
    assert {stage for stage, _, _ in steps} == {"reading", "embedding", "lexical", "writing", "done"}
