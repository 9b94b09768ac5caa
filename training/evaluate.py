"""Gold-paragraph figures of a reader on XQuAD and SQuAD 2.0, beside what is published of others.

    python training/evaluate.py                     # the shipped reader
    python training/evaluate.py --sample 300        # of each set so many questions, drawn with the recipe's seed

The paragraph is the blank-line separated block of the corpus file that holds the evidence, cut into passages by the
product; the best span over them answers. An unanswerable question is shown the block of its nearest answerable
neighbour in the file, of the two the one that the sentence encoder finds closer.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from data import cut
from settings import ROOT, SETTINGS

from partnership_qa.embedding import default_model_dir, load_encoder
from partnership_qa.evaluation.metrics import auroc, normalize, token_f1
from partnership_qa.reading import OnnxReader
from partnership_qa.reading.spans import best_spans, mean_scores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnership_qa.chunking import Passage

Place = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """A question with the block that it is asked of."""

    text: str
    answers: list[str]
    place: Place


@dataclass(frozen=True)
class Read:
    """What became of a question: figures of the best span, where there are accepted words, and what it was worth."""

    answerable: bool
    em: float
    f1: float
    margin: float
    head: float
    seconds: float


def blocks(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of the blank-line separated blocks of a text."""
    at = 0
    for block in text.split("\n\n"):
        if block.strip():
            yield at, at + len(block)
        at += len(block) + 2


class Paragraphs:
    """The blocks of a set's corpus files as passages, each with its document's title above it."""

    def __init__(self, folder: Path) -> None:
        self.texts: dict[Place, str] = {}
        self.titles: dict[str, str] = {}
        for path in sorted(folder.glob("*.txt")):
            text = path.read_text("utf-8")
            spans = list(blocks(text))
            self.titles[path.name] = text[slice(*spans[0])].strip()
            self.texts |= {(path.name, start): text[start:end] for start, end in spans}

    def of(self, record: dict[str, Any]) -> Place | None:
        """The block of a question's evidence."""
        if not record["evidence"]:
            return None
        name, at = record["evidence"][0]["document"], record["evidence"][0]["start"]
        return max((place for place in self.texts if place[0] == name and place[1] <= at), key=lambda place: place[1])

    def passages(self, place: Place) -> list[Passage]:
        return cut(self.texts[place], self.titles[place[0]], ".txt")


def questions_of(folder: Path, paragraphs: Paragraphs) -> list[Asked]:
    """The questions of a set with their blocks."""
    records = [json.loads(line) for line in (folder / "questions.jsonl").read_text("utf-8").splitlines()]
    own = [paragraphs.of(record) for record in records]
    near: list[list[Place]] = [[] for _ in records]
    for order in (range(len(records)), range(len(records) - 1, -1, -1)):
        last: Place | None = None
        for number in order:
            last = own[number] or last
            if last is not None and last not in near[number]:
                near[number].append(last)
    encoder = load_encoder()
    doubtful = [number for number, place in enumerate(own) if place is None and len(near[number]) > 1]
    places = sorted({place for number in doubtful for place in near[number]})
    if doubtful:
        vectors = dict(zip(places, encoder.encode([paragraphs.texts[place] for place in places]), strict=True))
        for number, asked in zip(doubtful, encoder.encode([records[n]["question"] for n in doubtful]), strict=True):
            near[number].sort(key=lambda place: -float(asked @ vectors[place]))
    return [
        Asked(record["question"], record["answers"], place or options[0])
        for record, place, options in zip(records, own, near, strict=True)
    ]


def read(reader: OnnxReader, paragraphs: Paragraphs, question: Asked, weights: list[float]) -> list[Read]:
    """Read one question's block once, and put both models' scores together by each of the weights."""
    passages = paragraphs.passages(question.place)
    begun = time.perf_counter()
    proposals = reader.propose(question.text, passages)
    asked = reader.asked(question.text)
    scored = [reader.scored(asked, passage) for passage in passages]
    spent = time.perf_counter() - begun
    head = max(answerable for _, _, _, answerable in scored)
    out = []
    for weight in weights:
        found = []
        for passage, proposal, (shown, scores, _, _) in zip(passages, proposals, scored, strict=True):
            assert proposal.scores is not None
            best = best_spans(passage, shown, mean_scores(scores, proposal.scores, weight), most=1)
            found += [(span.score, passage.between(span.start, span.end)) for span in best]
        margin, said = max(found, default=(float("-inf"), ""))
        em = max((float(normalize(said) == normalize(answer)) for answer in question.answers), default=0.0)
        f1 = max((token_f1(said, answer) for answer in question.answers), default=0.0)
        out.append(Read(bool(question.answers), em, f1, margin, head, spent))
    return out


def figures(found: list[Read]) -> dict[str, float | None]:
    """EM and F1 of the answerable, accuracy of the margin at 0 on the others, AUROC of both signals."""
    has, no = [r for r in found if r.answerable], [r for r in found if not r.answerable]
    out: dict[str, float | None] = {
        "questions": len(found),
        "has_answer_em": 100 * float(np.mean([r.em for r in has])),
        "has_answer_f1": 100 * float(np.mean([r.f1 for r in has])),
    }
    if no:
        out["no_answer_accuracy"] = 100 * float(np.mean([r.margin < 0 for r in no]))
        out["auroc_margin"] = auroc([r.margin for r in has], [r.margin for r in no])
        out["auroc_head"] = auroc([r.head for r in has], [r.head for r in no])
    out["ms"] = 1e3 * float(np.median([r.seconds for r in found]))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", type=Path, default=ROOT / "src/partnership_qa/model")
    parser.add_argument("--sample", type=int, default=0, help="questions of each set; all by default")
    parser.add_argument("--proposer-weight", type=float, nargs="*", help="weights of the quick look to compare")
    a = parser.parse_args()
    reader = OnnxReader(a.reader, default_model_dir())
    for name in ("xquad", "squad2"):
        paragraphs = Paragraphs(SETTINGS.eval / name / "corpus")
        questions = questions_of(SETTINGS.eval / name, paragraphs)
        if a.sample:
            questions = random.Random(SETTINGS.seed).sample(questions, min(a.sample, len(questions)))
        weights = a.proposer_weight or [reader.proposer_weight]
        rows = [read(reader, paragraphs, question, weights) for question in questions]
        results = {f"quick look {weight:.2f}": [row[n] for row in rows] for n, weight in enumerate(weights)}
        for label, found in results.items():
            shown = "  ".join(f"{k} {v:.3f}" for k, v in figures(found).items() if v is not None)
            print(f"{name}, {label}: {shown}", flush=True)


if __name__ == "__main__":
    main()
