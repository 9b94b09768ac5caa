"""Where texts that visitors add are kept: in a folder of the index, or beside the folders that a collection follows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FollowedDocumentError
from ..library import TEXTS, collection_of

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class OwnTexts:
    """The texts that a page may change.

    Attributes:
        folder: that holds them, and nothing else.
        corpus: what is built once they have changed: the same folder, or the list of a collection's folders.
        prefix: what their names in the index begin with; empty where they are all that is indexed.

    """

    folder: Path
    corpus: Path
    prefix: str = ""

    def holds(self, name: str) -> bool:
        """Whether a document of the index is one of them."""
        return name.startswith(self.prefix)

    def name(self, document: str) -> str:
        """The name in the folder of a document of the index."""
        return document.removeprefix(self.prefix)

    def check_dropped(self, documents: Iterable[str]) -> None:
        """Look whether these documents may be taken out.

        Raises:
            FollowedDocumentError: one lies in a folder that the collection follows.

        """
        followed = next((name for name in documents if not self.holds(name)), None)
        if followed is not None:
            raise FollowedDocumentError(followed)


def own_texts(root: Path) -> OwnTexts:
    """Where the texts of the index in this folder are kept."""
    collection = collection_of(root)
    if collection is None:
        return OwnTexts(root / TEXTS, root / TEXTS)
    return OwnTexts(collection.texts, collection.corpus, f"{TEXTS}/")
