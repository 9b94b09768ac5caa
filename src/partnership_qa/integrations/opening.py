"""How every adapter comes by what it asks: an index or a collection by name, loaded when it is first asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import QuestionError

if TYPE_CHECKING:
    from ..answering.citing import Citation
    from ..index import Store
    from ..qa import QA
    from ..trace import Trace

MAX_READ = 20_000  # characters of a document that a tool gives at once


@dataclass(frozen=True)
class Opening:
    """Which index is meant; `load` says what each may be."""

    index: str | None = None
    collection: str | None = None
    home: str | None = None

    @cached_property
    def qa(self) -> QA:
        """It, loaded once.

        Raises:
            IndexNotFoundError, IndexCorruptError, IndexMismatchError, CollectionError, ModelError: as `load` does.

        """
        from ..home import load

        return load(self.index, collection=self.collection, home=self.home)


def opened(index: object, collection: str | None = None, home: str | None = None) -> Opening:
    """An opening by the folder of an index, of a collection, or of what is loaded already."""
    from ..qa import QA

    if not isinstance(index, QA):
        return Opening(None if index is None else str(index), collection, home)
    opening = Opening(str(index.index.root))
    opening.__dict__["qa"] = index
    return opening


def text_of(index: Store, name: str, lister: str) -> str:
    """The text of a document; `lister` is the tool that names them.

    Raises:
        QuestionError: there is none of that name.

    """
    source = index.sources.get(name)
    if source is None:
        raise QuestionError(f"There is no document “{name}”: {lister} names them.")
    return source.text


def shown_citations(trace: Trace) -> tuple[Citation, ...]:
    """The quotes that stand for an outcome: those of an answer, or of a doubtful refusal the closest."""
    outcome = trace.outcome
    return outcome.citations or getattr(outcome, "candidates", ())
