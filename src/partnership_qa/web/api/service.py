"""What the endpoints do, as plain values: asked of the page's index, or of a collection that the server has."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from ...errors import EmptyCorpusError
from ...index import Originals, open_index
from ...index.generations import pointer
from ...integrations.metadata import hit_values, outcome_values
from ...proof import State, verify
from ...qa import QA
from ..intake import receive
from .failures import ApiError

if TYPE_CHECKING:
    from pathlib import Path

    from ...index import Store
    from ...library import Library
    from ..desk import Desk
    from .schemas import Ask, NewText, Search, Verify

_OPEN = 4  # collections that are kept open


def described(index: Store) -> dict[str, Any]:
    """What is indexed, as plain values."""
    manifest = index.generation.manifest
    return {
        "generation": index.generation.name, "digest": manifest.digest, "encoder": manifest.encoder,
        "passages": manifest.passages,
        "documents": [
            {"name": one.name, "sha256": one.sha256, "characters": one.characters, "sections": one.sections,
             "passages": one.passages}
            for one in manifest.sources
        ],
    }  # fmt: skip


class Service:
    """Shared by all requests; every method may be called from any thread."""

    def __init__(self, desk: Desk, library: Library | None) -> None:
        """Note what can be asked.

        Args:
            desk: what the page answers from.
            library: the collections that can be asked by name; `None` where none can.

        """
        self._desk, self._library = desk, library
        self._lock = threading.Lock()
        self._opened: OrderedDict[Path, QA] = OrderedDict()

    def collections(self) -> list[str]:
        """Names of the collections that can be asked."""
        return [one.name for one in self._library.collections() if one.built] if self._library else []

    def qa(self, collection: str | None) -> QA:
        """What answers for a collection; without one, what the page answers from.

        Raises:
            ApiError: 404 where there is no such collection.

        """
        mine = self._desk.qa()
        if collection is None:
            return mine
        found = self._library.collections() if self._library else ()
        root = next((one.index for one in found if one.built and one.name == collection), None)
        if root is None:
            hint = "GET /v1/models lists those that there are; leave the field out to ask what the page asks."
            raise ApiError(404, "unknown_collection", "There is no such collection here.", "collection", hint)
        with self._lock:
            opened = self._opened.pop(root, None)
            if opened is None or opened.index.generation.name != pointer(root)[0]:
                opened = QA.assemble(open_index(root), mine.encoder, mine.reader, mine.calibration)
            self._opened[root] = opened
            while len(self._opened) > _OPEN:
                self._opened.popitem(last=False)
            return opened

    def ask(self, given: Ask) -> dict[str, Any]:
        """The outcome of a question; each citation with its address and the scores of its passage."""
        qa = self.qa(given.collection)
        history = [{"role": one.role, "content": one.content} for one in given.history]
        trace = qa.trace(
            given.question, history=history, no_answer_threshold=given.no_answer_threshold, k=given.k,
            documents=given.documents,
        )  # fmt: skip
        return outcome_values(trace, qa.index)

    def search(self, given: Search) -> dict[str, Any]:
        """The best passages."""
        qa = self.qa(given.collection)
        hits = qa.search(given.query, k=given.k, documents=given.documents)
        return {
            "generation": qa.index.generation.name,
            "hits": [hit_values(hit, qa.index) for hit in hits],
        }

    def verify(self, given: Verify) -> dict[str, Any]:
        """What has become of each quote in the texts that are indexed now, and what answers say beyond them."""
        verdicts = verify(given.answers, Originals(self.qa(given.collection).index))
        counts = {state.value: sum(one.state is state for one in verdicts) for state in State}
        intact = counts[State.INTACT.value] == len(verdicts)
        return {"intact": intact, "counts": counts, "verdicts": [one.to_dict() for one in verdicts]}

    def documents(self, collection: str | None) -> dict[str, Any]:
        """What is indexed."""
        return described(self.qa(collection).index)

    def text(self, name: str, collection: str | None) -> str:
        """The text of a document, as it was read: what the offsets of citations count in.

        Raises:
            ApiError: 404 where there is none of that name.

        """
        source = self.qa(collection).index.sources.get(name)
        if source is None:
            hint = "GET /v1/documents lists the documents."
            raise ApiError(404, "unknown_document", "There is no document of that name.", "name", hint)
        return source.text

    def add(self, given: NewText) -> dict[str, Any]:
        """Add a text to what the page answers from; who may was checked before."""
        intake = receive(None, given.text, given.name)
        if not intake.texts:
            raise EmptyCorpusError(self._desk.root, intake.refused)
        return self._desk.change(intake.texts, permitted=True).to_dict()
