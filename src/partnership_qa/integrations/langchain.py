"""LangChain: a retriever over an index.

retriever = PartnershipQARetriever(index="my_index/", k=3)
retriever.invoke("When does the contract end?")        # -> list[Document]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import OptionalDependencyError
from .metadata import hit_metadata
from .opening import opened

try:
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
    from pydantic import Field, PrivateAttr
except ImportError as error:
    raise OptionalDependencyError("langchain-core", "langchain", "Searching from LangChain") from error

if TYPE_CHECKING:
    from langchain_core.callbacks import CallbackManagerForRetrieverRun

    from .opening import Opening


class PartnershipQARetriever(BaseRetriever):
    """The passages of an index that fit a query best: `page_content` as the source has them, `metadata` their address.

    Attributes:
        index: folder of the index, or a loaded `QA`; `None` is the default index, or the collection's.
        collection, home: of a collection in its place, as `partnership_qa.load` takes them.
        k: passages a query, 1 and up; `invoke(query, k=...)` may say otherwise.
        documents: names, folders and patterns of the documents to search; all if empty.

    """

    index: Any = None
    collection: str | None = None
    home: str | None = None
    k: int = Field(default=5, ge=1)
    documents: tuple[str, ...] = ()
    _opening: Any = PrivateAttr(default=None)

    def model_post_init(self, _: Any, /) -> None:
        """Remember what is meant; it is loaded with the first query."""
        self._opening = opened(self.index, self.collection, self.home)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        """The `k` best passages, best first.

        Raises:
            QuestionError: the query is empty or too long, or `k` is below 1.
            CorpusIndexError: the index cannot be used.

        """
        del run_manager
        opening: Opening = self._opening
        hits = opening.qa.search(query, k=self.k if k is None else k, documents=self.documents)
        return [
            Document(page_content=hit.passage.text, metadata=dict(hit_metadata(hit, opening.qa.index))) for hit in hits
        ]
