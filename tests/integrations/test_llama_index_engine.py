"""LlamaIndex: nodes with their characters and source, and a query engine that quotes or declines."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes import CORPUS

pytest.importorskip(
    "llama_index.core", reason="llama-index-core is not installed: pip install 'partnership_qa[llama-index]'"
)

from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode

from partnership_qa.errors import QuestionError
from partnership_qa.integrations.llama_index import PartnershipQAQueryEngine, PartnershipQARetriever

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore

    from partnership_qa.qa import QA

QUESTION = "Who kept the light from 1901?"


def assert_verbatim(found: list[NodeWithScore], qa: QA) -> None:
    assert found
    for one in found:
        node, said = one.node, one.node.metadata
        assert CORPUS[said["document"]][node.start_char_idx : node.end_char_idx] == node.text
        assert (node.start_char_idx, node.end_char_idx) == (said["start"], said["end"])
        assert node.source_node.node_id == said["document"]
        assert node.source_node.hash == said["sha256"] == qa.index.sources[said["document"]].sha256
        assert one.score == said["score"]


def test_a_node_is_the_source_at_its_characters(qa: QA) -> None:
    found = PartnershipQARetriever(str(qa.index.root), similarity_top_k=3).retrieve(QUESTION)
    assert len(found) == 3
    assert_verbatim(found, qa)
    assert asyncio.run(PartnershipQARetriever(qa, similarity_top_k=3).aretrieve(QUESTION)) == found


def test_only_the_chosen_documents_are_searched(qa: QA) -> None:
    found = PartnershipQARetriever(qa, documents=["harbour.md"]).retrieve(QUESTION)
    assert {one.node.metadata["document"] for one in found} == {"harbour.md"}


def test_an_embedding_sees_text_name_and_headings_but_no_hash(qa: QA) -> None:
    node = PartnershipQARetriever(qa).retrieve(QUESTION)[0].node
    seen = node.get_content(MetadataMode.EMBED)
    assert node.text in seen
    assert "document: ledger.txt" in seen
    assert node.metadata["sha256"] not in seen


def test_an_answer_is_a_response_whose_sources_are_its_quotes(qa: QA) -> None:
    response = PartnershipQAQueryEngine(str(qa.index.root)).query(QUESTION)
    expected = qa.answer(QUESTION)
    assert response.response == expected.text
    assert [one.node.text for one in response.source_nodes] == [one.quote for one in expected.citations]
    assert_verbatim(response.source_nodes, qa)
    assert response.metadata == {
        "answered": True, "confidence": round(expected.confidence, 6), "reason": None,
        "generation": qa.index.generation.name,
    }  # fmt: skip


def test_a_refusal_is_a_response_without_sources(qa: QA) -> None:
    response = asyncio.run(PartnershipQAQueryEngine(qa).aquery("What is the capital of France?"))
    assert response.response.startswith("Not in the text:")
    assert response.source_nodes == []
    assert (response.metadata["answered"], response.metadata["reason"]) == (False, "nothing_related")


def test_the_closest_passages_of_a_doubtful_question_are_its_sources(qa: QA) -> None:
    response = PartnershipQAQueryEngine(qa, no_answer_threshold=1.0).query(QUESTION)
    assert response.metadata["reason"] == "doubtful"
    assert_verbatim(response.source_nodes, qa)


def test_a_question_that_cannot_be_asked_is_said(qa: QA) -> None:
    with pytest.raises(QuestionError, match="empty"):
        PartnershipQAQueryEngine(qa).query("  ")


def test_an_engine_has_no_prompt(qa: QA) -> None:
    assert PartnershipQAQueryEngine(qa).get_prompts() == {}
    assert issubclass(PartnershipQAQueryEngine, RetrieverQueryEngine.__mro__[1])
