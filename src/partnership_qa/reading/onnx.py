"""The shipped reader: a small model that looks at many passages, and a large one that reads the best; in ONNX.

`proposer.onnx` is a MiniLM of the encoder's size; `reader.onnx` is the lower part of an
MPNet, five times as large, with heads for spans, for "this passage answers" and for the support of each unit. What
answers is chosen by the mean of both, weighted as `reader.json` says: they were trained apart and err elsewhere.

The proposer's graph takes rows of the encoder's word table, which was frozen in its training, so that it is not shipped
twice. The reader's graph has a table of its own. Its vocabulary is the encoder's, some numbers later.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..embedding import default_model_dir, sha256_once
from ..embedding.weights import loaded_once, tensor, word_pieces
from ..errors import ModelError
from ..text import Span
from .spans import CLOSELY, Proposal, Reading, Scores, best_spans, mean_scores, support_of_units
from .view import View, view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from tokenizers import Encoding

    from ..chunking import Passage

FORMAT = "reader-3"
GRAPHS = ("proposer.onnx", "reader.onnx")
_WORD_TABLE = "embeddings.word_embeddings.weight"
# MPNet's own marks: the beginning, and the end of the question and of the passage.
_OPEN, _CLOSE = 0, 2


class OnnxReader:
    """Reads passages with models of this package's own format; safe to share between threads."""

    def __init__(self, folder: Path, encoder_folder: Path) -> None:
        """Load a reader.

        Args:
            folder: holds `proposer.onnx`, `reader.onnx` and `reader.json`.
            encoder_folder: holds the `model.safetensors` and `tokenizer.json` of the encoder that the proposer was
                trained from.

        Raises:
            ModelError: a file is missing, damaged, or of another encoder.

        """
        try:
            facts = json.loads((folder / "reader.json").read_bytes())
        except (OSError, ValueError) as error:
            raise ModelError(f"The reader in {folder} cannot be read ({error}); install the package again.") from error
        digests = facts.get("sha256", {})
        if facts.get("format") != FORMAT or digests.keys() != set(GRAPHS):
            raise ModelError(f"The reader in {folder} is damaged or of another format; install the package again.")
        self._threads = ThreadPoolExecutor(_thread_count(), thread_name_prefix="reading")
        # The large one first, as it takes longest; what else is needed is read and hashed meanwhile.
        reader, proposer = (
            self._threads.submit(_checked_session, folder / name, digests[name]) for name in reversed(GRAPHS)
        )
        weights = encoder_folder / "model.safetensors"
        if sha256_once(weights) != facts["encoder_weights_sha256"]:
            raise ModelError(f"The reader in {folder} was trained from other weights than {weights}.")
        self.name = "onnx:" + "+".join(digests[name][:12] for name in GRAPHS)
        self.proposer_weight: float = facts["proposer_weight"]
        self._vocabulary_shift: int = facts["vocabulary_shift"]
        self._max_tokens: int = facts["max_tokens"]
        self._question_tokens: int = facts["question_tokens"]
        self._table: NDArray[np.float32] = tensor(weights, _WORD_TABLE)
        self._tokenizer = word_pieces(encoder_folder)
        self._cls, self._sep = (int(self._tokenizer.token_to_id(token) or 0) for token in ("[CLS]", "[SEP]"))
        self._proposer, self._reader = proposer.result(), reader.result()

    def propose(self, question: str, passages: Sequence[Passage]) -> list[Proposal]:
        """A quick look at every passage; the same whatever is looked at beside it."""
        return list(self._threads.map(partial(self._propose, self.asked(question)), passages))

    def read(self, question: str, passages: Sequence[Passage], proposals: Sequence[Proposal] = ()) -> list[Reading]:
        """One reading a passage: of the first `CLOSELY` by both models, of the others what the quick look says."""
        # No batch: int8 layers scale a whole batch alike, so that a passage would be read differently beside others.
        # Each passage is read by one thread, several side by side: threads that share in one wait for each other.
        known = proposals or self.propose(question, passages)
        closely = [number < CLOSELY for number in range(len(passages))]
        return list(self._threads.map(partial(self._read, self.asked(question)), passages, known, closely))

    def asked(self, question: str) -> list[int]:
        """A question's token numbers in the encoder's vocabulary, without marks; cut where it is too long."""
        return list(self._tokenizer.encode(question, add_special_tokens=False).ids[: self._question_tokens])

    def _propose(self, asked: list[int], passage: Passage) -> Proposal:
        shown = view(passage)
        encoding = self._tokenizer.encode(shown.text, add_special_tokens=False)
        head = [self._cls, *asked, self._sep]
        ids = np.array([[*head, *encoding.ids[: self._room(head)], self._sep]], dtype=np.int64)
        types = np.ones_like(ids)
        types[0, : len(head)] = 0
        starts, ends, answerable = self._proposer.run(
            ["start_logits", "end_logits", "answerable"],
            {"inputs_embeds": self._table[ids], "attention_mask": np.ones_like(ids), "token_type_ids": types},
        )
        scores, _ = _scores(shown, encoding, len(head), ids.shape[1], starts[0], ends[0])
        best = best_spans(passage, shown, scores, most=1)
        return Proposal(float(answerable[0]), best[0].score if best else float("-inf"), scores)

    def _read(self, asked: list[int], passage: Passage, proposal: Proposal, closely: bool) -> Reading:
        if not closely and proposal.scores is not None:
            spans = best_spans(passage, view(passage), proposal.scores)
            return Reading(spans, proposal.answerable)
        shown, scores, units, answerable = self.scored(asked, passage)
        if proposal.scores is not None:
            scores = mean_scores(scores, proposal.scores, self.proposer_weight)
        return Reading(best_spans(passage, shown, scores), answerable, units)

    def scored(self, asked: Sequence[int], passage: Passage) -> tuple[View, Scores, tuple[float, ...], float]:
        """What the large model alone makes of a passage: its view, token scores, support of units, and `answerable`.

        `asked` are the question's token numbers in the encoder's vocabulary.
        """
        shown = view(passage)
        encoding = self._tokenizer.encode(shown.text, add_special_tokens=False)
        shift = self._vocabulary_shift
        head = [_OPEN, *(number + shift for number in asked), _CLOSE, _CLOSE]
        body = [number + shift for number in encoding.ids[: self._room(head)]]
        ids = np.array([[*head, *body, _CLOSE]], dtype=np.int64)
        starts, ends, support, answerable = self._reader.run(
            ["start_logits", "end_logits", "support", "answerable"], {"input_ids": ids}
        )
        scores, places = _scores(shown, encoding, len(head), ids.shape[1], starts[0], ends[0])
        units = support_of_units(passage, shown, scores.tokens, support[0][places])
        return shown, scores, units, float(answerable[0])

    def _room(self, head: Sequence[int]) -> int:
        return self._max_tokens - len(head) - 1


