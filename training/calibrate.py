"""Fits what chooses and weighs an answer, on halves of question sets that are not reported.

    python training/calibrate.py                 # gathers what the reader says, fits, writes calibration.json
    python training/calibrate.py --rows FILE     # fits again on what was gathered

Each set is split by document, in the order of names: every second one calibrates (of `excerpts` its Wikipedia file); of
unanswerable questions every second one does. `partnership` is left out altogether. A question is weighed as it is, and
again with every passage taken away that holds its evidence, so that the best of what is left is wrong.

Three things are fitted, one after another: how much the quick look counts beside the search (by the evidence that is
among the passages read), what orders candidates (a conditional logit over those of a question: the likelihood that a
right one is first; McFadden 1974), and the probability that the first is right (logistic regression, Platt 1999, each
weight with the sign that its feature is meant to have). A candidate is right as `score.py` means it: its quote is
evidence, and where there are short answers one of them stands in its words. The threshold is the highest that still
shows a given share of the right answers.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from settings import ROOT, SETTINGS

from partnership_qa import build_index, load
from partnership_qa.answering.candidates import Candidate, assess, candidates, said_by
from partnership_qa.answering.confidence import FEATURES, Ranking, clipped
from partnership_qa.evaluation.metrics import Question, auroc, load_questions, normalize, overlaps
from partnership_qa.qa import PROPOSED_PASSAGES, QA, READ_PASSAGES
from partnership_qa.question.form import QuestionWords, question_words
from partnership_qa.question.history import complete, said_before
from partnership_qa.retrieval import Hit, query_of, reordered, search

if TYPE_CHECKING:
    from partnership_qa.chunking import Passage
    from partnership_qa.reading import Proposal, Reading

SETS = ("handbooks", "xquad", "tables", "excerpts", "followups", "squad2")
NEGATIVE = ("missing_names", "missing_numbers", "unknown")
SIGNS = dict.fromkeys(FEATURES, 1) | dict.fromkeys(NEGATIVE, -1)
RIDGE = 1e-3
# A question without its evidence counts this much beside one as it is: so that about one in four that count has no
# answer, as of the questions that people asked of the sets.
WITHOUT_COUNTS = 0.3
TAKEN_AWAY = 60  # hits to choose from when some are taken away
PROPOSED_WEIGHTS = (0.0, 0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1)


@dataclass(frozen=True)
class Looked:
    """A question with what search, quick look and reader said: hits that were looked at, and readings of the first."""

    name: str
    question: Question
    without: bool
    words: QuestionWords
    hits: tuple[Hit, ...]
    proposals: tuple[Proposal, ...]
    readings: tuple[Reading | None, ...]


@dataclass(frozen=True)
class Row:
    """One question weighed: its set, its features, and what became of it."""

    name: str
    features: tuple[float, ...]
    answerable: bool
    right: bool
    counts: float = 1.0


def holds(passage: Passage, question: Question) -> bool:
    """Whether a passage holds evidence of a question."""
    return any(overlaps(place, (passage.document, passage.start, passage.end)) for place in question.places)


def look(qa: QA, name: str, question: Question, *, without: bool, weight: float) -> Looked:
    """Ask one question as the product does; `without` its evidence where that is wanted."""
    completed = complete(question.question, question.history)
    text, reading = (completed.text, completed.reading) if completed else (question.question, question.question)
    words = question_words(text, qa.index.lexical.holds, qa.index.lexical.rarity)
    query = query_of(qa.encoder, text, said_before(question.history))
    hits = search(qa.index, query, TAKEN_AWAY if without else PROPOSED_PASSAGES, qa.fusion)
    if without:
        hits = tuple(hit for hit in hits if not holds(hit.passage, question))[:PROPOSED_PASSAGES]
    proposals = qa.reader.propose(reading, [hit.passage for hit in hits])
    ranked = reordered(hits, [clipped(p.answerable) for p in proposals], weight)
    read = [next(n for n, hit in enumerate(hits) if hit.number == best.number) for best in ranked[:READ_PASSAGES]]
    found = qa.reader.read(reading, [hits[n].passage for n in read], [proposals[n] for n in read])
    readings: list[Reading | None] = [None] * len(hits)
    for n, one in zip(read, found, strict=True):
        readings[n] = one
    light = tuple(replace(p, scores=None) for p in proposals)
    return Looked(name, question, without, words, hits, light, tuple(readings))


def chosen(name: str, questions: list[Question]) -> list[Question]:
    """The questions of a set that calibrate."""
    documents = sorted({q.evidence[0][0] for q in questions if q.evidence})
    used = {"wikitexts.md"} if name == "excerpts" else set(documents[::2])
    unanswerable = [q for q in questions if not q.evidence][::2]
    return [q for q in questions if q.evidence and q.evidence[0][0] in used] + unanswerable


def opened(name: str, indexes: Path) -> QA:
    """The index of a set; one that is missing is built."""
    if not (indexes / name / "CURRENT").exists():
        build_index(SETTINGS.eval / name / "corpus", indexes / name)
    return load(indexes / name)


def gather(indexes: Path, sample: int) -> list[Looked]:
    """Every question that may be used, as it is and without its evidence."""
    looked: list[Looked] = []
    for name in SETS:
        qa = opened(name, indexes)
        questions = chosen(name, load_questions(SETTINGS.eval / name))
        if len(questions) > sample:
            questions = random.Random(SETTINGS.seed).sample(questions, sample)
        before = len(looked)
        looked += [
            look(qa, name, question, without=without, weight=0.05)
            for question in questions
            for without in ((False, True) if question.evidence else (False,))
        ]
        print(f"{name}: {len(questions)} questions, {len(looked) - before} ways of asking", flush=True)
    return looked


def fit_proposed(looked: list[Looked]) -> float:
    """How much the quick look counts: most evidence among the passages read, each set weighing alike."""
    best = (-1.0, 0.0)
    for weight in PROPOSED_WEIGHTS:
        shares = {}
        for name in SETS:
            rows = [one for one in looked if one.name == name and one.question.evidence and not one.without]
            found = [
                any(
                    holds(hit.passage, one.question)
                    for hit in reordered(one.hits, [clipped(p.answerable) for p in one.proposals], weight)[
                        :READ_PASSAGES
                    ]
                )
                for one in rows
            ]
            shares[name] = float(np.mean(found))
        mean = float(np.mean(list(shares.values())))
        print(f"quick look {weight:.3f}: {mean:.4f} " + " ".join(f"{k} {v:.3f}" for k, v in shares.items()))
        best = max(best, (mean, weight), key=lambda pair: (round(pair[0], 4), -pair[1]))
    return best[1]


def read_part(one: Looked, ranking: Ranking) -> tuple[list[Hit], list[Reading]]:
    """The hits that were read, in their new order, and their readings."""
    by_number = {hit.number: reading for hit, reading in zip(one.hits, one.readings, strict=True)}
    ordered = reordered(one.hits, [clipped(p.answerable) for p in one.proposals], ranking.proposed)
    pairs = [(hit, reading) for hit in ordered if (reading := by_number[hit.number]) is not None]
    return [hit for hit, _ in pairs], [reading for _, reading in pairs]


def is_right(one: Looked, hits: list[Hit], candidate: Candidate) -> bool:
    """Whether a candidate is right, as `score.py` means it."""
    passage = hits[candidate.hit].passage
    unit = passage.units[candidate.span.unit]
    if one.without or not any(overlaps(e, (passage.document, unit.start, unit.end)) for e in one.question.places):
        return False
    if not one.question.answers or one.question.type in ("list", "multi"):
        return True
    said = f" {' '.join(normalize(said_by(hits, candidate)))} "
    return any(f" {' '.join(normalize(answer))} " in said for answer in one.question.answers)


def fit_ranking(looked: list[Looked], proposed: float) -> Ranking:
    """Weights that put right candidates first; the margin's is 1."""
    plain = Ranking(proposed, 0.0, 0.0, 0.0)
    tables = []
    for one in looked:
        if one.without or not one.question.evidence:
            continue
        hits, readings = read_part(one, plain)
        found = candidates(one.words, hits, readings, plain)
        right = np.array([is_right(one, hits, c) for c in found], dtype=bool)
        if right.any() and not right.all():
            x = np.array([
                [c.score, hits[c.hit].score, clipped(readings[c.hit].answerable),
                 clipped(readings[c.hit].support_of(c.span.unit))] for c in found
            ])  # fmt: skip
            tables.append((one.name, x, right))
    sizes = {name: sum(table[0] == name for table in tables) for name in SETS}

    def loss(w: np.ndarray) -> float:
        total = 0.0
        for name, x, right in tables:
            z = x @ w
            z = z - z.max()
            total -= (np.log(np.exp(z[right]).sum()) - np.log(np.exp(z).sum())) / sizes[name]
        return float(total / len(SETS) + RIDGE * w @ w)

    found = minimize(loss, np.array([0.5, 1.0, 0.2, 0.2]), bounds=[(1e-3, None)] + [(0, None)] * 3, method="L-BFGS-B")
    margin, place, answerable, support = (float(value) for value in found.x)
    for label, w in (
        ("margin alone", np.array([1.0, 0, 0, 0])),
        ("as before", np.array([1.0, 6, 0, 0])),
        ("fitted", found.x),
    ):
        first = {name: np.mean([right[np.argmax(x @ w)] for n, x, right in tables if n == name]) for name in SETS}
        print(f"right candidate first, {label}: " + " ".join(f"{k} {v:.3f}" for k, v in first.items()))
    return Ranking(proposed, round(place / margin, 3), round(answerable / margin, 3), round(support / margin, 3))


