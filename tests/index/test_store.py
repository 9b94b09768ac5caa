"""An index in memory is the one that was written; damage is named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes import CORPUS, FakeEncoder, structured_texts
from hypothesis import given, settings
from hypothesis import strategies as st

from partnership_qa.chunking import split_document
from partnership_qa.document import make_document
from partnership_qa.errors import IndexCorruptError, IndexNotFoundError
from partnership_qa.index import build, corpus_changes, open_index, store
from partnership_qa.index.manifest import SourceEntry
from partnership_qa.index.store import SourceTexts
from partnership_qa.index.table import ROWS, PassageTable, dump, part_of
from partnership_qa.retrieval import query_of, search
from partnership_qa.sources import read_blocks

if TYPE_CHECKING:
    from partnership_qa.chunking import Passage
    from partnership_qa.index import Index


def test_the_sources_are_those_of_the_corpus(index: Index) -> None:
    assert {name: source.text for name, source in index.sources.items()} == CORPUS


def test_every_passage_and_unit_is_what_its_source_holds(index: Index) -> None:
    for passage in index.passages:
        source = index.sources[passage.document]
        assert source.text[passage.start : passage.end] == passage.text
        assert source.line(passage.start) == passage.line


def test_opened_again_it_finds_the_same(index: Index, encoder: FakeEncoder) -> None:
    again = open_index(index.root)
    for query in ("harbour", "What is the fee of a cutter?", "lens"):
        asked = query_of(encoder, query)
        assert search(again, asked, 5) == search(index, asked, 5)


def test_every_similarity_of_a_hit_is_a_dot_product(index: Index, encoder: FakeEncoder) -> None:
    vectors = encoder.encode([passage.indexed_text for passage in index.passages])
    for query in ("harbour", "paraffin oil", "lens"):
        expected = vectors @ encoder.encode([query])[0]
        for hit in search(index, query_of(encoder, query), 20):
            assert hit.similarity == pytest.approx(float(expected[hit.number]), abs=1e-6)


def _table(texts: list[str], suffix: str) -> tuple[PassageTable, SourceTexts, list[Passage]]:
    """The passages of texts as they are written and read back, and as they were cut."""
    encoder = FakeEncoder()
    documents = [make_document(f"{n}{suffix}", b"", t, read_blocks(t, suffix)) for n, t in enumerate(texts)]
    cut = [split_document(d, count_pieces=encoder.count_pieces, max_pieces=254) for d in documents]
    data = b"".join(d.text.encode() for d in documents)
    sizes = [len(d.text.encode()) for d in documents]
    entries = [
        SourceEntry(d.name, d.sha256, len(d.text), len(d.sections), len(found), size)
        for d, found, size in zip(documents, cut, sizes, strict=True)
    ]
    parts = [part_of(found, d.text, [b"k" * 32] * len(found)) for d, found in zip(documents, cut, strict=True)]
    files = {name: b"".join(pieces) for name, pieces in dump(parts, sizes).items()}
    return PassageTable(files, entries, data, Path()), SourceTexts(data, entries), [p for found in cut for p in found]


@settings(max_examples=50)
@given(st.lists(structured_texts(), min_size=1, max_size=3), st.sampled_from([".txt", ".md"]))
def test_passages_and_sources_are_read_back_as_they_were(texts: list[str], suffix: str) -> None:
    table, sources, passages = _table(texts, suffix)
    assert list(table) == passages
    assert [source.text for source in sources.values()] == texts
    assert table[1:] == tuple(passages[1:])
    assert list(reversed(table)) == passages[::-1]


@settings(max_examples=30)
@given(st.lists(structured_texts(), min_size=2, max_size=4), st.data())
def test_columns_of_some_sources_are_those_that_they_have_alone(texts: list[str], data: st.DataObject) -> None:
    """So that an index of what is left of another equals one that is built from scratch."""
    table, _, _ = _table(texts, ".md")
    first = data.draw(st.integers(0, len(texts) - 1))
    behind = data.draw(st.integers(first, len(texts)))
    part, sizes = table.part(first, behind), [len(text.encode()) for text in texts[first:behind]]
    alone, _, _ = _table(texts[first:behind], ".md")
    again = dump([part], [sum(sizes)])
    assert {name: b"".join(again[name]) for name in again} == {
        name: b"".join(pieces) for name, pieces in dump([alone.part(0, behind - first)], [sum(sizes)]).items()
    }
    np.testing.assert_array_equal(np.frombuffer(b"".join(again[ROWS]), np.uint8), _rows(texts[first:behind]))


def _rows(texts: list[str]) -> np.ndarray:
    encoder = FakeEncoder()
    documents = [make_document(f"{n}.md", b"", t, read_blocks(t, ".md")) for n, t in enumerate(texts)]
    cut = [split_document(d, count_pieces=encoder.count_pieces, max_pieces=254) for d in documents]
    parts = [part_of(found, d.text, [b"k" * 32] * len(found)) for d, found in zip(documents, cut, strict=True)]
    return np.frombuffer(b"".join(dump(parts, [len(text.encode()) for text in texts])[ROWS]), np.uint8)


def test_texts_that_were_read_are_kept_as_far_as_there_is_room(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_KEPT_CHARS", 400)
    names = list(index.sources)
    first = [index.sources[name] for name in names]
    assert index.sources[names[-1]] is first[-1]
    assert index.sources[names[0]] is not first[0]
    assert index.sources[names[0]] == first[0]


def test_texts_that_do_not_fill_their_file_are_refused(index: Index) -> None:
    data = "".join(index.sources[entry.name].text for entry in index.generation.manifest.sources).encode()
    for wrong in (data + b"x", data[:-1]):
        with pytest.raises(ValueError, match="bytes of texts"):
            SourceTexts(wrong, index.generation.manifest.sources)


def test_where_nothing_is_the_command_that_builds_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match="partnership-qa build CORPUS --index"):
        open_index(tmp_path / "nowhere")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(IndexNotFoundError):
        open_index(tmp_path / "file")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"generation": 1}', b"[" * 100_000, b"\xff", b"x" * 2_000_000,
     json.dumps({"generation": "../gen-1", "manifest": "", "corpus": ""}).encode(),
     json.dumps({"generation": "gen-1/..", "manifest": "", "corpus": ""}).encode(),
     json.dumps({"generation": "gen-x", "manifest": "", "corpus": "", "kept": [3]}).encode()],
)  # fmt: skip
def test_a_pointer_that_is_none_is_refused_by_name(index: Index, content: bytes) -> None:
    (index.root / "CURRENT").write_bytes(content + b"\n" + hashlib.sha256(content).hexdigest().encode() + b"\n")
    with pytest.raises(IndexCorruptError, match="CURRENT"):
        open_index(index.root)


def test_changes_of_the_corpus_are_told_as_a_build_would_tell_them(index: Index, corpus: Path) -> None:
    assert corpus_changes(index, corpus) == {"added": [], "changed": [], "removed": []}
    (corpus / "new.txt").write_text("New words.")
    (corpus / "ledger.txt").write_text("Other words.")
    (corpus / "harbour.md").unlink()
    # None of these would be indexed, so none is a change.
    (corpus / "empty.txt").write_text("")
    (corpus / "binary.txt").write_bytes(b"\0\1")
    (corpus / ".hidden.txt").write_text("Hidden words.")
    (corpus / "other.xyz").write_text("Words.")
    changes = corpus_changes(index, corpus)
    assert changes == {"added": ["new.txt"], "changed": ["ledger.txt"], "removed": ["harbour.md"]}
    report = build(corpus, index.root, FakeEncoder())
    assert changes == {"added": [*report.added], "changed": [*report.changed], "removed": [*report.removed]}


def test_a_corpus_that_is_gone_has_lost_every_document(index: Index, tmp_path: Path) -> None:
    assert corpus_changes(index, tmp_path / "nowhere")["removed"] == sorted(CORPUS)


def test_an_index_is_not_changed_by_the_next_build(index: Index, corpus: Path, encoder: FakeEncoder) -> None:
    before = search(index, query_of(encoder, "harbour"), 5)
    vectors = index.dense.vectors(np.arange(len(index.passages)))
    (corpus / "harbour.md").write_text("Nothing left.")
    build(corpus, index.root, encoder)
    assert search(index, query_of(encoder, "harbour"), 5) == before
    np.testing.assert_array_equal(index.dense.vectors(np.arange(len(index.passages))), vectors)
