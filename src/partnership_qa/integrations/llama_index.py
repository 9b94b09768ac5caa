"""LlamaIndex: a retriever over an index, and a query engine whose response is a quoted answer or a refusal.

PartnershipQARetriever("my_index/").retrieve("notice period")
PartnershipQAQueryEngine("my_index/").query("When does the contract end?").source_nodes
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ..errors import OptionalDependencyError
from .metadata import citation_metadata, hit_metadata
from .opening import opened, shown_citations

try:
    from llama_index.core.base.base_query_engine import BaseQueryEngine
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.base.response.schema import Response
    from llama_index.core.schema import NodeRelationship, NodeWithScore, ObjectType, RelatedNodeInfo, TextNode
except ImportError as error:
    raise OptionalDependencyError("llama-index-core", "llama-index", "Asking from LlamaIndex") from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_index.core.schema import QueryBundle

    from ..qa import QA
    from .metadata import Metadata


class PartnershipQARetriever(BaseRetriever):
    """The passages of an index that fit a query best, as nodes with their characters in the source and the source."""

    def __init__(
        self,
        index: str | QA | None = None,
        *,
        collection: str | None = None,
        home: str | None = None,
        similarity_top_k: int = 5,
        documents: Sequence[str] = (),
        **given: Any,
    ) -> None:
        """Name what is searched; it is loaded with the first query.

        Args:
            index: folder of the index, or a loaded `QA`; `None` is the default index, or the collection's.
            collection, home: as `partnership_qa.load` takes them.
            similarity_top_k: passages a query, 1 and up.
            documents: names, folders and patterns of the documents to search; all if empty.
            given: what LlamaIndex's own retrievers take, such as `callback_manager`.

        """
        super().__init__(**given)
        self._opening = opened(index, collection, home)
        self._k, self._documents = similarity_top_k, tuple(documents)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """The best passages, best first.

        Raises:
            QuestionError: the query is empty or too long, or fewer than one passage is asked for.
            CorpusIndexError: the index cannot be used.

        """
        qa = self._opening.qa
        hits = qa.search(query_bundle.query_str, k=self._k, documents=self._documents)
        return [_node(hit.passage.text, hit_metadata(hit, qa.index)) for hit in hits]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class PartnershipQAQueryEngine(BaseQueryEngine):
    """Answers in the text's own words, or declines; nothing is written by a language model.

    The response's `source_nodes` are the quotes, those of the closest passages where a doubtful question is declined.
    Its `metadata` says whether it is `answered`, the `confidence`, the `reason` of a refusal, and the generation.
    """

    def __init__(
        self,
        index: str | QA | None = None,
        *,
        collection: str | None = None,
        home: str | None = None,
        documents: Sequence[str] = (),
        no_answer_threshold: float | None = None,
        callback_manager: Any = None,
    ) -> None:
        """Name what is asked; it is loaded with the first question.

        Args:
            index: folder of the index, or a loaded `QA`; `None` is the default index, or the collection's.
            collection, home: as `partnership_qa.load` takes them.
            documents: names, folders and patterns of the documents to ask; all if empty.
            no_answer_threshold: decline below this confidence, in [0, 1]; `None` takes the calibrated one.
            callback_manager: LlamaIndex's.

        """
        super().__init__(callback_manager)
        self._opening = opened(index, collection, home)
        self._documents, self._threshold = tuple(documents), no_answer_threshold

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}  # there is no prompt

    def _query(self, query_bundle: QueryBundle) -> Response:
        """Answer or decline.

        Raises:
            QuestionError: the question is empty or too long.
            CorpusIndexError: the index cannot be used.

        """
        qa = self._opening.qa
        trace = qa.trace(query_bundle.query_str, no_answer_threshold=self._threshold, documents=self._documents)
        outcome = trace.outcome
        nodes = [_node(one.quote, citation_metadata(one, qa.index, trace.hits)) for one in shown_citations(trace)]
        reason = getattr(outcome, "reason", None)
        said = {
            "answered": outcome.answered, "confidence": round(outcome.confidence, 6),
            "reason": None if reason is None else reason.value, "generation": qa.index.generation.name,
        }  # fmt: skip
        return Response(response=outcome.text, source_nodes=nodes, metadata=said)

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)


def _node(text: str, metadata: Metadata) -> NodeWithScore:
    name, start, end = metadata["document"], metadata["start"], metadata["end"]
    source = RelatedNodeInfo(node_id=name, node_type=ObjectType.DOCUMENT, hash=metadata["sha256"])
    node = TextNode(
        id_=f"{metadata['sha256'][:16]}:{name}:{start}:{end}", text=text, metadata=dict(metadata), start_char_idx=start,
        end_char_idx=end, relationships={NodeRelationship.SOURCE: source},
        # Numbers and hashes are no text: whatever embeds or shows the node takes its name and headings alone.
        excluded_embed_metadata_keys=sorted(metadata.keys() - {"document", "section"}),
        excluded_llm_metadata_keys=sorted(metadata.keys() - {"document", "section", "line", "page"}),
    )  # fmt: skip
    return NodeWithScore(node=node, score=metadata["score"])
