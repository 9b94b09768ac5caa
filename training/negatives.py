"""Mines passages that look right for a question and do not answer it, by dense retrieval and BM25."""

from __future__ import annotations

from collections import defaultdict

import bm25s
import numpy as np
import torch
from model import Encoder, load_encoder
from passages import Passage, Question, normalise, tokenizer

# Questions of these sources say enough about their text to be put to another one.
MINED = {"squad", "new_wiki", "reddit", "amazon"}
KEPT = 8


class Embedder:
    """all-MiniLM-L6-v2 with mean pooling, in bfloat16."""

    def __init__(self) -> None:
        config, self.words, state = load_encoder()
        self.encoder = Encoder(config).eval()
        self.encoder.load_state_dict(state)

    @torch.inference_mode()
    def __call__(self, texts: list[str], batch: int = 64, limit: int = 200) -> np.ndarray:
        encoded = [e.ids[:limit] for e in tokenizer().encode_batch(texts)]
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        vectors = np.zeros((len(texts), self.words.shape[1]), np.float32)
        for at in range(0, len(order), batch):
            rows = order[at : at + batch]
            width = max(len(encoded[i]) for i in rows)
            ids = torch.tensor([encoded[i] + [0] * (width - len(encoded[i])) for i in rows])
            mask = (ids != 0).long()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                hidden = self.encoder(self.words[ids], mask, torch.zeros_like(ids))
            weight = mask[..., None].float()
            mean = (hidden.float() * weight).sum(1) / weight.sum(1)
            vectors[rows] = torch.nn.functional.normalize(mean, dim=-1).numpy()
        return vectors


def holds(passage_words: str, answers: list[str]) -> bool:
    """Whether a normalised passage (blanks at both ends) holds one of the answers."""
    forms = (normalise(a) for a in answers)
    return any(not form or f" {form} " in passage_words for form in forms)


def _dense(questions: np.ndarray, passages: np.ndarray, top: int) -> np.ndarray:
    """Row numbers of the `top` nearest passages of each question."""
    top = min(top, len(passages) - 1)
    rows = []
    for at in range(0, len(questions), 1024):
        scores = questions[at : at + 1024] @ passages.T
        best = np.argpartition(-scores, top, axis=1)[:, :top]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
        rows.append(np.take_along_axis(best, order, axis=1))
    return np.concatenate(rows)


def _sparse(questions: list[str], passages: list[str], top: int) -> np.ndarray:
    """The same by BM25."""
    index = bm25s.BM25()
    index.index(bm25s.tokenize(passages, stopwords="en", show_progress=False), show_progress=False)
    words = bm25s.tokenize(questions, stopwords="en", show_progress=False)
    return index.retrieve(words, k=min(top, len(passages)), show_progress=False)[0]


def _choose(
    question: Question,
    own: Passage,
    dense: list[int],
    sparse: list[int],
    passages: list[Passage],
    words: dict[int, str],
) -> list[int]:
    """Up to KEPT negatives: those of the same title first, then the two rankings in turn."""
    turn = [i for pair in zip(dense, sparse, strict=False) for i in pair] + dense[len(sparse) :]
    same = [i for i in dense if own.title and passages[i].title == own.title][:4]
    chosen: list[int] = []
    for i in same + turn:
        if i in chosen or i == question.passage or passages[i].text == own.text:
            continue
        if not holds(words[i], question.answers):
            chosen.append(i)
        if len(chosen) == KEPT:
            break
    return chosen


def mine(questions: list[Question], passages: list[Passage]) -> None:
    """Fills `negatives` of the answerable questions of the mined sources."""
    embed = Embedder()
    by_source: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question.source in MINED and question.start >= 0:
            by_source[question.source].append(question)
    for source, group in by_source.items():
        pool = [i for i, p in enumerate(passages) if p.source == source]
        texts = [passages[i].text for i in pool]
        words = {i: f" {normalise(passages[i].text)} " for i in pool}
        vectors = embed([f"{passages[i].title.replace('_', ' ')}\n{passages[i].text}" for i in pool])
        asked = [q.text for q in group]
        dense = _dense(embed(asked), vectors, 30)
        sparse = _sparse(asked, texts, 12)
        for n, question in enumerate(group):
            near, shared = [pool[i] for i in dense[n]], [pool[int(i)] for i in sparse[n]]
            own = passages[question.passage]
            question.negatives = _choose(question, own, near, shared, passages, words)
        print(f"{source}: {len(pool)} passages, {len(group)} questions mined", flush=True)
