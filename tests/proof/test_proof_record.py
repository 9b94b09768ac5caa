"""A proof of a quote: what it holds, that it comes back from JSON, and what is refused."""

from __future__ import annotations

import json

import pytest
from fakes import CORPUS
from files import pdf

from partnership_qa.answering.proving import proof
from partnership_qa.errors import ProofError
from partnership_qa.index import build, open_index
from partnership_qa.proof import Proof
from partnership_qa.proof.corpus import Files

NAME = "harbour.md"


@pytest.fixture
def cited(qa):
    (one,) = qa.answer("When was the harbour dug?").citations
    return one


def test_a_citation_carries_the_proof_of_its_quote(cited, corpus):
    given, data, text = cited.proof, (corpus / NAME).read_bytes(), CORPUS[NAME]
    start, end = cited.start, cited.end
    assert (given.document, given.sha256, given.quote) == (NAME, cited.sha256, cited.quote)
    assert text[given.start : given.end] == cited.quote
    assert data[slice(*given.bytes)].decode("utf-8") == cited.quote
    assert given.bytes.start == start + 1, "the heading has a letter of two bytes"
    assert (given.line, given.column) == (3, 1)
    assert (given.prefix, given.suffix) == (text[max(0, start - 32) : start], text[end : end + 32])
    assert (given.occurrence, given.occurrences) == (1, 1)
    assert given.extraction.encoding == "utf-8"
    assert [one.split()[0] for one in given.extraction.programs] == ["partnership_qa"]


def test_a_proof_comes_back_from_json(cited):
    assert Proof.from_dict(json.loads(json.dumps(cited.proof.to_dict()))) == cited.proof


def test_an_answer_as_json_carries_its_proofs(qa):
    values = qa.answer("When was the harbour dug?").to_dict()
    assert Proof.from_dict(values["citations"][0]["proof"]).quote == values["citations"][0]["quote"]


def test_the_proof_in_json_states_which_words_are_marked(cited):
    values = cited.to_dict()
    assert values["proof"]["marks"] == values["highlights"]
    assert Proof.from_dict(values["proof"]).marks == cited.highlights


def test_of_a_page_the_proof_says_where_its_lines_stand(tmp_path, encoder):
    (tmp_path / "corpus").mkdir()
    data = pdf([["The first page."], ["The lamp burnt colza oil at first.", "Paraffin was cheaper."]])
    (tmp_path / "corpus" / "lamp.pdf").write_bytes(data)
    build(tmp_path / "corpus", tmp_path / "index", encoder)
    index = open_index(tmp_path / "index")
    start = index.sources["lamp.pdf"].text.index("The lamp")
    given = proof(index, "lamp.pdf", start, start + 34)
    assert (given.page, given.bytes, given.extraction.encoding) == (2, None, None)
    assert given.extraction.programs[1].startswith("pypdfium2 ")
    (box,) = given.boxes
    assert box.page == 2
    assert 0 < box.left < box.right < 1
    assert 0 < box.top < box.bottom < 0.2
    with Files({"lamp.pdf": data}) as files:
        assert files.proof("lamp.pdf", start, start + 34) == given


@pytest.mark.parametrize(("encoding", "name", "more"), [
    ("utf-8-sig", "utf-8", 3), ("utf-16", "utf-16", 2), ("utf-32", "utf-32", 4),
])  # fmt: skip
def test_bytes_are_those_of_the_file_in_its_encoding(encoding, name, more):
    data = "Väsby – dug in 1874.\n".encode(encoding)
    with Files({"a.txt": data}) as files:
        text = files.document("a.txt").text
        at = text.index("1874")
        given = files.proof("a.txt", at, at + 4)
    assert given.extraction.encoding == name
    assert data[slice(*given.bytes)].decode(f"{name}-le" if more == 2 or more == 4 else name) == "1874"


BASE = {"document": "a.txt", "start": 4, "end": 8, "quote": "1874"}


@pytest.mark.parametrize(("change", "field"), [
    ({"quote": None}, "quote"), ({"quote": 7}, "quote"), ({"quote": "", "end": 4}, "end"), ({"start": None}, "start"),
    ({"start": -1}, "start"), ({"start": True}, "start"), ({"end": 9}, "end"), ({"end": "8"}, "end"),
    ({"document": None}, "document"), ({"sha256": "abc"}, "sha256"), ({"bytes": [4]}, "bytes"),
    ({"bytes": [9, 4]}, "bytes"), ({"line": 0}, "line"), ({"page": 1.5}, "page"), ({"prefix": 3}, "prefix"),
    ({"boxes": [[1, 0, 0, 2, 1]]}, "boxes"), ({"boxes": [[0, 0, 0, 1, 1]]}, "boxes"), ({"boxes": 3}, "boxes"),
    ({"extraction": "utf-8"}, "extraction"), ({"extraction": {"programs": [1]}}, "extraction"),
    ({"occurrences": 0}, "occurrences"), ({"version": 2}, "version"), ({"marks": 4}, "marks"),
    ({"marks": [4, 8]}, "marks"), ({"marks": [[8, 4]]}, "marks"),
])  # fmt: skip
def test_a_malformed_proof_is_refused_and_the_field_is_named(change, field):
    with pytest.raises(ProofError) as found:
        Proof.from_dict(BASE | change)
    assert found.value.field == field
    assert f"“{field}”" in str(found.value)


def test_what_is_not_stated_is_no_fault():
    assert Proof.from_dict(BASE) == Proof("a.txt", 4, 8, "1874")
