"""What is cut for an index: passages, or columns with the texts that are embedded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from fakes import FakeEncoder

from partnership_qa.index.cutting import cut_corpus, key_of, stretch_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_corpus_is_held_as_columns_and_texts_and_without_passages(corpus: Path, root: Path) -> None:
    (whole, _), (packed, _) = (
        cut_corpus(corpus, root, FakeEncoder(), None, lambda *_: None, pack=pack) for pack in (False, True)
    )
    assert [cut.entry for cut in packed] == [cut.entry for cut in whole]
    assert not any(cut.passages for cut in packed)
    for cut, other in zip(packed, whole, strict=True):
        assert cut.stretch is not None
        assert other.stretch is None
        assert cut.stretch.texts == tuple(passage.indexed_text for passage in other.passages)
        assert [key.tobytes() for key in cut.stretch.part.keys] == [key_of(text) for text in cut.stretch.texts]
        np.testing.assert_array_equal(cut.stretch.part.rows, stretch_of(other).part.rows)
        assert (cut.stretch.size, cut.stretch.part.origin) == (cut.entry.size, -1)
