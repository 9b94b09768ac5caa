"""The shipped reader: a MiniLM with span heads in ONNX; the only user of onnxruntime.

The graph takes rows of the word-embedding table instead of token numbers. That table was frozen in training, so that
it is read from the encoder's own weights and not shipped twice.
"""

from __future__ import annotations

import json
import os
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import safe_open
from tokenizers import Tokenizer

from ..embedding import default_model_dir, sha256_file
from ..errors import ModelError
from ..text import Span
from .spans import Reading, best_spans
from .view import View, view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..chunking import Passage

FORMAT = "reader-1"
_WORD_TABLE = "embeddings.word_embeddings.weight"


class OnnxReader:
    """Reads passages with a model of this package's own format; safe to share between threads."""

    def __init__(self, folder: Path, encoder_folder: Path) -> None:
        """Load a reader.

        Args:
            folder: holds `reader.onnx` and `reader.json`.
            encoder_folder: holds the `model.safetensors` and `tokenizer.json` of the encoder it was trained from.

        Raises:
            ModelError: a file is missing, damaged, or of another encoder.

        """
        try:
            facts = json.loads((folder / "reader.json").read_bytes())
            digest = sha256_file(folder / "reader.onnx")
        except (OSError, ValueError) as error:
            raise ModelError(f"The reader in {folder} cannot be read ({error}); install the package again.") from error
        if facts.get("format") != FORMAT or digest != facts.get("sha256"):
            raise ModelError(f"The reader in {folder} is damaged or of another format; install the package again.")
        weights = encoder_folder / "model.safetensors"
        if sha256_file(weights) != facts["encoder_weights_sha256"]:
            raise ModelError(f"The reader in {folder} was trained from other weights than {weights}.")
        self.name = f"onnx:{digest[:12]}"
        self._max_tokens: int = facts["max_tokens"]
        self._question_tokens: int = facts["question_tokens"]
        with safe_open(str(weights), framework="np") as tensors:
            self._table: NDArray[np.float32] = tensors.get_tensor(_WORD_TABLE)
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(encoder_folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._cls, self._sep = (int(self._tokenizer.token_to_id(token) or 0) for token in ("[CLS]", "[SEP]"))
        self._session = _session(folder / "reader.onnx")

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One reading a passage; a passage is read the same whatever is read beside it."""
        if not passages:
            return []
        views = [view(passage) for passage in passages]
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[: self._question_tokens]
        head = [self._cls, *asked, self._sep]
        room = self._max_tokens - len(head) - 1
        shown = self._tokenizer.encode_batch([v.text for v in views], add_special_tokens=False)
        readings = []
        # One passage at a time: int8 layers scale a whole batch alike, so that a passage would be read differently
        # beside others. Nothing is padded, and the same words are computed.
        for passage, seen, encoding in zip(passages, views, shown, strict=True):
            ids = np.array([[*head, *encoding.ids[:room], self._sep]], dtype=np.int64)
            types = np.ones_like(ids)
            types[0, : len(head)] = 0
            starts, ends, answerable = self._session.run(
                ["start_logits", "end_logits", "answerable"],
                {"inputs_embeds": self._table[ids], "attention_mask": np.ones_like(ids), "token_type_ids": types},
            )
            offsets = encoding.offsets[:room]
            readings.append(_reading(passage, seen, offsets, starts[0], ends[0], len(head), float(answerable[0])))
        return readings


def _reading(
    passage: Passage,
    shown: View,
    offsets: Sequence[tuple[int, int]],
    starts: NDArray[np.float32],
    ends: NDArray[np.float32],
    first: int,
    answerable: float,
) -> Reading:
    """Spans of one row of logits; `first` is the position of the view's first token."""
    skip = shown.body_start
    body = [number for number, (start, _) in enumerate(offsets) if start >= skip]
    tokens = [Span(offsets[n][0] - skip, offsets[n][1] - skip) for n in body]
    places = np.array(body, dtype=np.int64) + first
    null = float(starts[0] + ends[0])
    return Reading(best_spans(passage, shown, tokens, starts[places], ends[places], null), null, answerable)


def _session(model: Path) -> Any:
    import onnxruntime

    # Nothing leaves the machine: some builds of onnxruntime would report events.
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = max(1, min(4, int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))))
    # Threads that spin between questions would take the processor from everybody else.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


@cache
def load_reader() -> OnnxReader:
    """The shipped reader; loaded once a process.

    Raises:
        ModelError: its files or the encoder's are missing or damaged.

    """
    folder = Path(str(resources.files("partnership_qa") / "model"))
    return OnnxReader(folder, default_model_dir())
