"""Alters texts, so that a reader cannot learn its questions by heart: only what was asked stays the same.

Names and numbers are exchanged for others of their kind, alike in question, headings and passage; sentences are left
out, and sentences of other passages that share words with the question put between; questions get a slip of the pen.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from negatives import holds
from passages import Passage, Question, normalise

KINDS = {
    "person": r"\bwho(m|se)?\b",
    "place": r"\b(where|(what|which) (city|country|state|town|region|county|island))\b",
}
LONGEST_NAME = 3
LEFT_OUT = 0.25
PUT_BETWEEN = (0, 1, 1, 2, 3)
GATHERED = (1, 2, 3, 3, 4, 4, 5)
LONGEST = 1000  # characters of a passage that sentences were put into
WORD = re.compile(r"\w+")
SMALL = re.compile(r"\b[a-z]{3,}\b")
WRITTEN_SMALL = 2  # passages
YEAR = re.compile(r"1[0-9]{3}|20[0-9]{2}")

# A sentence of a passage that shares words with a question; `render.like`.
Like = Callable[..., int | None]


class Names:
    """Words that names of a kind are made of, taken from the answers to questions for that kind.

    A word that the passages also write small ("Congress", "New") is none.
    """

    def __init__(self, passages: list[Passage], questions: list[Question]) -> None:
        small = Counter(word for passage in passages for word in set(SMALL.findall(passage.text)))
        self.kind: dict[str, str] = {}
        self.words: dict[str, list[str]] = {}
        for kind, asks in KINDS.items():
            found: set[str] = set()
            for question in questions:
                if question.answers and re.search(asks, question.text.lower()):
                    found |= {word for word in self._name(question.answers[0]) if small[word.lower()] < WRITTEN_SMALL}
            self.words[kind] = sorted(found - self.kind.keys())
            self.kind |= dict.fromkeys(self.words[kind], kind)

    @staticmethod
    def _name(answer: str) -> list[str]:
        words = answer.split()
        proper = all(re.fullmatch(r"[A-Z][a-z]{2,}", word) for word in words)
        return words if proper and len(words) <= LONGEST_NAME else []

    def others(self, text: str, share: float, rng: random.Random) -> dict[str, str]:
        """What stands for the names and numbers of a text, lower case: for a share of them another of their kind."""
        words = list(dict.fromkeys(WORD.findall(text)))
        common = {word for word in words if word.islower()}
        shift = rng.choice([n for n in range(-60, 61) if n]) if rng.random() < share else 0
        changed = {}
        for word in words:
            kind = self.kind.get(word)
            if kind and word.lower() not in common and rng.random() < share:
                changed[word.lower()] = rng.choice(self.words[kind])
            elif YEAR.fullmatch(word):
                changed[word] = str(int(word) + shift)
            elif word.isdecimal() and word.isascii() and rng.random() < share / 2:
                changed[word] = str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in word[1:])
        return changed


def exchange(text: str, changed: dict[str, str], places: tuple[int, ...] = ()) -> tuple[str, tuple[int, ...]]:
    """The text with its words exchanged, and where `places` (offsets at the borders of words) are then."""
    parts, at, shift = [], 0, 0
    moved = list(places)
    for found in WORD.finditer(text):
        other = changed.get(found[0].lower())
        if other is None:
            continue
        parts += [text[at : found.start()], other]
        at, shift = found.end(), len(other) - len(found[0])
        moved = [now + shift * (place >= found.end()) for now, place in zip(moved, places, strict=True)]
    return "".join(parts) + text[at:], tuple(moved)


def side_by_side(passage: Passage, pieces: list[str]) -> Passage:
    """A passage made of pieces of text, each of them a sentence."""
    spans, at = [], 0
    for piece in pieces:
        spans.append((at, at + len(piece)))
        at += len(piece) + 1
    return replace(passage, text=" ".join(pieces), sentences=spans)


def recast(
    passage: Passage, start: int, end: int, question: Question, wrong: list[Passage], like: Like, rng: random.Random
) -> tuple[Passage, int, int]:
    """A passage with some sentences left out that do not answer, and some of wrong passages put between."""
    answering = [i for i, (a, b) in enumerate(passage.sentences) if a < end and b > start >= 0]
    pieces: list[str] = []
    place = -1
    for i, (a, b) in enumerate(passage.sentences):
        if i in answering:
            if i == answering[0]:
                place = len(pieces)
                pieces.append(passage.text[a : passage.sentences[answering[-1]][1]])
        # Where nothing answers, every sentence stays: one of them may be what makes the question look answered.
        elif not answering or rng.random() >= LEFT_OUT:
            pieces.append(passage.text[a:b])
    for _ in range(rng.choice(PUT_BETWEEN) if wrong else 0):
        other = rng.choice(wrong)
        near = like(question.text, other, rng)
        sentence = "" if near is None else other.text[slice(*other.sentences[near])]
        room = LONGEST - sum(len(piece) for piece in pieces)
        if sentence and len(sentence) < room and not holds(f" {normalise(sentence)} ", question.answers):
            at = rng.randint(0, len(pieces))
            pieces.insert(at, sentence)
            place += at <= place
    made = side_by_side(passage, pieces)
    if not answering:
        return made, -1, -1
    shift = made.sentences[place][0] - passage.sentences[answering[0]][0]
    return made, start + shift, end + shift


def gathered(
    passage: Passage, start: int, end: int, question: Question, wrong: list[Passage], like: Like, rng: random.Random
) -> tuple[Passage, int, int]:
    """Sentences of several passages that may answer, in any order, as the product shows its best ones side by side."""
    answering = [i for i, (a, b) in enumerate(passage.sentences) if a < end and b > start >= 0]
    right = passage.text[passage.sentences[answering[0]][0] : passage.sentences[answering[-1]][1]] if answering else ""
    pieces = [right] if right else []
    for _ in range(rng.choice(GATHERED)):
        other = rng.choice(wrong) if wrong and rng.random() < 0.5 else passage
        near = like(question.text, other, rng, frozenset(answering) if other is passage else frozenset())
        sentence = "" if near is None else other.text[slice(*other.sentences[near])]
        known = sentence in pieces or (start >= 0 and holds(f" {normalise(sentence)} ", question.answers))
        if sentence and not known and len(sentence) < LONGEST - sum(len(piece) for piece in pieces):
            pieces.append(sentence)
    rng.shuffle(pieces)
    made = side_by_side(passage, pieces)
    if not right:
        return made, -1, -1
    shift = made.sentences[pieces.index(right)][0] - passage.sentences[answering[0]][0]
    return made, start + shift, end + shift


def slip(question: str, rng: random.Random) -> str:
    """The question with one of its longer words misspelt, or without its mark."""
    words = [found for found in WORD.finditer(question) if len(found[0]) > 4]
    if not words or rng.random() < 0.5:
        return question.rstrip("? ")
    at = rng.randrange((word := rng.choice(words)).start() + 1, word.end() - 1)
    draw = rng.random()
    if draw < 0.4:
        return question[:at] + question[at + 1 :]
    if draw < 0.8:
        return question[:at] + question[at + 1] + question[at] + question[at + 2 :]
    return question[:at] + question[at] + question[at:]
