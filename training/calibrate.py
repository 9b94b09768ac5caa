"""Fits the confidence of an answer on questions that no reported figure uses.

    python training/calibrate.py --eval ../shared/eval --out src/partnership_qa/model/calibration.json

Four kinds of evidence: answerable questions as they are; the same questions with every passage that holds their
evidence taken away, so that the best of what is left is wrong; the same with their whole article taken away, so that
their words may be unknown; and adversarial unanswerable questions. They come from
every second article of `xquad` (in the order of their names) and from the articles of `squad2` that
`squad2_split.json` names, of whose unanswerable questions only those held back from training are used. The
regression's weights keep the sign that their feature is meant to have, so that a small sample cannot turn one round.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from dataclasses import astuple
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from partnership_qa import build_index, load
from partnership_qa.answering import assess
from partnership_qa.chunking import Passage
from partnership_qa.confidence import FEATURES
from partnership_qa.evaluation import Question, auroc, load_questions, overlaps, token_f1
from partnership_qa.qa import QA, READ_PASSAGES
from partnership_qa.questions import question_words
from partnership_qa.text import terms

SIGNS = dict.fromkeys(FEATURES, 1) | {"missing_names": -1, "missing_numbers": -1, "unknown": -1}
RIDGE = 1e-3
SAMPLE = 350
TAKEN_AWAY = 60  # hits to choose from when some are taken away
Row = tuple[tuple[float, ...], bool]


def weigh(qa: QA, question: Question, without: str = "") -> Row | None:
    """Features of the best span and whether it is right; `without` its evidence ("passage") or its whole "article"."""
    gone = {place[0] for place in question.evidence} if without == "article" else set()
    stems = {stem for p in qa.index.passages if gone and p.document not in gone for stem in known(p.indexed_text)}
    words = question_words(question.question, stems.__contains__ if gone else qa.index.lexical.holds)
    hits = qa.search(question.question, k=TAKEN_AWAY if without else READ_PASSAGES)
    if without:
        hits = tuple(hit for hit in hits if hit.passage.document not in gone and not holds(hit.passage, question))
        hits = hits[:READ_PASSAGES]
    found = assess(words, qa.index, hits, qa.reader.read(question.question, [hit.passage for hit in hits]))
    if found is None:
        return None
    span, passage = found.best.span, hits[found.best.hit].passage
    text = qa.index.sources[passage.document].text[span.start : span.end]
    right = not without and any(token_f1(text, answer) >= 0.5 for answer in question.answers)
    return astuple(found.evidence), right


@cache
def known(text: str) -> frozenset[str]:
    """Stems of a passage."""
    return frozenset(terms(text))


def holds(passage: Passage, question: Question) -> bool:
    """Whether a passage holds evidence of a question."""
    return any(overlaps(place, (passage.document, passage.start, passage.end)) for place in question.evidence)


def gather(eval_dir: Path, split: dict, seed: int) -> list[Row]:
    """Rows of every question that may be used."""
    rng = random.Random(seed)
    rows: list[Row | None] = []
    for name in ("xquad", "squad2"):
        with tempfile.TemporaryDirectory() as folder:
            build_index(eval_dir / name / "corpus", Path(folder) / "index")
            qa = load(Path(folder) / "index")
        questions = load_questions(eval_dir / name)
        articles = sorted({q.evidence[0][0] for q in questions if q.evidence})
        used = set(articles[::2]) if name == "xquad" else {f"{a.removesuffix('.txt')}.txt" for a in split["articles"]}
        answerable = [q for q in questions if q.evidence and q.evidence[0][0] in used]
        held_back = set(split["calibration"])
        unanswerable = [q for q in questions if not q.evidence and q.id in held_back]
        for question in rng.sample(answerable, min(SAMPLE, len(answerable))):
            rows += [weigh(qa, question), weigh(qa, question, "passage")]
            if name == "xquad":
                rows.append(weigh(qa, question, "article"))
        rows += [weigh(qa, question) for question in unanswerable]
        print(
            name,
            len(answerable),
            "answerable,",
            len(unanswerable),
            "unanswerable,",
            len(rows),
            "rows so far",
            flush=True,
        )
    return [row for row in rows if row is not None]


def fit(rows: list[Row]) -> tuple[np.ndarray, float]:
    """Weights and bias of the regression, in units of the features."""
    x = np.array([values for values, _ in rows])
    y = np.array([right for _, right in rows], dtype=float)
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


def report(rows: list[Row], weights: np.ndarray, bias: float) -> None:
    """What thresholds would do on the rows themselves (in sample; the other half of the sets is the test)."""
    x, y = np.array([v for v, _ in rows]), np.array([r for _, r in rows])
    p = 1 / (1 + np.exp(-(x @ weights + bias)))
    print("AUROC of right against wrong", auroc(list(p[y]), list(p[~y])))
    for threshold in np.arange(0.1, 0.75, 0.05):
        shown = p >= threshold
        kept, refused = np.mean(shown[y]), np.mean(~shown[~y])
        print(
            f"{threshold:.2f} right ones kept {kept:.3f} wrong ones refused {refused:.3f} risk {np.mean(~y[shown]):.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    parser.add_argument("--split", type=Path, default=Path(__file__).with_name("squad2_split.json"))
    parser.add_argument("--out", type=Path, default=Path("src/partnership_qa/model/calibration.json"))
    parser.add_argument("--threshold", type=float, default=0.25, help="written as the default threshold")
    parser.add_argument("--rows", type=Path, help="keep the rows here, or take them from here where it exists")
    parser.add_argument("--seed", type=int, default=7)
    a = parser.parse_args()
    if a.rows and a.rows.exists():
        rows = [(tuple(values), right) for values, right in json.loads(a.rows.read_text("utf-8"))]
    else:
        rows = gather(a.eval, json.loads(a.split.read_text("utf-8")), a.seed)
        if a.rows:
            a.rows.write_text(json.dumps(rows), encoding="utf-8")
    weights, bias = fit(rows)
    values = {name: round(float(weight), 5) for name, weight in zip(FEATURES, weights, strict=True)}
    report(rows, weights, bias)
    out = {"weights": values, "bias": round(bias, 5), "threshold": a.threshold, "rows": len(rows)}
    a.out.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
