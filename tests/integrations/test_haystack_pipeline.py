"""Haystack: the retriever and the reader alone and in a pipeline that is written as YAML and read again."""

from __future__ import annotations

import hashlib
import inspect
from typing import TYPE_CHECKING

import pytest
from fakes import CORPUS

haystack = pytest.importorskip(
    "haystack", reason="haystack-ai is not installed: pip install 'partnership_qa[haystack]'"
)

from haystack import Document, ExtractedAnswer, Pipeline  # noqa: E402

from partnership_qa import embedding  # noqa: E402
from partnership_qa.errors import QuestionError  # noqa: E402
from partnership_qa.integrations.haystack import PartnershipQAReader, PartnershipQARetriever  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

    from partnership_qa.qa import QA

QUESTION = "Who kept the light from 1901?"


def documents() -> list[Document]:
    return [Document(content=text, meta={"file_path": name}) for name, text in CORPUS.items()]


def test_a_passage_is_the_source_at_its_offsets(qa: QA) -> None:
    found = PartnershipQARetriever(str(qa.index.root)).run(QUESTION, top_k=3)["documents"]
    assert len(found) == 3
    for one in found:
        meta = one.meta
        assert CORPUS[meta["document"]][meta["start"] : meta["end"]] == one.content
        assert one.score == pytest.approx(meta["score"], abs=1e-6)
        assert meta["generation"] == qa.index.generation.name
    assert found[0].meta["document"] == "ledger.txt"


def test_the_retriever_looks_only_in_the_chosen_documents(qa: QA) -> None:
    retriever = PartnershipQARetriever(str(qa.index.root), documents=["harbour.md"])
    assert {one.meta["document"] for one in retriever.run(QUESTION)["documents"]} == {"harbour.md"}


def test_the_reader_has_the_interface_of_haystack_s_extractive_reader() -> None:
    parameters = list(inspect.signature(PartnershipQAReader.run).parameters)
    assert parameters[:4] == ["self", "query", "documents", "top_k"]


def test_an_answer_is_the_document_at_its_offsets(qa: QA) -> None:
    answers = PartnershipQAReader().run(QUESTION, documents())["answers"]
    said = [one for one in answers if one.data is not None]
    assert said
    for one in said:
        span, inner = one.document_offset, one.context_offset
        assert isinstance(one, ExtractedAnswer)
        assert one.document.content[span.start : span.end] == one.data
        assert one.context[inner.start : inner.end] == one.data
        assert CORPUS[one.meta["document"]][one.meta["start"] : one.meta["end"]] == one.context
    best = said[0]
    assert best.data.startswith("Anna Berg")
    assert best.document.meta["file_path"] == "ledger.txt"
    assert best.meta["line"] == 5
    assert best.meta["sha256"] == hashlib.sha256(CORPUS["ledger.txt"].encode()).hexdigest()


def test_the_score_is_the_confidence_that_asking_an_index_of_these_texts_gives(qa: QA) -> None:
    answers = PartnershipQAReader().run(QUESTION, documents())["answers"]
    assert answers[0].score == pytest.approx(qa.answer(QUESTION).confidence, abs=1e-6)
    (none,) = [one for one in answers if one.data is None]
    assert none.score == pytest.approx(1 - answers[0].score)
    assert [one.score for one in answers] == sorted((one.score for one in answers), reverse=True)


def test_that_there_is_no_answer_is_the_first_answer_where_there_is_none() -> None:
    reader = PartnershipQAReader()
    assert reader.run("What is the capital of France?", documents())["answers"][0].data is None
    assert reader.run("Hello!", documents())["answers"][0].score == 1.0


def test_what_is_doubtful_comes_after_that_there_is_no_answer() -> None:
    first, *others = PartnershipQAReader().run("Who dug the harbour well in June?", documents())["answers"]
    assert first.data is None
    assert others
    scores = [first.score, *(one.score for one in others)]
    assert scores == sorted(scores, reverse=True)
    assert 0 < others[0].score < 0.5


