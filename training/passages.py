"""Cuts texts into the passages that the product shows to the reader, and normalises answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from model import encoder_folder
from sentencex import segment
from tokenizers import Tokenizer

from partnership_qa.evaluation import auroc as product_auroc
from partnership_qa.evaluation import normalize, token_f1

PASSAGE_PIECES = 200


@dataclass
class Passage:
    """A stretch of whole sentences; `sentences` are offsets into `text`."""

    source: str
    title: str
    text: str
    sentences: list[tuple[int, int]]
    context: int = -1


@dataclass
class Question:
    """A question with its passage; `start` is -1 where the passage holds no answer."""

    id: str
    source: str
    text: str
    passage: int
    start: int = -1
    end: int = -1
    answers: list[str] = field(default_factory=list)
    negatives: list[int] = field(default_factory=list)
    twisted: list[str] = field(default_factory=list)


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    """The encoder's own tokenizer, without truncation or padding."""
    tok = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
    tok.no_truncation()
    tok.no_padding()
    return tok


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of `text`, without the white space around them."""
    spans, at = [], 0
    for line in text.split("\n"):
        inside = at
        for sentence in segment("en", line):
            found = text.find(sentence, inside)
            begin = found if found >= 0 else inside
            end = min(begin + len(sentence), at + len(line))
            body = text[begin:end]
            if body.strip():
                spans.append((begin + len(body) - len(body.lstrip()), begin + len(body.rstrip())))
            inside = end
        at += len(line) + 1
    return spans


def cut(text: str, limit: int = PASSAGE_PIECES) -> list[list[tuple[int, int]]]:
    """Greedily packs whole sentences into stretches of at most `limit` word pieces."""
    spans = sentence_spans(text)
    encoded = tokenizer().encode_batch([text[a:b] for a, b in spans], add_special_tokens=False)
    stretches: list[list[tuple[int, int]]] = []
    used = limit + 1
    for span, pieces in zip(spans, encoded, strict=True):
        if used + len(pieces) > limit:
            stretches.append([])
            used = 0
        stretches[-1].append(span)
        used += len(pieces)
    return stretches


def make_passage(source: str, title: str, text: str, spans: list[tuple[int, int]], context: int) -> Passage:
    """The passage over the sentences `spans` of `text`."""
    begin, end = spans[0][0], spans[-1][1]
    inner = [(a - begin, b - begin) for a, b in spans]
    return Passage(source, title, text[begin:end], inner, context)


def normalise(text: str) -> str:
    """SQuAD's normal form of an answer: lower case, no punctuation, no articles (Rajpurkar et al. 2016)."""
    return " ".join(normalize(text))


def exact(prediction: str, answers: list[str]) -> float:
    """1.0 where the prediction equals an answer in normal form."""
    return float(any(normalise(prediction) == normalise(a) for a in answers))


def f1(prediction: str, answers: list[str]) -> float:
    """SQuAD's token F1 against the best of `answers`."""
    return max(token_f1(prediction, answer) for answer in answers)


def auroc(high: list[float], low: list[float]) -> float:
    """The chance that a score of `high` exceeds one of `low`; not a number where a side is empty."""
    value = product_auroc(high, low)
    return float("nan") if value is None else value
