"""Gold-paragraph figures of an exported reader on the XQuAD and SQuAD 2.0 question sets.

    python training/evaluate.py --reader training/runs/export-latest --eval ../shared/eval

The paragraph is the blank-line separated block of the corpus file that holds the evidence, cut into passages
as the product cuts it; the best span over them answers.  An unanswerable question is shown the block of its
nearest answerable neighbour in the file, of the two the one that the sentence encoder finds closer.  The five
articles whose unanswerable questions were partly trained on stand apart from the three untouched ones.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from adversarial import ARTICLES, blocks, neighbours
from negatives import Embedder
from passages import auroc, cut, exact, f1

from partnership_qa.chunking import Passage, Unit
from partnership_qa.document import BlockKind
from partnership_qa.embedding import default_model_dir
from partnership_qa.reading import OnnxReader
from partnership_qa.text import Span

Place = tuple[str, int]


@dataclass
class Found:
    """The best span of a block, its margin, and the reader's logit that its passage answers."""

    text: str
    margin: float
    answerable: float


@dataclass
class Asked:
    """A question of a set with the block that it is asked of, and what the reader found there."""

    id: str
    text: str
    answers: list[str]
    place: Place
    found: Found | None = None


class Corpus:
    """The titles and blocks of a set's corpus files."""

    def __init__(self, folder: Path) -> None:
        self.blocks: dict[Place, str] = {}
        self.titles: dict[str, str] = {}
        for path in sorted(folder.glob("*.txt")):
            text = path.read_text(encoding="utf-8")
            spans = blocks(text)
            self.titles[path.name] = text[slice(*spans[0])].strip()
            for start, end in spans:
                self.blocks[path.name, start] = text[start:end]

    def passages(self, place: Place) -> list[Passage]:
        """The passages of a block, each with the document's title above it."""
        text, title = self.blocks[place], self.titles[place[0]]
        made = []
        for spans in cut(text):
            start, end = spans[0][0], spans[-1][1]
            units = tuple(Unit(BlockKind.PARAGRAPH, a, b, Span(a, b)) for a, b in spans)
            made.append(Passage(place[0], start, end, text[start:end], (title,), 1, units))
        return made


def load_set(folder: Path) -> tuple[Corpus, list[Asked]]:
    """The questions with the block that each is asked of."""
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    corpus = Corpus(folder / "corpus")
    near = neighbours(records, folder / "corpus")
    both = [[place for place in pair if place] for pair in near]
    embed = Embedder()
    places = list(corpus.blocks)
    vectors = dict(zip(places, embed([corpus.blocks[p] for p in places]), strict=True))
    asked = embed([r["question"] for r in records])
    questions = []
    for record, options, vector in zip(records, both, asked, strict=True):
        place = max(options, key=lambda p: float(vector @ vectors[p]))
        if record["evidence"]:
            place = options[0]  # its own block: the nearest place at or before it
        questions.append(Asked(record["id"], record["question"], record["answers"], place))
    return corpus, questions


def ask(corpus: Corpus, questions: list[Asked], reader: OnnxReader) -> None:
    """Reads every question's block."""
    for question in questions:
        readings = reader.read(question.text, corpus.passages(question.place))
        best = max((reading for reading in readings if reading.spans), key=lambda r: r.score, default=None)
        if best is not None:
            text = corpus.blocks[question.place][best.spans[0].start : best.spans[0].end]
            question.found = Found(text, best.score, best.answerable)


def spans(questions: list[Asked]) -> dict[str, float]:
    """EM and F1 of the best span of the answerable questions, declining none."""
    chosen = [q for q in questions if q.answers and q.found]
    em = np.mean([exact(q.found.text, q.answers) for q in chosen if q.found])
    overlap = np.mean([f1(q.found.text, q.answers) for q in chosen if q.found])
    return {"n": len(chosen), "em": round(100 * float(em), 1), "f1": round(100 * float(overlap), 1)}


def declining(questions: list[Asked]) -> dict[str, float]:
    """AUROC of answerable against unanswerable questions by margin, by the head, and by their sum."""
    high = [q.found for q in questions if q.answers and q.found]
    low = [q.found for q in questions if not q.answers and q.found]
    scores = {
        "margin": lambda r: r.margin,
        "head": lambda r: r.answerable,
        "sum": lambda r: r.margin + r.answerable,
    }
    figures = {k: round(auroc([s(r) for r in high], [s(r) for r in low]), 3) for k, s in scores.items()}
    return {"answerable": len(high), "unanswerable": len(low)} | figures


def squad2_figures(questions: list[Asked], split: dict) -> dict[str, dict]:
    """The set as a whole and in its parts."""
    trained, calibration = set(split["trained"]), set(split["calibration"])
    untouched = [q for q in questions if q.place[0] not in ARTICLES]
    five = [q for q in questions if q.place[0] in ARTICLES]
    held = [q for q in five if q.answers or q.id in calibration]
    fresh = [q for q in questions if q.id not in trained]
    parts = {
        "whole": questions,
        "whole, trained left out": fresh,
        "five, held back": held,
        "three": untouched,
    }
    figures = {f"declining, {name}": declining(part) for name, part in parts.items()}
    return {"spans, whole": spans(questions), "spans, three": spans(untouched)} | figures


def main() -> None:
    """Prints the figures of both sets."""
    root = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", type=Path, default=root / "runs/export-latest")
    parser.add_argument("--eval", type=Path, default=root / "../../shared/eval")
    parser.add_argument("--split", type=Path, default=root / "squad2_split.json")
    args = parser.parse_args()
    reader = OnnxReader(args.reader, default_model_dir())
    corpus, questions = load_set(args.eval / "xquad")
    ask(corpus, questions, reader)
    print("xquad", spans(questions), flush=True)
    apart = [q for q in questions if q.place[0] not in ARTICLES]
    print("xquad, without the five articles", spans(apart), flush=True)
    corpus, questions = load_set(args.eval / "squad2")
    ask(corpus, questions, reader)
    split = json.loads(args.split.read_text(encoding="utf-8"))
    for name, figures in squad2_figures(questions, split).items():
        print("squad2", name, figures, flush=True)


if __name__ == "__main__":
    main()
