"""The default encoder on onnxruntime: the installed weights, in a graph of ours that has none of its own.

`encoder.onnx` (made by `training/encoder_graph.py`) names the places in `model.safetensors` at which its weights begin,
so that onnxruntime maps that very file and nothing is copied or shipped twice. Its vectors are those of
sentence-transformers to 1e-5 in every component; loading it takes some hundredths of a second, and no torch.

In the precision `int8` the linear maps are of whole numbers of eight bits (`encoder-int8.onnx`): faster, and the
vectors are near the others and not equal to them, so that an index is of one precision, which its manifest names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from .weights import checked_weights, tensor, word_pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

GRAPH = "encoder.onnx"
INT8_GRAPH = "encoder-int8.onnx"
# Behind the hash of the weights: vectors differ in the last digits from those that sentence-transformers gave.
WAYS = {"fp32": "onnx-1", "int8": "onnx-int8-1"}
# Weights of seven bits times values of eight: where a processor adds two such products in sixteen bits, none overflows,
# so that all processors come to the same sums.
_INT8_MOST = 63
_WIDTH = 384
_LAYERS = 6
_MAX_TOKENS = 256  # `max_seq_length` of the model, special tokens included


class OnnxEncoder:
    """The default encoder; safe to share between threads."""

    def __init__(self, folder: Path, name: str, expected_sha256: str, precision: str = "fp32") -> None:
        """Load the encoder.

        Args:
            folder: holds the model's `model.safetensors` and `tokenizer.json`.
            name: how the manifest calls it.
            expected_sha256: of the weights that the graph was made for.
            precision: `fp32`, or `int8`.

        Raises:
            ModelError: the weights are missing or differ from the expected ones, or there is no such precision.

        """
        if precision not in WAYS:
            raise ModelError(f"No precision is called {precision!r}: give {' or '.join(WAYS)}.")
        weights, sha256 = checked_weights(folder, name, expected_sha256)
        self.name = name
        self.fingerprint = f"{sha256}:{WAYS[precision]}"
        self.dimension = _WIDTH
        self.max_pieces = _MAX_TOKENS - 2
        self._session = _session(weights) if precision == "fp32" else _int8_session(weights)
        self._tokenizer = word_pieces(folder)
        self._first, self._last = (self._tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]"))

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Unit vectors, float32 of shape (len(texts), dimension).

        Each text is encoded by itself and by one thread, several texts side by side: a vector then depends on its text
        alone, to the last bit, whatever stands beside it and however many processors there are, which makes two builds
        of the same corpus equal. The longest begin, so that no thread is left with a long one at the end.
        """
        out = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if len(texts) < 2:  # a question alone is not worth a worker, and none is started for it
            for place, text in enumerate(texts):
                out[place] = self._vector(text)
                if progress is not None:
                    progress(1, 1)
        else:
            self._encode_all(texts, out, progress)
        if not np.isfinite(out).all():
            raise ModelError(f"The encoder {self.name} gave a vector that is not finite; its weights are unusable.")
        return out

    def _encode_all(self, texts: Sequence[str], out: Vectors, progress: Callable[[int, int], None] | None) -> None:
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        with ThreadPoolExecutor(min(thread_count(), len(texts)), thread_name_prefix="embedding") as workers:
            vectors = workers.map(self._vector, [texts[place] for place in order])
            try:
                for done, (place, vector) in enumerate(zip(order, vectors, strict=True), 1):
                    out[place] = vector
                    if progress is not None:
                        progress(done, len(texts))
            except BaseException:
                workers.shutdown(wait=False, cancel_futures=True)
                raise

    def _vector(self, text: str) -> Vectors:
        pieces = self._tokenizer.encode(text, add_special_tokens=False).ids[: self.max_pieces]
        ids = np.array([self._first, *pieces, self._last], dtype=np.int64)
        vector: Vectors = self._session.run(["vector"], {"input_ids": ids})[0]
        return vector

    def count_pieces(self, text: str) -> int:
        """Word pieces of a text, special tokens left out."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)


def thread_count() -> int:
    """Texts side by side: as many as there are processors for this process, or as `OMP_NUM_THREADS` says."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, int(asked)) if asked.isdecimal() else usable


def whole_numbers(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix of shape (out, in) as whole numbers of shape (in, out), and what a column of them is to be scaled by."""
    scale = np.maximum(np.abs(matrix).max(axis=1), np.finfo(np.float32).tiny) / np.float32(_INT8_MOST)
    numbers = np.rint(matrix / scale[:, None]).astype(np.int8)
    return np.ascontiguousarray(numbers.T), scale


def _session(weights: Path) -> Any:
    return _loaded(GRAPH, _options(weights))


def _int8_session(weights: Path) -> Any:
    import onnxruntime

    # Held until the session has packed them for itself.
    given: dict[str, Any] = {}
    for name in _linear_maps():
        numbers, scale = whole_numbers(tensor(weights, name))
        given[f"{name}.int8"] = onnxruntime.OrtValue.ortvalue_from_numpy(numbers)
        given[f"{name}.scale"] = onnxruntime.OrtValue.ortvalue_from_numpy(scale)
    options = _options(weights)
    options.add_external_initializers(list(given), list(given.values()))
    return _loaded(INT8_GRAPH, options)


def _linear_maps() -> list[str]:
    parts = (
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
        "intermediate.dense", "output.dense",
    )  # fmt: skip
    return [f"encoder.layer.{layer}.{part}.weight" for layer in range(_LAYERS) for part in parts]


def _loaded(graph: str, options: Any) -> Any:
    import onnxruntime

    data = (resources.files(__package__) / graph).read_bytes()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _options(weights: Path) -> Any:
    import onnxruntime

    # Nothing leaves the machine: some builds of onnxruntime would report events.
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    # Texts have many lengths, and a plan kept for each would be memory for nothing.
    options.enable_mem_pattern = False
    # The graph is written as it should be run: nothing is left to be rewritten at each start.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    # Where the weights are that the graph names; an installer may have put a link in their place.
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", str(weights.resolve().parent)
    )
    return options