def weigh(one: Looked, ranking: Ranking) -> Row | None:
    """Features of the best candidate and whether it is right."""
    hits, readings = read_part(one, ranking)
    found = assess(one.words, hits, readings, ranking)
    if found is None:
        return None
    answerable = bool(one.question.evidence) and not one.without
    counts = WITHOUT_COUNTS if one.without else 1.0
    return Row(one.name, astuple(found.evidence), answerable, is_right(one, hits, found.best), counts)


def fit(rows: list[Row]) -> tuple[np.ndarray, float]:
    """Weights and bias of the regression, in units of the features; each set weighs alike."""
    x = np.array([row.features for row in rows])
    y = np.array([row.right for row in rows], dtype=float)
    sizes = {name: sum(row.counts for row in rows if row.name == name) for name in SETS}
    share = np.array([row.counts / sizes[row.name] for row in rows])
    share /= share.sum()
    scale = x.std(axis=0) + 1e-6
    z = x / scale

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        margin = z @ parameters[:-1] + parameters[-1]
        p = 1 / (1 + np.exp(-margin))
        value = -np.sum(share * (y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12)))
        value += RIDGE * parameters[:-1] @ parameters[:-1]
        off = share * (p - y)
        return value, np.append(z.T @ off + 2 * RIDGE * parameters[:-1], off.sum())

    bounds = [(0, None) if SIGNS[name] > 0 else (None, 0) for name in FEATURES] + [(None, None)]
    found = minimize(loss, np.zeros(len(FEATURES) + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    return found.x[:-1] / scale, float(found.x[-1])


def probabilities(rows: list[Row], weights: np.ndarray, bias: float) -> np.ndarray:
    """Of each row the probability that its answer is right."""
    return 1 / (1 + np.exp(-(np.array([row.features for row in rows]) @ weights + bias)))


def describe(rows: list[Row], weights: np.ndarray, bias: float) -> None:
    """What thresholds would do on the rows themselves (in sample; the other half of the sets is the test)."""
    p = probabilities(rows, weights, bias)
    right, answerable = np.array([row.right for row in rows]), np.array([row.answerable for row in rows])
    for name in ("", *SETS):
        of = np.array([name in ("", row.name) for row in rows])
        both = (
            auroc(list(p[right & of]), list(p[~right & of])),
            auroc(list(p[answerable & of]), list(p[~answerable & of])),
        )
        share = right[answerable & of].mean()
        asked = np.array([row.counts == 1.0 for row in rows]) & of & (p >= 0.2)
        bins = [asked & (np.minimum(9, (10 * p).astype(int)) == n) for n in range(10)]
        gap = sum(abs(p[b].sum() - right[b].sum()) for b in bins) / max(1, asked.sum())
        print(f"{name or 'all':10} AUROC right {both[0]:.3f} answerable {both[1]:.3f} right {share:.3f} ece {gap:.3f}")
    for keep in (0.85, 0.9, 0.93, 0.95, 0.97):
        t = float(np.quantile(p[right], 1 - keep))
        shown = p >= t
        refused, wrong = np.mean(~shown[~answerable]), np.mean(~right[shown])
        print(
            f"right ones kept {keep:.2f} threshold {t:.3f} unanswerable refused {refused:.3f} "
            f"wrong shown {wrong:.3f} answered {shown[answerable].mean():.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indexes", type=Path, default=SETTINGS.runs / "indexes")
    parser.add_argument("--out", type=Path, default=ROOT / "src/partnership_qa/model/calibration.json")
    parser.add_argument("--keep", type=float, default=0.95, help="share of the right answers that are shown")
    parser.add_argument("--sample", type=int, default=170, help="questions of a set at most")
    parser.add_argument("--rows", type=Path, help="keep what was gathered here, or take it from here where it exists")
    a = parser.parse_args()
    if a.rows and a.rows.exists():
        looked = pickle.loads(a.rows.read_bytes())
    else:
        looked = gather(a.indexes, a.sample)
        if a.rows:
            a.rows.write_bytes(pickle.dumps(looked))
    ranking = fit_ranking(looked, fit_proposed(looked))
    rows = [row for one in looked if (row := weigh(one, ranking)) is not None]
    weights, bias = fit(rows)
    describe(rows, weights, bias)
    p = probabilities(rows, weights, bias)
    threshold = float(np.quantile(p[[row.right for row in rows]], 1 - a.keep))
    values = {name: round(float(weight), 5) for name, weight in zip(FEATURES, weights, strict=True)}
    out = {
        "ranking": dict(zip(("proposed", "place", "answerable", "support"), astuple(ranking), strict=True)),
        "weights": values, "bias": round(bias, 5), "threshold": round(threshold, 3), "rows": len(rows),
        "right_answers_shown": a.keep,
    }  # fmt: skip
    a.out.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
