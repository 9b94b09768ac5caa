"""Encoders that sentence-transformers runs, from a folder; its only user, and torch's.

They run on a GPU where torch sees one (CUDA); the fingerprint then says so, as the last digits of a vector differ.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from .weights import checked_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]


class SentenceEncoder:
    """A sentence-transformers model from a local folder; safe to share between threads."""

    def __init__(self, folder: Path, name: str, expected_sha256: str | None = None) -> None:
        """Load a model.

        Args:
            folder: holds the model's files, weights as `model.safetensors`.
            name: how the manifest calls it.
            expected_sha256: of the weights; `None` takes them as they are.

        Raises:
            ModelError: the weights are missing or differ from the expected ones.

        """
        self.name = name
        _, self.fingerprint = checked_weights(folder, name, expected_sha256)
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._device = _device()
        if self._device != "cpu":
            self.fingerprint = f"{self.fingerprint}:{self._device}"
        self._model = _load_model(folder, self._device)
        self._pieces = _piece_tokenizer(self._model)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.max_pieces = int(self._model.max_seq_length or 512) - 2
        self._lock = threading.Lock()
        # Its tokenizer cannot be used by two threads at once; all the rest of it can.
        self._model.preprocess = _one_at_a_time(self._model.preprocess)

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Unit vectors, float32 of shape (len(texts), dimension).

        Each text is encoded by itself and by one thread, several texts side by side: a vector then depends on its text
        alone, to the last bit, whatever stands beside it and however many processors there are, which makes two builds
        of the same corpus equal (padding in a batch changes the last digits, and so do threads that share in a sum).
        """
        import torch

        out = np.zeros((len(texts), self.dimension), dtype=np.float32)
        with (
            self._lock,
            _one_thread() as threads,
            # A GPU takes one text after the other, whoever brings it.
            ThreadPoolExecutor(
                threads if self._device == "cpu" else 1, initializer=torch.set_num_threads, initargs=(1,)
            ) as workers,
        ):
            # A question alone is not worth a worker, and none is started for it.
            vectors = workers.map(self._vector, texts) if len(texts) > 1 else map(self._vector, texts)
            for index, vector in enumerate(vectors):
                out[index] = vector
                if progress is not None:
                    progress(index + 1, len(texts))
        if not np.isfinite(out).all():
            raise ModelError(f"The encoder {self.name} gave a vector that is not finite; its weights are unusable.")
        return out

    def _vector(self, text: str) -> Vectors:
        made: Vectors = self._model.encode(
            [text], batch_size=1, show_progress_bar=False, convert_to_numpy=True, normalize_embeddings=True
        )[0]
        return made

    def count_pieces(self, text: str) -> int:
        """Word pieces of a text, special tokens left out."""
        return len(self._pieces.encode(text, add_special_tokens=False).ids)


def _one_at_a_time(function: Callable[..., Any]) -> Callable[..., Any]:
    lock = threading.Lock()

    def locked(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return function(*args, **kwargs)

    return locked


@contextmanager
def _one_thread() -> Iterator[int]:
    """Keep each of torch's operations to one thread, and give it back those that it had; how many these were."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield threads
    finally:
        torch.set_num_threads(threads)


def _piece_tokenizer(model: Any) -> Any:
    """A tokenizer of one's own to count with: the model's is set to cut texts off whenever it encodes one."""
    from tokenizers import Tokenizer

    own = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    own.no_truncation()
    own.no_padding()
    return own


def _device() -> str:
    """Where torch computes: on a GPU if it sees one."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _load_model(folder: Path, device: str) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    return SentenceTransformer(
        str(folder), device=device, local_files_only=True, model_kwargs={"use_safetensors": True}
    )
