"""An index in memory is the one that was written; damage is named."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes import CORPUS, FakeEncoder, structured_texts
from hypothesis import given, settings
from hypothesis import strategies as st

from partnership_qa.chunking import split_document
from partnership_qa.document import line_starts, make_document
from partnership_qa.errors import IndexCorruptError, IndexNotFoundError
from partnership_qa.index import Source, build, corpus_changes, open_index
from partnership_qa.index.store import dump_passages, load_passages, load_sources
from partnership_qa.retrieval import query_of, search
from partnership_qa.sources import read_blocks

if TYPE_CHECKING:
    from pathlib import Path

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


@settings(max_examples=50)
@given(st.lists(structured_texts(), min_size=1, max_size=3), st.sampled_from([".txt", ".md"]))
def test_passages_and_sources_are_read_back_as_they_were(texts: list[str], suffix: str) -> None:
    encoder = FakeEncoder()
    documents = [make_document(f"{n}{suffix}", b"", t, read_blocks(t, suffix)) for n, t in enumerate(texts)]
    passages = [
        p for d in documents for p in split_document(d, count_pieces=encoder.count_pieces, max_pieces=254)
    ]  # fmt: skip
    sources = {d.name: Source(d.name, d.text, d.sha256, line_starts(d.text)) for d in documents}
    assert load_passages(dump_passages(passages), sources) == tuple(passages)


def test_texts_that_do_not_fill_their_file_are_refused(index: Index) -> None:
    data = "".join(index.sources[entry.name].text for entry in index.generation.manifest.sources).encode()
    for wrong in (data + b"x", data[:-1]):
        with pytest.raises(ValueError, match="bytes of texts"):
            load_sources(wrong, index.generation.manifest.sources)


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
