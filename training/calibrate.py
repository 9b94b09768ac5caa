"""Fits what weighs an answer, on questions that are not reported.

    python training/calibrate.py --rows FILE     # asks (40 minutes, kept in FILE), fits, writes calibration.json
    python training/calibrate.py --ranking       # fits what chooses and orders too, as after a change of the reader

Two kinds of questions are asked, as the product asks them: those written for training in the folders that the recipe
does not name, so that no reader has seen them, and halves of the question sets. Each set is split by document, in the
order of names: every second one calibrates (of `excerpts` its Wikipedia file); of unanswerable questions every second
one does. `partnership` is left out altogether. Each set weighs alike, each written folder three tenths of one.

The probability that the first candidate is right is a logistic regression (Platt 1999), and so is that of a whole list
or table, each weight with the sign that its feature is meant to have. A candidate is right as `score.py` means it: its
quote is evidence, and where there are short answers one of them stands in its words; of a written question, whose
answer is marked once, half of it will do. The threshold is the highest that still shows a given share of the right
answers of the sets' halves.

What orders candidates is a conditional logit over those of a question (the likelihood that a right one is first;
McFadden 1974), and how much the quick look counts beside the search is chosen by the evidence among what is read.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize
from settings import ROOT, SETTINGS
from texts import SETS as TEXTS
from texts import texts_folder
from written import WRITTEN, Written, corpus_of, documents, parse

from partnership_qa import build_index, load
from partnership_qa.answering.candidates import Candidate, ListCandidate, assess, candidates, list_candidates
from partnership_qa.answering.compose import compose
from partnership_qa.answering.confidence import FEATURES, LIST_FEATURES, Calibration, Ranking, calibration_of, clipped
from partnership_qa.answering.outcome import Answer
from partnership_qa.answering.structure import Structure
from partnership_qa.evaluation.metrics import Question as Put
from partnership_qa.evaluation.metrics import auroc, load_questions, normalize, overlaps
from partnership_qa.index import open_index
from partnership_qa.qa import PROPOSED_PASSAGES, QA, READ_PASSAGES
from partnership_qa.question.history import said_before
from partnership_qa.retrieval import query_of, reordered, search

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnership_qa.chunking import Passage
    from partnership_qa.index import Index
    from partnership_qa.trace import Part

SETS = ("handbooks", "xquad", "tables", "excerpts", "followups", "squad2", "own")
UNSEEN = tuple(sorted({one.name for one in WRITTEN.iterdir()} - {*SETTINGS.source("written").folders}))
WRITTEN_COUNTS = 0.3  # what a folder of written questions counts beside a set
LISTS_COUNT = 3.0  # what a list counts that was read for a question for one, of which there are few
NEGATIVE = ("missing_numbers", "table")
SIGNS = dict.fromkeys((*FEATURES, *LIST_FEATURES), 1) | dict.fromkeys(NEGATIVE, -1)
RIDGE = 1e-3
DOUBT = 0.5  # of the threshold: from there on the closest passages are shown
PROPOSED_WEIGHTS = (0.0, 0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1)
TYPES = {"words": "span", "lines": "lines", "list": "list", "none": "unanswerable"}


@dataclass(frozen=True)
class Asked:
    """A question of a set or a folder, with all that the product saw of it."""

    name: str
    put: Put
    part: Part


@dataclass(frozen=True)
class Shelf:
    """The index of a set, and its lists and tables."""

    index: Index
    structure: Structure


@dataclass(frozen=True)
class Row:
    """One question, or one list that was read for it, weighed: its set, its features, and what became of it."""

    name: str
    features: tuple[float, ...]
    answerable: bool
    right: bool
    counts: float = 1.0


def holds(passage: Passage, question: Put) -> bool:
    """Whether a passage holds evidence of a question."""
    return any(overlaps(place, (passage.document, passage.start, passage.end)) for place in question.places)


def chosen(name: str, questions: list[Put]) -> list[Put]:
    """The questions of a set that calibrate."""
    documents_ = sorted({q.evidence[0][0] for q in questions if q.evidence})
    used = {"wikitexts.md"} if name == "excerpts" else set(documents_[::2])
    unanswerable = [q for q in questions if not q.evidence][::2]
    return [q for q in questions if q.evidence and q.evidence[0][0] in used] + unanswerable


def written(name: str) -> list[Put]:
    """The questions of a written folder, with the places that are marked in its texts."""
    held = documents(WRITTEN / name)
    found = (one for one in parse(WRITTEN / name, held) if isinstance(one, Written))
    return [
        Put(
            f"{name}-{number}",
            one.text,
            TYPES[one.kind],
            tuple(held[one.file].text[a:b] for a, b in one.places) if one.kind == "words" else (),
            tuple((one.file, a, b) for a, b in one.places),
            tuple({"role": "user", "content": text} for text in one.before),
        )
        for number, one in enumerate(found)
    ]


def drawn(name: str, sample: int) -> list[Put]:
    """The questions of a written folder, or at most so many of a set, the same at every run."""
    if name in UNSEEN:
        return written(name)
    questions = chosen(name, load_questions(folder(name)))
    return questions if len(questions) <= sample else random.Random(SETTINGS.seed).sample(questions, sample)


def folder(name: str) -> Path:
    """Where a question set lies; its texts are fetched where they are missing."""
    if name in TEXTS:
        return texts_folder(name)
    return ROOT / "tests/questions/own" if name == "own" else SETTINGS.eval / name


def opened(name: str, indexes: Path) -> QA:
    """The index of a set or a written folder; one that is missing is built."""
    if not (indexes / name / "CURRENT").exists():
        build_index(corpus_of(WRITTEN / name) if name in UNSEEN else folder(name) / "corpus", indexes / name)
    return load(indexes / name)


def shelved(name: str, indexes: Path) -> Shelf:
    """The same without what answers from it, which a calibration of other features would keep from loading."""
    index = open_index(indexes / name)
    return Shelf(index, Structure(index.passages, [entry.passages for entry in index.generation.manifest.sources]))


def gather(indexes: Path, sample: int) -> list[Asked]:
    """Every question that may be used and is no two questions, with what the product saw of it."""
    asked: list[Asked] = []
    for name in (*SETS, *UNSEEN):
        qa, questions = opened(name, indexes), drawn(name, sample)
        for put in questions:
            parts = qa.trace(put.question, history=put.history).parts
            asked += [Asked(name, put, part) for part in parts if len(parts) == 1]
        print(f"{name}: {len(questions)} questions", flush=True)
    return asked


def fit_proposed(asked: list[Asked], indexes: Path) -> float:
    """How much the quick look counts: most evidence among the passages read, each set weighing alike."""
    looked: dict[str, list[tuple[Asked, Any, list[float]]]] = {name: [] for name in SETS}
    for one in asked:
        if one.name in SETS and one.put.evidence:
            qa, question = opened(one.name, indexes), one.part.question
            query = query_of(qa.encoder, question.text, said_before(one.put.history))
            hits = search(qa.index, query, PROPOSED_PASSAGES, qa.fusion)
            proposals = qa.reader.propose(question.reading, [hit.passage for hit in hits])
            looked[one.name].append((one, hits, [clipped(proposal.answerable) for proposal in proposals]))
    best = (-1.0, 0.0)
    for weight in PROPOSED_WEIGHTS:
        shares = {
            name: float(
                np.mean([
                    any(holds(hit.passage, one.put) for hit in reordered(hits, logits, weight)[:READ_PASSAGES])
                    for one, hits, logits in rows
                ])
            )
            for name, rows in looked.items()
        }  # fmt: skip
        mean = float(np.mean(list(shares.values())))
        print(f"quick look {weight:.3f}: {mean:.4f} " + " ".join(f"{k} {v:.3f}" for k, v in shares.items()))
        best = max(best, (mean, weight), key=lambda pair: (round(pair[0], 4), -pair[1]))
    return best[1]


def is_right(put: Put, candidate: Candidate) -> bool:
    """Whether a candidate is evidence and holds a short answer where there is one, as `score.py` means it."""
    unit = candidate.unit
    place = (candidate.passage.document, unit.start, unit.end)
    return any(overlaps(e, place) for e in put.places) and _says(put, candidate.said)


def _says(put: Put, text: str) -> bool:
    """Whether a text holds an accepted short answer, where there are any; of a written one half will do."""
    if not put.answers or put.type in ("list", "multi"):
        return True
    said = normalize(text)
    for answer in map(normalize, put.answers):
        if _within(answer, said):
            return True
        if put.id.rpartition("-")[0] in UNSEEN and _within(said, answer) and len(said) >= len(answer) / 2:
            return True
    return False


def _within(words: list[str], others: list[str]) -> bool:
    """Whether some words stand among others, one after the other."""
    return bool(words) and f" {' '.join(words)} " in f" {' '.join(others)} "


def cited_share(put: Put, cited: list[tuple[str, int, int]]) -> float:
    """Share of the evidence that is cited, by the best of its alternatives."""
    ways = (put.evidence, *put.alternatives)
    return max(sum(any(overlaps(e, c) for c in cited) for e in way) / len(way) for way in ways)


def answer_is_right(put: Put, answer: Answer) -> bool:
    """Whether an answer is right, as `score.py` means it."""
    if not put.evidence:
        return False
    cited = [(c.document, c.start, c.end) for c in answer.citations]
    first = any(overlaps(place, cited[0]) for place in put.places)
    complete = put.type not in ("list", "multi") or cited_share(put, cited) == 1.0
    return first and complete and _says(put, answer.text)


def list_is_right(put: Put, candidate: ListCandidate) -> bool:
    """Whether a whole list is what is asked for: all of the evidence, and hardly anything else."""
    if not put.evidence:
        return False
    cited = [(p.document, p.units[n].start, p.units[n].end) for p, n in candidate.group.items]
    wanted = sum(any(overlaps(place, c) for place in put.places) for c in cited)
    return cited_share(put, cited) == 1.0 and wanted >= 0.6 * len(cited)


def fit_ranking(asked: list[Asked], proposed: float) -> Ranking:
    """Weights that put right candidates first; the margin's is 1."""
    plain = Ranking(proposed, 0.0, 0.0, 0.0)
    tables = []
    for one in asked:
        found = candidates(one.part.hits, one.part.readings, plain) if one.name in SETS else []
        right = np.array([is_right(one.put, c) for c in found], dtype=bool)
        if right.any() and not right.all():
            x = np.array([
                [c.span.score, c.hit.score, clipped(c.reading.answerable), clipped(c.reading.support_of(c.span.unit))]
                for c in found
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

    found_ = minimize(loss, np.array([0.5, 1.0, 0.2, 0.2]), bounds=[(1e-3, None)] + [(0, None)] * 3, method="L-BFGS-B")
    margin, place, answerable, support = (float(value) for value in found_.x)
    for label, w in (("margin alone", np.array([1.0, 0, 0, 0])), ("fitted", found_.x)):
        first = {name: np.mean([right[np.argmax(x @ w)] for n, x, right in tables if n == name]) for name in SETS}
        print(f"right candidate first, {label}: " + " ".join(f"{k} {v:.3f}" for k, v in first.items()))
    return Ranking(proposed, round(place / margin, 3), round(answerable / margin, 3), round(support / margin, 3))


def weigh(one: Asked, shelf: Shelf, calibration: Calibration) -> Row | None:
    """Features of the best candidate, and whether the answer that is made of it is right."""
    part = one.part
    found = assess(part.question, shelf.structure, part.hits, part.readings, calibration)
    if found is None:
        return None
    alone = replace(found, whole=None, whole_confidence=-1.0)
    answer = compose(part.question, shelf.index, part.hits, alone, calibration, -1.0)
    assert isinstance(answer, Answer)
    counts = WRITTEN_COUNTS if one.name in UNSEEN else 1.0
    return Row(one.name, astuple(found.evidence), bool(one.put.evidence), answer_is_right(one.put, answer), counts)


def weigh_lists(one: Asked, shelf: Shelf, ranking: Ranking) -> list[Row]:
    """Features of every list that was read for a question, and whether it is what is asked for."""
    part, put = one.part, one.put
    best = next(iter(candidates(part.hits, part.readings, ranking)), None)
    found = list_candidates(part.question, shelf.structure, part.hits, part.readings, best) if best else []
    counts = LISTS_COUNT if put.type == "list" else 1.0
    return [Row(one.name, astuple(c.evidence), bool(put.evidence), list_is_right(put, c), counts) for c in found]


def fit(rows: list[Row], names: tuple[str, ...], shares: Iterable[float]) -> tuple[np.ndarray, float]:
    """Weights and bias of a regression, in units of the features; `shares` say what each row counts."""
    x = np.array([row.features for row in rows])
    y = np.array([row.right for row in rows], dtype=float)
    share = np.array(list(shares))
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

    bounds = [(0, None) if SIGNS[name] > 0 else (None, 0) for name in names] + [(None, None)]
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    return found.x[:-1] / scale, float(found.x[-1])


def probabilities(rows: list[Row], weights: np.ndarray, bias: float) -> np.ndarray:
    """Of each row the probability that its answer is right."""
    return 1 / (1 + np.exp(-(np.array([row.features for row in rows]) @ weights + bias)))


def named(names: tuple[str, ...], weights: np.ndarray) -> dict[str, float]:
    return {name: round(float(weight), 5) for name, weight in zip(names, weights, strict=True)}


def alike(rows: list[Row]) -> list[float]:
    """What each row counts where each set weighs alike, but for what its rows count."""
    sizes = {name: sum(row.name == name for row in rows) for name in {row.name for row in rows}}
    return [row.counts / sizes[row.name] for row in rows]


def describe(rows: list[Row], p: np.ndarray) -> None:
    """What the probabilities do on the rows themselves (in sample; the other half of the sets is the test)."""
    right, answerable = np.array([row.right for row in rows]), np.array([row.answerable for row in rows])
    for name in (*SETS, *UNSEEN):
        of = np.array([name == row.name for row in rows])
        areas = (
            auroc(list(p[right & of]), list(p[~right & of])),
            auroc(list(p[answerable & of]), list(p[~answerable & of])),
        )
        said = " ".join("-" if area is None else f"{area:.3f}" for area in areas)
        print(f"{name:10} AUROC right, answerable {said} right {right[of].mean():.3f} said {p[of].mean():.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indexes", type=Path, default=SETTINGS.runs / "indexes")
    parser.add_argument("--out", type=Path, default=ROOT / "src/partnership_qa/model/calibration.json")
    parser.add_argument("--keep", type=float, default=0.94, help="share of the right answers that are shown")
    parser.add_argument("--further", type=float, default=0.12, help="see `Calibration.further`")
    parser.add_argument("--sample", type=int, default=250, help="questions of a set at most")
    parser.add_argument("--rows", type=Path, help="keep what was asked here, or take it from here where it exists")
    parser.add_argument("--ranking", action="store_true", help="fit what chooses and orders too")
    a = parser.parse_args()
    if a.rows and a.rows.exists():
        asked: list[Asked] = pickle.loads(a.rows.read_bytes())
    else:
        asked = gather(a.indexes, a.sample)
        if a.rows:
            a.rows.write_bytes(pickle.dumps(asked))
    shelves = {name: shelved(name, a.indexes) for name in (*SETS, *UNSEEN)}
    shipped: dict[str, Any] = json.loads(a.out.read_text("utf-8"))
    ranking = Ranking(**shipped["ranking"])
    if a.ranking:
        ranking = fit_ranking(asked, fit_proposed(asked, a.indexes))
    listed = [row for one in asked for row in weigh_lists(one, shelves[one.name], ranking)]
    list_weights, list_bias = fit(listed, LIST_FEATURES, (row.counts for row in listed))
    p = probabilities(listed, list_weights, list_bias)
    wanted = np.array([row.right for row in listed])
    print(f"lists: {len(listed)} read, {wanted.sum()} asked for, AUROC {auroc(list(p[wanted]), list(p[~wanted]))}")
    out: dict[str, Any] = {
        "ranking": dict(zip(("proposed", "place", "answerable", "support"), astuple(ranking), strict=True)),
        "lists": {"weights": named(LIST_FEATURES, list_weights), "bias": round(list_bias, 5)},
        "weights": dict.fromkeys(FEATURES, 0.0), "bias": 0.0, "threshold": 0.0, "doubt": 0.0, "further": 9.0,
    }  # fmt: skip
    # What is quoted beside the best one depends on the probabilities, and whether a list of places is whole on that.
    for further in (9.0, a.further):
        rows = [row for one in asked if (row := weigh(one, shelves[one.name], calibration_of(out))) is not None]
        weights, bias = fit(rows, FEATURES, alike(rows))
        out |= {"weights": named(FEATURES, weights), "bias": round(bias, 5), "further": further}
    p = probabilities(rows, weights, bias)
    describe(rows, p)
    right = np.array([row.right and row.name in SETS for row in rows])
    threshold = float(np.quantile(p[right], 1 - a.keep))
    out |= {"threshold": round(threshold, 3), "doubt": round(threshold * DOUBT, 3), "rows": len(rows)}
    out |= {"right_answers_shown": round(float(np.mean(p[right] >= threshold)), 3)}
    a.out.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
