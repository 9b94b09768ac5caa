"""Any Hugging Face question-answering model in a local folder as a reader, such as `deepset/tinyroberta-squad2`.

It runs on torch, through the transformers library that sentence-transformers brings along; nothing is downloaded.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..embedding import sha256_file
from ..errors import ModelError
from ..text import Span
from .spans import Proposal, Reading, Scores, best_spans
from .view import view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..chunking import Passage

MAX_TOKENS = 384


class FolderReader:
    """Reads passages with an extractive model of SQuAD 2.0's form: start, end, and "no answer" at position 0."""

    def __init__(self, folder: Path) -> None:
        """Load a model.

        Args:
            folder: holds `config.json`, a fast tokenizer's files and `model.safetensors`.

        Raises:
            ModelError: the folder holds no such model.
        """
        weights = folder / "model.safetensors"
        if not weights.is_file():
            raise ModelError(f"No model.safetensors in {folder}: name a folder with a question-answering model.")
        self.name = f"{folder.name}:{sha256_file(weights)[:12]}"
        self._tokenizer, self._model = _load(folder)
        if not self._tokenizer.is_fast:
            raise ModelError(f"The tokenizer in {folder} gives no offsets; a tokenizer.json is needed.")
        self._lock = threading.Lock()

    def propose(self, question: str, passages: Sequence[Passage]) -> list[Proposal]:  # noqa: ARG002
        """Nothing: such a model has no quicker look than reading."""
        return []

    def read(
        self,
        question: str,
        passages: Sequence[Passage],
        proposals: Sequence[Proposal] = (),  # noqa: ARG002
    ) -> list[Reading]:
        """One reading a passage, in one batched pass."""
        import torch

        if not passages:
            return []
        views = [view(passage) for passage in passages]
        with self._lock, torch.inference_mode():
            batch = self._tokenizer(
                [question] * len(views), [v.text for v in views], truncation="only_second", max_length=MAX_TOKENS,
                padding=True, return_offsets_mapping=True, return_tensors="pt",
            )  # fmt: skip
            offsets = batch.pop("offset_mapping").tolist()
            sequences = [batch.sequence_ids(number) for number in range(len(views))]
            logits = self._model(**batch)
        readings = []
        for number, (passage, shown) in enumerate(zip(passages, views, strict=True)):
            starts, ends = (x[number].float().numpy() for x in (logits.start_logits, logits.end_logits))
            skip = shown.body_start
            places = [n for n, part in enumerate(sequences[number]) if part == 1 and offsets[number][n][0] >= skip]
            tokens = [Span(offsets[number][n][0] - skip, offsets[number][n][1] - skip) for n in places]
            scores = Scores(tokens, starts[places] - starts[0], ends[places] - ends[0])
            spans = best_spans(passage, shown, scores)
            # Such a model has no head of its own for this; its margin says the same on another scale.
            readings.append(Reading(spans, spans[0].score / 2 if spans else -8.0))
        return readings


def _load(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        model = AutoModelForQuestionAnswering.from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The model in {folder} cannot be loaded ({error}).") from error
    return tokenizer, model.eval()
