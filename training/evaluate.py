"""Gold-paragraph figures of an exported reader on the XQuAD and SQuAD 2.0 question sets.

    python training/evaluate.py --reader training/runs/export-latest/reader.onnx --eval ../shared/eval

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
from dev import Read, Run, read
from export import runner
from model import load_encoder
from negatives import Embedder
from passages import auroc, cut, exact, f1
from render import Example

Place = tuple[str, int]


@dataclass
class Asked:
    """A question of a set with the block that it is asked of, and what the reader found there."""

    id: str
    text: str
    answers: list[str]
    place: Place
    found: Read | None = None


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

    def examples(self, question: str, place: Place) -> list[Example]:
        """The passages of a block, each with the document's title above it."""
        text, title = self.blocks[place], self.titles[place[0]]
        pieces = [text[spans[0][0] : spans[-1][1]] for spans in cut(text)]
        return [Example(question, title, piece) for piece in pieces]


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


def ask(corpus: Corpus, questions: list[Asked], run: Run) -> None:
    """Reads every question's block."""
    examples = [corpus.examples(q.text, q.place) for q in questions]
    flat = read([e for group in examples for e in group], run)
    at = 0
    for question, group in zip(questions, examples, strict=True):
        question.found = max(flat[at : at + len(group)], key=lambda r: r.margin)
        at += len(group)


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
    parser.add_argument("--reader", type=Path, default=root / "runs/export-latest/reader.onnx")
    parser.add_argument("--eval", type=Path, default=root / "../../shared/eval")
    parser.add_argument("--split", type=Path, default=root / "squad2_split.json")
    args = parser.parse_args()
    run = runner(args.reader, load_encoder()[1].numpy())
    corpus, questions = load_set(args.eval / "xquad")
    ask(corpus, questions, run)
    print("xquad", spans(questions), flush=True)
    apart = [q for q in questions if q.place[0] not in ARTICLES]
    print("xquad, without the five articles", spans(apart), flush=True)
    corpus, questions = load_set(args.eval / "squad2")
    ask(corpus, questions, run)
    split = json.loads(args.split.read_text(encoding="utf-8"))
    for name, figures in squad2_figures(questions, split).items():
        print("squad2", name, figures, flush=True)


if __name__ == "__main__":
    main()
