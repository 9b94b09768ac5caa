"""An index in memory over texts that a caller has at hand; nothing is written, and it is gone when it is let go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..chunking import MAX_PASSAGE_TOKENS
from ..document import line_starts
from ..errors import EmptyCorpusError
from .cutting import cut_document
from .dense import DenseIndex
from .generations import Generation
from .lexical import LexicalIndex
from .manifest import FORMAT, Manifest
from .store import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..chunking import Passage
    from ..document import Document
    from ..embedding import Encoder


@dataclass(frozen=True, slots=True)
class MemoryStore:
    """What `seam.Store` asks for, in memory."""

    root: Path
    generation: Generation
    sources: Mapping[str, Source]
    passages: Sequence[Passage]
    dense: DenseIndex
    lexical: LexicalIndex


def index_in_memory(documents: Sequence[Document], encoder: Encoder, place: Path) -> MemoryStore:
    """Index documents as a build does, without a folder.

    Args:
        documents: each name once.
        encoder: what embeds the passages.
        place: what stands for the folder of the index in messages; it is neither read nor made.

    Returns:
        An index whose generation has no name.

    Raises:
        EmptyCorpusError: none of them holds a passage.

    """
    cuts = [cut_document(document, encoder) for document in documents]
    passages = tuple(passage for cut in cuts for passage in cut.passages)
    if not passages:
        raise EmptyCorpusError(place)
    manifest = Manifest(
        FORMAT, encoder.name, encoder.fingerprint, encoder.dimension, MAX_PASSAGE_TOKENS, encoder.max_pieces,
        tuple(cut.entry for cut in cuts), (), len(passages), sum(cut.truncated for cut in cuts), {},
    )  # fmt: skip
    sources = {
        document.name: Source(
            document.name, document.text, document.sha256, line_starts(document.text), document.pages, document.places,
            document.boxes, document.note,
        )
        for document in documents
    }  # fmt: skip
    texts = [passage.indexed_text for passage in passages]
    dense = DenseIndex(np.asarray(encoder.encode(texts), dtype=np.float32))
    return MemoryStore(place, Generation("", manifest, ""), sources, passages, dense, LexicalIndex(texts))
