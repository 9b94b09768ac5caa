"""LangChain: the standard tests of its retrievers, and what ours adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes import CORPUS

pytest.importorskip("langchain_core", reason="langchain-core is not installed: pip install 'partnership_qa[langchain]'")

from partnership_qa.errors import QuestionError
from partnership_qa.integrations.langchain import PartnershipQARetriever

if TYPE_CHECKING:
    from partnership_qa.qa import QA

QUESTION = "Who kept the light from 1901?"


def test_a_passage_is_the_source_at_its_offsets(qa: QA) -> None:
    found = PartnershipQARetriever(index=str(qa.index.root), k=3).invoke(QUESTION)
    assert len(found) == 3
    for one in found:
        said = one.metadata
        assert CORPUS[said["document"]][said["start"] : said["end"]] == one.page_content
        assert said["generation"] == qa.index.generation.name
    assert found[0].metadata["document"] == "ledger.txt"


def test_what_is_loaded_can_be_searched_and_only_in_some_documents(qa: QA) -> None:
    found = PartnershipQARetriever(index=qa, documents=("harbour.md",)).invoke(QUESTION)
    assert {one.metadata["document"] for one in found} == {"harbour.md"}


def test_it_goes_into_a_chain(qa: QA) -> None:
    from langchain_core.runnables import RunnableLambda

    chain = PartnershipQARetriever(index=qa, k=1) | RunnableLambda(lambda found: found[0].metadata["line"])
    assert chain.invoke(QUESTION) == 5


@pytest.mark.parametrize("question", ["", "  ", "x" * 2001])
def test_a_question_that_cannot_be_asked_is_said(qa: QA, question: str) -> None:
    with pytest.raises(QuestionError, match="The question"):
        PartnershipQARetriever(index=qa).invoke(question)


def test_no_passages_cannot_be_asked_for(qa: QA) -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        PartnershipQARetriever(index=qa, k=0)
    with pytest.raises(QuestionError, match="At least one passage"):
        PartnershipQARetriever(index=qa).invoke(QUESTION, k=0)


try:
    from langchain_tests.integration_tests import RetrieversIntegrationTests
except ImportError:
    RetrieversIntegrationTests = None


@pytest.mark.skipif(
    RetrieversIntegrationTests is None, reason="langchain-tests is not installed: pip install langchain-tests"
)
class TestStandard(RetrieversIntegrationTests or object):  # type: ignore[misc]
    """Those of langchain-tests."""

    @pytest.fixture(autouse=True)
    def _index(self, qa: QA) -> None:
        self._root = str(qa.index.root)

    @property
    def retriever_constructor(self) -> type[PartnershipQARetriever]:
        return PartnershipQARetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"index": self._root}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION
