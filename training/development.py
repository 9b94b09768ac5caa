"""What a reader in training is worth, on questions that it does not see: spans in the gold passage, and support."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from layout import Row, lay_out
from model import PAD

from partnership_qa.evaluation.metrics import auroc, normalize, token_f1
from partnership_qa.reading.spans import Scores, best_spans
from partnership_qa.text import Span

if TYPE_CHECKING:
    from data import Pool
    from torch import Tensor

    from partnership_qa.chunking import Passage


class Runs(Protocol):
    """A reader, or a graph in its place."""

    def __call__(self, ids: Tensor, mask: Tensor, /) -> tuple[Tensor, ...]:
        """Start, end, support and `answerable` logits."""
        ...


class Read:
    """What a reader makes of rows."""

    def __init__(self, reader: Runs, device: torch.device) -> None:
        self.reader, self.device = reader, device

    def __call__(self, row: Row, passage: Passage) -> tuple[str, float, float, list[float]]:
        """The best span's words, its margin over "no answer", the `answerable` logit and the support of each unit."""
        ids = torch.tensor([row.ids], device=self.device)
        with torch.inference_mode():
            start, end, support, answerable = (
                x[0].float().cpu().numpy() for x in self.reader(ids, (ids != PAD).long())
            )
        tokens = [Span(*offsets) for offsets in row.offsets]
        places = np.array(row.answering, dtype=np.int64)
        found = best_spans(passage, row.shown, Scores(tokens, start[places] - start[0], end[places] - end[0]))
        supports = [float(support[unit].mean()) for unit in row.units]
        if not found:
            return "", -100.0, float(answerable), supports
        return passage.between(found[0].start, found[0].end), found[0].score, float(answerable), supports


def _lists(count: int) -> list[list[float]]:
    return [[] for _ in range(count)]


def figures(reader: Runs, pool: Pool, questions: int, device: torch.device) -> dict[str, float]:
    """EM and F1 with the gold passage; AUROC of gold against wrong passages by margin and head; AUROC of support."""
    read = Read(reader, device)
    exact, f1, right, wrong, heads, others, yes, no = _lists(8)
    step = max(1, len(pool.questions) // questions)
    for question in pool.questions[::step]:
        passage = pool.passages[question.passage]
        row = lay_out(question.text, passage, question.spans)
        said, margin, head, supports = read(row, passage)
        if not question.spans:
            wrong.append(margin)
            others.append(head)
            continue
        if not question.lines:
            exact.append(max(float(normalize(said) == normalize(answer)) for answer in question.answers))
            f1.append(max(token_f1(said, answer) for answer in question.answers))
        right.append(margin)
        heads.append(head)
        for value, is_part in zip(supports, row.support, strict=True):
            (yes if is_part else no).append(value)
        for number in question.wrong[:1]:
            near = pool.passages[number]
            _, margin, head, _ = read(lay_out(question.text, near), near)
            wrong.append(margin)
            others.append(head)
    return {
        "em": float(np.mean(exact)),
        "f1": float(np.mean(f1)),
        "auroc_margin": auroc(right, wrong) or 0.0,
        "auroc_head": auroc(heads, others) or 0.0,
        "auroc_support": auroc(yes, no) or 0.0,
    }