def _scores(
    shown: View, encoding: Encoding, head: int, length: int, starts: NDArray[np.float32], ends: NDArray[np.float32]
) -> tuple[Scores, NDArray[np.int64]]:
    """Scores of a view's body from those of a whole row, and where its tokens stand in the row.

    `head` is the number of tokens before the view's, `length` that of the row, whose last one is a mark.
    """
    skip, last = shown.body_start, length - head - 1
    body = [n for n, (start, _) in enumerate(encoding.offsets[:last]) if start >= skip]
    tokens = [Span(encoding.offsets[n][0] - skip, encoding.offsets[n][1] - skip) for n in body]
    places = np.array(body, dtype=np.int64) + head
    return Scores(tokens, starts[places] - starts[0], ends[places] - ends[0]), places


def _thread_count() -> int:
    return max(1, min(4, int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))))


def _checked_session(model: Path, sha256: str) -> Any:
    try:
        found = sha256_once(model)
    except OSError as error:
        raise ModelError(f"The reader's {model} cannot be read ({error}); install the package again.") from error
    if found != sha256:
        raise ModelError(f"The reader's {model} is damaged or of another format; install the package again.")
    import onnxruntime

    # Nothing leaves the machine: some builds of onnxruntime would report events.
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


@loaded_once
def load_reader() -> OnnxReader:
    """The shipped reader; loaded once a process.

    Raises:
        ModelError: its files or the encoder's are missing or damaged.

    """
    folder = Path(str(resources.files("partnership_qa") / "model"))
    return OnnxReader(folder, default_model_dir())