def test_a_page_is_told_where_a_quote_begins_with_its_passage_alone() -> None:
    meta = {"document": "log.pdf", "start": 100, "line": 7, "page": 3}
    text = "The harbour was dug in 1874 by Ingrid Holm. Anna Berg kept the light from 1901."
    for question, start, page in (("When was the harbour dug?", 100, 3), ("Who kept the light from 1901?", 144, None)):
        best = PartnershipQAReader().run(question, [Document(content=text, meta=meta)])["answers"][0]
        assert (best.meta["start"], best.meta["page"], best.meta["line"]) == (start, page, 7)


def test_the_answers_can_be_kept_to_the_sure_ones() -> None:
    reader = PartnershipQAReader(no_answer=False)
    answers = reader.run(QUESTION, documents())["answers"]
    least = answers[0].score
    assert len(answers) > 1
    assert [one.score for one in reader.run(QUESTION, documents(), score_threshold=least)["answers"]] == [least]
    assert len(reader.run(QUESTION, documents(), top_k=1)["answers"]) == 1


def test_every_item_of_a_list_is_an_answer_of_its_own() -> None:
    answers = PartnershipQAReader(no_answer=False).run("Which things are forbidden on the quay?", documents())[
        "answers"
    ]
    assert [one.data for one in answers[:3]] == [
        "Lighting a fire.", "Selling fish after noon.", "Mooring without a lantern.",
    ]  # fmt: skip
    assert len({one.score for one in answers[:3]}) == 1


def test_documents_without_text_are_passed_over() -> None:
    empty = [Document(content=""), Document(content=None), Document(content="\n \n")]
    (only,) = PartnershipQAReader().run(QUESTION, empty)["answers"]
    assert (only.data, only.score) == (None, 1.0)
    mixed = PartnershipQAReader().run(QUESTION, [*empty, *documents()])["answers"]
    assert mixed[0].document.meta["file_path"] == "ledger.txt"


def test_the_same_document_twice_is_no_error() -> None:
    answers = PartnershipQAReader().run(QUESTION, [*documents(), *documents()])["answers"]
    assert answers[0].data.startswith("Anna Berg")


@pytest.mark.parametrize("made", [PartnershipQAReader, PartnershipQARetriever])
def test_at_least_one_is_asked_for(made: type) -> None:
    with pytest.raises(QuestionError, match="give top_k of 1 or more"):
        made(top_k=0)


def test_nothing_is_loaded_before_it_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedding, "load_encoder", lambda: pytest.fail("loaded"))
    PartnershipQAReader()
    PartnershipQARetriever(str(tmp_path / "nowhere"))


def pipeline(root: Path) -> Pipeline:
    made = Pipeline()
    made.add_component("retriever", PartnershipQARetriever(str(root), top_k=4))
    made.add_component("reader", PartnershipQAReader(top_k=2, score_threshold=0.01))
    made.connect("retriever.documents", "reader.documents")
    return made


def test_a_pipeline_that_is_written_and_read_again_gives_the_same_answers(qa: QA) -> None:
    made = pipeline(qa.index.root)
    again = Pipeline.loads(made.dumps(), allowed_modules=["partnership_qa.*"])
    assert again.to_dict() == made.to_dict()
    asked = {"retriever": {"query": QUESTION}, "reader": {"query": QUESTION}}
    first, second = (one.run(asked)["reader"]["answers"] for one in (made, again))
    assert first == second
    best = first[0]
    meta = best.meta
    # The reader is given passages, and says where its quotes stand in the source that they were taken from.
    assert CORPUS["ledger.txt"][meta["start"] : meta["end"]] == best.context
    assert (meta["document"], meta["line"], meta["generation"]) == ("ledger.txt", 5, qa.index.generation.name)
    assert meta["section"] == ["The Lighthouse Ledger", "Keepers and their years"]
