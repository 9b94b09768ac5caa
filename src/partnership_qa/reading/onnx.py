"""The shipped reader: two MiniLMs with span heads in ONNX; the only user of onnxruntime.

One reads a passage, the other reads the sentences, items or rows that the first points at once more by themselves. The
words are chosen by the mean of both, the place mostly by the first, which sees what stands around it. The second was
trained on single sentences with and without an answer, errs elsewhere than the first, and costs a fraction of its time.

The graphs take rows of the word-embedding table instead of token numbers. That table was frozen in training, so that
it is read from the encoder's own weights and not shipped twice.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import safe_open
from tokenizers import Tokenizer

from ..embedding import default_model_dir, sha256_file
from ..errors import ModelError
from ..text import Span
from .spans import Reading, Scores, best_spans, mean_scores, read_twice
from .view import View, view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..chunking import Passage

FORMAT = "reader-2"
GRAPHS = ("reader.onnx", "sentences.onnx")
# Margin over "no answer" at which a span is not worth a second reading: it would not be quoted anyway.
HOPELESS = -8.0
SECOND_READINGS = 2  # of a passage: those of its best units
_WORD_TABLE = "embeddings.word_embeddings.weight"


class OnnxReader:
    """Reads passages with a model of this package's own format; safe to share between threads."""

    def __init__(self, folder: Path, encoder_folder: Path) -> None:
        """Load a reader.

        Args:
            folder: holds `reader.onnx`, `sentences.onnx` and `reader.json`.
            encoder_folder: holds the `model.safetensors` and `tokenizer.json` of the encoder it was trained from.

        Raises:
            ModelError: a file is missing, damaged, or of another encoder.

        """
        try:
            facts = json.loads((folder / "reader.json").read_bytes())
            digests = {name: sha256_file(folder / name) for name in GRAPHS}
        except (OSError, ValueError) as error:
            raise ModelError(f"The reader in {folder} cannot be read ({error}); install the package again.") from error
        if facts.get("format") != FORMAT or digests != facts.get("sha256"):
            raise ModelError(f"The reader in {folder} is damaged or of another format; install the package again.")
        weights = encoder_folder / "model.safetensors"
        if sha256_file(weights) != facts["encoder_weights_sha256"]:
            raise ModelError(f"The reader in {folder} was trained from other weights than {weights}.")
        self.name = "onnx:" + "+".join(digests[name][:12] for name in GRAPHS)
        self._words: float = facts["second_reading"]["words"]
        self._place: float = facts["second_reading"]["place"]
        self._max_tokens: int = facts["max_tokens"]
        self._question_tokens: int = facts["question_tokens"]
        with safe_open(str(weights), framework="np") as tensors:
            self._table: NDArray[np.float32] = tensors.get_tensor(_WORD_TABLE)
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(encoder_folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._cls, self._sep = (int(self._tokenizer.token_to_id(token) or 0) for token in ("[CLS]", "[SEP]"))
        self._passages, self._sentences = (_session(folder / name) for name in GRAPHS)
        self._threads = ThreadPoolExecutor(_thread_count(), thread_name_prefix="reading")

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One reading a passage; a passage is read the same whatever is read beside it."""
        if not passages:
            return []
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[: self._question_tokens]
        head = [self._cls, *asked, self._sep]
        # No batch: int8 layers scale a whole batch alike, so that a passage would be read differently beside others.
        # Each passage is read by one thread, several side by side: threads that share in one wait for each other.
        return list(self._threads.map(partial(self._read, head), passages))

    def _read(self, head: list[int], passage: Passage) -> Reading:
        shown = view(passage)
        scores, answerable = self._scores(self._passages, head, shown)
        spans = best_spans(passage, shown, scores)
        for unit in list(dict.fromkeys(span.unit for span in spans if span.score > HOPELESS))[:SECOND_READINGS]:
            alone = view(passage, only=unit)
            again, _ = self._scores(self._sentences, head, alone)
            place = best_spans(passage, alone, again)[:1]
            both = best_spans(passage, alone, mean_scores(alone, again, shown, scores, 1 - self._words))
            spans = read_twice(spans, place, both, self._place)
        return Reading(spans, answerable)

    def _scores(self, session: Any, head: list[int], shown: View) -> tuple[Scores, float]:
        """What a graph makes of a view, and its logit that the view answers; `head` is the question with its marks."""
        room = self._max_tokens - len(head) - 1
        encoding = self._tokenizer.encode(shown.text, add_special_tokens=False)
        ids = np.array([[*head, *encoding.ids[:room], self._sep]], dtype=np.int64)
        types = np.ones_like(ids)
        types[0, : len(head)] = 0
        starts, ends, answerable = session.run(
            ["start_logits", "end_logits", "answerable"],
            {"inputs_embeds": self._table[ids], "attention_mask": np.ones_like(ids), "token_type_ids": types},
        )
        skip = shown.body_start
        body = [n for n, (start, _) in enumerate(encoding.offsets[:room]) if start >= skip]
        tokens = [Span(start - skip, end - skip) for start, end in (encoding.offsets[n] for n in body)]
        places = np.array(body, dtype=np.int64) + len(head)
        return Scores(tokens, starts[0][places] - starts[0][0], ends[0][places] - ends[0][0]), float(answerable[0])


def _thread_count() -> int:
    return max(1, min(4, int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))))


def _session(model: Path) -> Any:
    import onnxruntime

    # Nothing leaves the machine: some builds of onnxruntime would report events.
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


@cache
def load_reader() -> OnnxReader:
    """The shipped reader; loaded once a process.

    Raises:
        ModelError: its files or the encoder's are missing or damaged.

    """
    folder = Path(str(resources.files("partnership_qa") / "model"))
    return OnnxReader(folder, default_model_dir())
