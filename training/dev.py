"""Span decoding, and the small development figure that training prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from passages import Passage, Question, auroc, exact, f1
from render import Encoded, Example, encode
from torch import Tensor

SPAN_TOKENS = 30
WIDTH_STEP = 16  # widths repeat, so that kernels made for a shape are used again

# token rows -> start logits, end logits, answerable logits, as padded arrays
Run = Callable[[list[Encoded]], tuple[np.ndarray, np.ndarray, np.ndarray]]


@dataclass
class Read:
    """The best span of a passage; `score` is its logits' sum, `null` that of position 0."""

    text: str
    score: float
    null: float
    answerable: float

    @property
    def margin(self) -> float:
        return self.score - self.null


def pad(rows: list[Encoded]) -> tuple[Tensor, Tensor, Tensor]:
    """Token numbers, attention mask and token types of a batch."""
    width = -(-max(len(r.ids) for r in rows) // WIDTH_STEP) * WIDTH_STEP
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for i, row in enumerate(rows):
        n = len(row.ids)
        ids[i, :n] = torch.tensor(row.ids)
        mask[i, :n] = 1
        types[i, :n] = torch.tensor(row.types)
    return ids, mask, types


def best_span(start: np.ndarray, end: np.ndarray, row: Encoded) -> tuple[int, int, float]:
    """The pair of body tokens with the greatest sum of logits, at most SPAN_TOKENS apart."""
    s, e = start[row.low : row.high], end[row.low : row.high]
    if not len(s):
        return 0, 0, -1e9
    table = s[:, None] + e[None, :]
    gap = np.arange(len(s))[None, :] - np.arange(len(s))[:, None]
    table = np.where((gap >= 0) & (gap < SPAN_TOKENS), table, -1e9)
    i, j = divmod(int(table.argmax()), len(s))
    return row.low + i, row.low + j, float(table[i, j])


def read(examples: list[Example], run: Run, batch: int = 32) -> list[Read]:
    """The reader's best span in each example."""
    rows = encode(examples)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    out: list[Read | None] = [None] * len(rows)
    for at in range(0, len(order), batch):
        chosen = order[at : at + batch]
        start, end, answerable = run([rows[i] for i in chosen])
        for n, i in enumerate(chosen):
            a, b, score = best_span(start[n], end[n], rows[i])
            text = examples[i].body[rows[i].offsets[a][0] : rows[i].offsets[b][1]] if a else ""
            null = float(start[n][0] + end[n][0])
            out[i] = Read(text, score, null, float(answerable[n]))
    return [r for r in out if r is not None]


def dev_examples(passages: list[Passage], questions: list[Question]) -> list[list[Example]]:
    """Per question its own passage, with the title as its heading, and four mined negatives."""
    sets = []
    for question in questions:
        if len(question.negatives) < 4:
            continue
        shown = [question.passage, *question.negatives[:4]]
        titles = [passages[i].title.replace("_", " ") for i in shown]
        sets.append([Example(question.text, t, passages[i].text) for t, i in zip(titles, shown, strict=True)])
    return sets


def dev_figures(sets: list[list[Example]], answers: list[list[str]], run: Run) -> dict[str, float]:
    """EM and F1 with the gold passage and with the best of five, and two AUROCs of gold against negatives."""
    flat = read([e for group in sets for e in group], run)
    figures = dict.fromkeys(("gold_em", "gold_f1", "five_em", "five_f1"), 0.0)
    gold, wrong, gold_head, wrong_head = [], [], [], []
    for n, (group, accepted) in enumerate(zip(sets, answers, strict=True)):
        found = flat[5 * n : 5 * n + len(group)]
        best = max(found, key=lambda r: r.margin)
        figures["gold_em"] += exact(found[0].text, accepted)
        figures["gold_f1"] += f1(found[0].text, accepted)
        figures["five_em"] += exact(best.text, accepted)
        figures["five_f1"] += f1(best.text, accepted)
        gold.append(found[0].margin)
        wrong.append(max(r.margin for r in found[1:]))
        gold_head.append(found[0].answerable)
        wrong_head.append(max(r.answerable for r in found[1:]))
    figures = {k: round(100 * v / len(sets), 1) for k, v in figures.items()}
    figures["auroc_span"] = round(auroc(gold, wrong), 3)
    figures["auroc_head"] = round(auroc(gold_head, wrong_head), 3)
    return figures
