"""Fits the confidence of an answer, and the threshold, on halves of question sets that are not reported.

    python training/calibrate.py --eval ../shared/eval --out src/partnership_qa/model/calibration.json

Each set is split by document, in the order of names: every second one calibrates (of `excerpts` its Wikipedia file, of
`squad2` the five articles that `squad2_split.json` names); of unanswerable questions every second one does (of `squad2`
those held back from training). `partnership` is left out altogether. A question is weighed as it is, and again with
every passage taken away that holds its evidence, so that the best of what is left is wrong; where each article is a
file, also with the whole article taken away, so that its words may be unknown. An answer is right where it shares half
of its words with an accepted one (token F1), or, in sets without short answers, where its sentence or row is evidence.

The regression's weights keep the sign that their feature is meant to have, so that a small sample cannot turn one
round. The threshold is the highest that still shows a given share of the right answers.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from dataclasses import asdict, astuple, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from partnership_qa import build_index, load
from partnership_qa.chunking import Passage
from partnership_qa.confidence import FEATURES
from partnership_qa.conversation import complete, said_before
from partnership_qa.evaluation import Question, auroc, load_questions, overlaps, token_f1
from partnership_qa.qa import QA, READ_PASSAGES
from partnership_qa.questions import question_words
from partnership_qa.retrieval import query_of, search
from partnership_qa.selecting import assess
from partnership_qa.text import terms

SETS = ("xquad", "tables", "excerpts", "followups", "squad2")
BY_ARTICLE = ("xquad", "tables")
NEGATIVE = ("missing_names", "missing_numbers", "unknown")
SIGNS = dict.fromkeys(FEATURES, 1) | dict.fromkeys(NEGATIVE, -1)
RIDGE = 1e-3
SAMPLE = 300
TAKEN_AWAY = 60  # hits to choose from when some are taken away


@dataclass(frozen=True)
class Row:
    """One question weighed: its set, what was taken away from it, its features, and what became of it."""

    name: str
    without: str
    features: tuple[float, ...]
    answerable: bool
    right: bool


@cache
def known(text: str) -> frozenset[str]:
    """Stems of a passage."""
    return frozenset(terms(text))


def holds(passage: Passage, question: Question) -> bool:
    """Whether a passage holds evidence of a question."""
    return any(overlaps(place, (passage.document, passage.start, passage.end)) for place in question.evidence)


def weigh(qa: QA, name: str, question: Question, without: str = "") -> Row | None:
    """Features of the best span and whether it is right; `without` its evidence ("passage") or its whole "article"."""
    completed = complete(question.question, question.history)
    text, reading = (completed.text, completed.reading) if completed else (question.question, question.question)
    lexical = qa.index.lexical
    gone = {place[0] for place in question.evidence} if without == "article" else set()
    if gone:
        stems = {stem for p in qa.index.passages if p.document not in gone for stem in known(p.indexed_text)}
        words = question_words(text, stems.__contains__, lexical.rarity)
    else:
        words = question_words(text, lexical.holds, lexical.rarity)
    wanted = TAKEN_AWAY if without else READ_PASSAGES
    query = query_of(qa.encoder, text, said_before(question.history))
    hits = search(qa.index, query, wanted, qa.fusion)
    if without:
        hits = tuple(hit for hit in hits if hit.passage.document not in gone and not holds(hit.passage, question))
        hits = hits[:READ_PASSAGES]
    found = assess(words, hits, qa.reader.read(reading, [hit.passage for hit in hits]))
    if found is None:
        return None
    answerable = bool(question.evidence) and not without
    span, passage = found.best.span, hits[found.best.hit].passage
    unit = passage.units[span.unit]
    said = passage.between(span.start, span.end)
    if question.answers:
        right = any(token_f1(said, answer) >= 0.5 for answer in question.answers)
    else:
        right = any(overlaps(place, (passage.document, unit.start, unit.end)) for place in question.evidence)
    return Row(name, without, astuple(found.evidence), answerable, answerable and right)


def chosen(name: str, questions: list[Question], split: dict) -> list[Question]:
    """The questions of a set that calibrate."""
    documents = sorted({q.evidence[0][0] for q in questions if q.evidence})
    if name == "squad2":
        used, held_back = {f"{a.removesuffix('.txt')}.txt" for a in split["articles"]}, set(split["calibration"])
        unanswerable = [q for q in questions if not q.evidence and q.id in held_back]
    else:
        used = {"wikitexts.md"} if name == "excerpts" else set(documents[::2])
        unanswerable = [q for q in questions if not q.evidence][::2]
    return [q for q in questions if q.evidence and q.evidence[0][0] in used] + unanswerable


def gather(eval_dir: Path, indexes: Path, split: dict, seed: int) -> list[Row]:
    """Rows of every question that may be used; an index that is missing is built."""
    rng = random.Random(seed)
    rows: list[Row] = []
    for name in SETS:
        if not (indexes / name / "CURRENT").exists():
            build_index(eval_dir / name / "corpus", indexes / name)
        qa = load(indexes / name)
        questions = chosen(name, load_questions(eval_dir / name), split)
        if len(questions) > SAMPLE:
            questions = rng.sample(questions, SAMPLE)
        before = len(rows)
        for question in questions:
            ways = [""]
            if question.evidence:
                ways += ["passage", "article"] if name in BY_ARTICLE else ["passage"]
            rows += [row for way in ways if (row := weigh(qa, name, question, way)) is not None]
        print(name, len(questions), "questions,", len(rows) - before, "rows", flush=True)
    return rows


def fit(rows: list[Row]) -> tuple[np.ndarray, float]:
    """Weights and bias of the regression, in units of the features."""
    x = np.array([row.features for row in rows])
    y = np.array([row.right for row in rows], dtype=float)
    scale = x.std(axis=0) + 1e-6
    z = x / scale

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        margin = z @ parameters[:-1] + parameters[-1]
        p = 1 / (1 + np.exp(-margin))
        value = (
            -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))
            + RIDGE * parameters[:-1] @ parameters[:-1]
        )
        slope = np.append(z.T @ (p - y) / len(y) + 2 * RIDGE * parameters[:-1], np.mean(p - y))
        return value, slope

    bounds = [(0, None) if SIGNS[name] > 0 else (None, 0) for name in FEATURES] + [(None, None)]
    found = minimize(loss, np.zeros(len(FEATURES) + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    return found.x[:-1] / scale, float(found.x[-1])


def probabilities(rows: list[Row], weights: np.ndarray, bias: float) -> np.ndarray:
    """Of each row the probability that its answer is right."""
    return 1 / (1 + np.exp(-(np.array([row.features for row in rows]) @ weights + bias)))


def report(rows: list[Row], weights: np.ndarray, bias: float) -> None:
    """What thresholds would do on the rows themselves (in sample; the other half of the sets is the test)."""
    p = probabilities(rows, weights, bias)
    right, answerable = np.array([row.right for row in rows]), np.array([row.answerable for row in rows])
    print("AUROC of right against wrong", auroc(list(p[right]), list(p[~right])))
    print("AUROC of answerable against not", auroc(list(p[answerable]), list(p[~answerable])))
    for keep in (0.9, 0.93, 0.95, 0.97, 0.98, 0.99):
        t = float(np.quantile(p[right], 1 - keep))
        shown = p >= t
        refused, risk = np.mean(~shown[~answerable]), np.mean(~right[shown])
        print(f"right ones kept {keep:.2f} threshold {t:.3f} unanswerable refused {refused:.3f} risk {risk:.3f}")


def ablate(rows: list[Row]) -> None:
    """What each feature is worth: both AUROCs with a regression fitted without it."""
    for name in ("", *FEATURES):
        used = [feature != name for feature in FEATURES]
        kept = [replace(row, features=tuple(np.where(used, row.features, 0.0))) for row in rows]
        p = probabilities(kept, *fit(kept))
        right, answerable = np.array([row.right for row in rows]), np.array([row.answerable for row in rows])
        both = auroc(list(p[right]), list(p[~right])), auroc(list(p[answerable]), list(p[~answerable]))
        print(f"{f'without {name}' if name else 'with all':26} right {both[0]:.4f} answerable {both[1]:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    parser.add_argument("--indexes", type=Path, help="folder of the sets' indexes; a missing one is built there")
    parser.add_argument("--split", type=Path, default=Path(__file__).with_name("squad2_split.json"))
    parser.add_argument("--out", type=Path, default=Path("src/partnership_qa/model/calibration.json"))
    parser.add_argument("--keep", type=float, default=0.95, help="share of the right answers that are shown")
    parser.add_argument("--rows", type=Path, help="keep the rows here, or take them from here where it exists")
    parser.add_argument("--ablate", action="store_true", help="also print what each feature is worth")
    parser.add_argument("--seed", type=int, default=7)
    a = parser.parse_args()
    if a.rows and a.rows.exists():
        rows = [Row(**values) for values in json.loads(a.rows.read_text("utf-8"))]
    else:
        with tempfile.TemporaryDirectory() as folder:
            rows = gather(a.eval, a.indexes or Path(folder), json.loads(a.split.read_text("utf-8")), a.seed)
        if a.rows:
            a.rows.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")
    weights, bias = fit(rows)
    report(rows, weights, bias)
    if a.ablate:
        ablate(rows)
    p = probabilities(rows, weights, bias)
    threshold = float(np.quantile(p[[row.right for row in rows]], 1 - a.keep))
    values = {name: round(float(weight), 5) for name, weight in zip(FEATURES, weights, strict=True)}
    out = {"weights": values, "bias": round(bias, 5), "threshold": round(threshold, 3), "rows": len(rows)}
    a.out.write_text(json.dumps(out | {"right_answers_shown": a.keep}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
