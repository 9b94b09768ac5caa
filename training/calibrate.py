"""Fits what chooses and weighs an answer, on halves of question sets that are not reported.

    python training/calibrate.py                 # gathers what the reader says, fits, writes calibration.json
    python training/calibrate.py --rows FILE     # fits again on what was gathered
    python training/calibrate.py --lists         # fits lists alone, and leaves all else as it ships

Each set is split by document, in the order of names: every second one calibrates (of `excerpts` its Wikipedia file); of
unanswerable questions every second one does. `partnership` is left out altogether. A question is weighed as it is, and
again with every passage taken away that holds its evidence, so that the best of what is left is wrong.

Whole lists are weighed by questions of their own, of which two in three ask for a list (`training/texts.py`), and by
halves of sets with tables or long texts. One that asks for a list counts three tenths there, so that of what counts
there one in three asks for a list (docs/experiments.md).

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
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize
from settings import ROOT, SETTINGS
from texts import SETS as TEXTS
from texts import texts_folder

from partnership_qa import build_index, load
from partnership_qa.answering.candidates import Candidate, ListCandidate, assess, candidates, list_candidates
from partnership_qa.answering.compose import compose
from partnership_qa.answering.confidence import FEATURES, LIST_FEATURES, Calibration, Ranking, calibration_of, clipped
from partnership_qa.answering.outcome import Answer
from partnership_qa.evaluation.metrics import Question as Put
from partnership_qa.evaluation.metrics import auroc, load_questions, normalize, overlaps
from partnership_qa.qa import PROPOSED_PASSAGES, QA, READ_PASSAGES
from partnership_qa.question.history import complete, said_before
from partnership_qa.question.words import Question, question_words
from partnership_qa.retrieval import Hit, query_of, reordered, search

if TYPE_CHECKING:
    from partnership_qa.chunking import Passage
    from partnership_qa.reading import Proposal, Reading
    from partnership_qa.trace import Part

SETS = ("handbooks", "xquad", "tables", "excerpts", "followups", "squad2", "own")
LIST_SETS = (*TEXTS, "tables", "followups", "excerpts")
LISTS_COUNT = 0.3  # what a question for a list counts in the first two, where two in three ask for one
MADE = "made"  # questions for whole lists that are made from headings and leads of the documents that calibrate
MADE_FROM = ("handbooks", "followups", "own")
MADE_LISTS = 25  # from each of these
MADE_COUNTS = 0.2  # of what a set counts
NEGATIVE = ("missing_names", "missing_numbers", "table", "listed")
SIGNS = dict.fromkeys((*FEATURES, *LIST_FEATURES), 1) | dict.fromkeys(NEGATIVE, -1)
RIDGE = 1e-3
# A question without its evidence counts this much beside one as it is: so that about one in four that count has no
# answer, as of the questions that people asked of the sets.
WITHOUT_COUNTS = 0.3
TAKEN_AWAY = 60  # hits to choose from when some are taken away
DOUBT = 0.5  # of the threshold: from there on the closest passages are shown
PROPOSED_WEIGHTS = (0.0, 0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1)


@dataclass(frozen=True)
class Looked:
    """A question with what search, quick look and reader said: hits that were looked at, and readings of the first."""

    name: str
    home: str
    put: Put
    without: bool
    question: Question
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


def holds(passage: Passage, question: Put) -> bool:
    """Whether a passage holds evidence of a question."""
    return any(overlaps(place, (passage.document, passage.start, passage.end)) for place in question.places)


def look(qa: QA, name: str, question: Put, *, without: bool, weight: float) -> Looked:
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
    asked = Question(question.question, completed.text if completed else None, text, reading, words)
    return Looked(name, name, question, without, asked, hits, light, tuple(readings))


def chosen(name: str, questions: list[Put]) -> list[Put]:
    """The questions of a set that calibrate."""
    if name in TEXTS:
        return questions
    documents = sorted({q.evidence[0][0] for q in questions if q.evidence})
    used = {"wikitexts.md"} if name == "excerpts" else set(documents[::2])
    unanswerable = [q for q in questions if not q.evidence][::2]
    return [q for q in questions if q.evidence and q.evidence[0][0] in used] + unanswerable


def drawn(name: str, sample: int) -> list[Put]:
    """At most so many of them, the same at every run."""
    questions = chosen(name, load_questions(folder(name)))
    return questions if len(questions) <= sample else random.Random(SETTINGS.seed).sample(questions, sample)


def folder(name: str) -> Path:
    """Where a question set lies; its texts are fetched where they are missing."""
    if name in TEXTS:
        return texts_folder(name)
    return ROOT / "tests/questions/own" if name == "own" else SETTINGS.eval / name


def opened(name: str, indexes: Path) -> QA:
    """The index of a set; one that is missing is built."""
    if not (indexes / name / "CURRENT").exists():
        build_index(folder(name) / "corpus", indexes / name)
    return load(indexes / name)


def made_lists(qa: QA, documents: set[str]) -> list[Put]:
    """Questions for whole lists of some documents: the heading above one, or the sentence that leads to it.

    People hardly ever asked for lists in the sets, and what they ask has other words; that a whole list is asked for is
    told by what the reader says of its items and not by these words.
    """
    rng, made = random.Random(SETTINGS.seed), []
    for number, group in enumerate(qa.structure.groups):
        lead = group.lead.rstrip().removesuffix(":")
        words = lead if group.lead.rstrip().endswith(":") and rng.random() < 0.5 else " ".join(group.section[-1:])
        if group.table or len(group.items) < 3 or group.document not in documents or not 2 <= len(words.split()) <= 14:
            continue
        places = tuple((group.document, p.units[n].start, p.units[n].end) for p, n in group.items)
        asked = words.lower() if rng.random() < 0.5 else f"What are the {words[:1].lower()}{words[1:]}?"
        made.append(Put(f"{MADE}-{number}", asked, "list", (), places))
    return rng.sample(made, min(MADE_LISTS, len(made)))


def gather(indexes: Path, sample: int) -> list[Looked]:
    """Every question that may be used, as it is and without its evidence."""
    looked: list[Looked] = []
    for name in SETS:
        qa, questions = opened(name, indexes), drawn(name, sample)
        if name in MADE_FROM:
            made = made_lists(qa, {place[0] for q in questions for place in q.places})
            looked += [replace(look(qa, name, q, without=False, weight=0.05), name=MADE) for q in made]
            print(f"{name}: {len(made)} made", flush=True)
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
            rows = [one for one in looked if one.name == name and one.put.evidence and not one.without]
            found = [
                any(
                    holds(hit.passage, one.put)
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


def is_right(one: Looked, candidate: Candidate) -> bool:
    """Whether a candidate is evidence and holds a short answer where there is one, as `score.py` means it."""
    unit = candidate.unit
    place = (candidate.passage.document, unit.start, unit.end)
    if one.without or not any(overlaps(e, place) for e in one.put.places):
        return False
    return _says(one.put, candidate.said)


def _says(put: Put, text: str) -> bool:
    """Whether a text holds an accepted short answer, where there are any."""
    if not put.answers or put.type in ("list", "multi"):
        return True
    said = f" {' '.join(normalize(text))} "
    return any(f" {' '.join(normalize(answer))} " in said for answer in put.answers)


def cited_share(put: Put, cited: list[tuple[str, int, int]]) -> float:
    """Share of the evidence that is cited, by the best of its alternatives."""
    ways = (put.evidence, *put.alternatives)
    return max(sum(any(overlaps(e, c) for c in cited) for e in way) / len(way) for way in ways)


def answer_is_right(one: Looked, answer: Answer) -> bool:
    """Whether an answer is right, as `score.py` means it."""
    if one.without or not one.put.evidence:
        return False
    cited = [(c.document, c.start, c.end) for c in answer.citations]
    first = any(overlaps(place, cited[0]) for place in one.put.places)
    complete_ = one.put.type not in ("list", "multi") or cited_share(one.put, cited) == 1.0
    return first and complete_ and _says(one.put, answer.text)


def list_is_right(put: Put, candidate: ListCandidate) -> bool:
    """Whether a whole list is what is asked for: all of the evidence, and hardly anything else."""
    if not put.evidence:
        return False
    cited = [(p.document, p.units[n].start, p.units[n].end) for p, n in candidate.group.items]
    wanted = sum(any(overlaps(place, c) for place in put.places) for c in cited)
    return cited_share(put, cited) == 1.0 and wanted >= 0.6 * len(cited)


def fit_ranking(looked: list[Looked], proposed: float) -> Ranking:
    """Weights that put right candidates first; the margin's is 1."""
    plain = Ranking(proposed, 0.0, 0.0, 0.0)
    tables = []
    for one in looked:
        if one.without or not one.put.evidence or one.name == MADE:
            continue
        hits, readings = read_part(one, plain)
        found = candidates(hits, readings, plain)
        right = np.array([is_right(one, c) for c in found], dtype=bool)
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


def weigh(one: Looked, qa: QA, calibration: Calibration) -> Row | None:
    """Features of the best candidate, and whether the answer that is made of it is right."""
    hits, readings = read_part(one, calibration.ranking)
    found = assess(one.question, qa.structure, hits, readings, calibration)
    if found is None:
        return None
    alone = replace(found, whole=None, whole_confidence=-1.0)
    answer = compose(one.question, qa.index, hits, alone, calibration, -1.0)
    assert isinstance(answer, Answer)
    answerable = bool(one.put.evidence) and not one.without
    counts = WITHOUT_COUNTS if one.without else 1.0
    return Row(one.name, astuple(found.evidence), answerable, answer_is_right(one, answer), counts)


def list_rows(indexes: Path, sample: int) -> list[Row]:
    """Features of every list that is read where a question is asked as the product asks it, and whether it is right."""
    rows: list[Row] = []
    for name in LIST_SETS:
        qa, questions = opened(name, indexes), drawn(name, sample)
        for put in questions:
            parts = qa.trace(put.question, history=put.history).parts
            if len(parts) == 1:
                counts = LISTS_COUNT if name in TEXTS and put.type == "list" else 1.0
                rows += [replace(row, counts=counts) for row in weigh_lists(name, put, parts[0], qa)]
        print(f"{name}: {len(questions)} questions, {sum(row.name == name for row in rows)} lists read", flush=True)
    return rows


def weigh_lists(name: str, put: Put, part: Part, qa: QA) -> list[Row]:
    """Features of every list that was read for a question, and whether it is what is asked for."""
    best = next(iter(candidates(part.hits, part.readings, qa.calibration.ranking)), None)
    found = list_candidates(part.question, qa.structure, part.hits, part.readings, best) if best else []
    return [Row(name, astuple(c.evidence), bool(put.evidence), list_is_right(put, c)) for c in found]


def fit(rows: list[Row], names: tuple[str, ...] = FEATURES, *, alike: bool = True) -> tuple[np.ndarray, float]:
    """Weights and bias of a regression, in units of the features; each set weighs `alike`, or each row does."""
    x = np.array([row.features for row in rows])
    y = np.array([row.right for row in rows], dtype=float)
    sizes = {name: sum(row.counts for row in rows if row.name == name) for name in {row.name for row in rows}}
    share = np.array([row.counts / (sizes[row.name] if alike else 1.0) for row in rows])
    share *= np.array([MADE_COUNTS if alike and row.name == MADE else 1.0 for row in rows])
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


def fit_lists(indexes: Path, sample: int) -> dict[str, Any]:
    """Weights of the regression of whole lists, as the calibration holds them."""
    listed = list_rows(indexes, sample)
    weights, bias = fit(listed, LIST_FEATURES, alike=False)
    p, asked_for = probabilities(listed, weights, bias), np.array([row.right for row in listed])
    area = auroc(list(p[asked_for]), list(p[~asked_for]))
    print(f"lists: {len(listed)} read, {asked_for.sum()} asked for, AUROC {area}")
    for border in (0.2, 0.3, 0.4, 0.5):
        print(f"  from {border}: {(p >= border).sum()} given, {asked_for[p >= border].sum()} rightly")
    return {"weights": named(LIST_FEATURES, weights), "bias": round(bias, 5)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indexes", type=Path, default=SETTINGS.runs / "indexes")
    parser.add_argument("--out", type=Path, default=ROOT / "src/partnership_qa/model/calibration.json")
    parser.add_argument("--keep", type=float, default=0.95, help="share of the right answers that are shown")
    parser.add_argument("--threshold", type=float, help="instead of one that shows that share")
    parser.add_argument("--further", type=float, default=0.14, help="see `Calibration.further`")
    parser.add_argument("--sample", type=int, default=170, help="questions of a set at most")
    parser.add_argument("--rows", type=Path, help="keep what was gathered here, or take it from here where it exists")
    parser.add_argument("--lists", action="store_true", help="fit lists alone")
    a = parser.parse_args()
    if a.lists:
        shipped: dict[str, Any] = json.loads(a.out.read_text("utf-8"))
        shipped["lists"] = fit_lists(a.indexes, a.sample)
        a.out.write_text(json.dumps(shipped, indent=1) + "\n", encoding="utf-8")
        return
    if a.rows and a.rows.exists():
        looked = pickle.loads(a.rows.read_bytes())
    else:
        looked = gather(a.indexes, a.sample)
        if a.rows:
            a.rows.write_bytes(pickle.dumps(looked))
    qas = {name: opened(name, a.indexes) for name in SETS}
    ranking = fit_ranking(looked, fit_proposed(looked))
    out: dict[str, Any] = {
        "ranking": dict(zip(("proposed", "place", "answerable", "support"), astuple(ranking), strict=True)),
        "lists": fit_lists(a.indexes, a.sample),
        "weights": dict.fromkeys(FEATURES, 0.0), "bias": 0.0, "threshold": 0.0, "doubt": 0.0, "further": 9.0,
    }  # fmt: skip
    # What is quoted beside the best one depends on the probabilities, and whether a list of places is whole on that.
    for further in (9.0, a.further):
        rows = [row for one in looked if (row := weigh(one, qas[one.home], calibration_of(out))) is not None]
        weights, bias = fit(rows)
        out |= {"weights": named(FEATURES, weights), "bias": round(bias, 5), "further": further}
    describe(rows, weights, bias)
    p = probabilities(rows, weights, bias)
    right = np.array([row.right for row in rows])
    threshold = a.threshold or float(np.quantile(p[right], 1 - a.keep))
    out |= {"threshold": round(threshold, 3), "doubt": round(threshold * DOUBT, 3), "rows": len(rows)}
    out |= {"right_answers_shown": round(float(np.mean(p[right] >= threshold)), 3)}
    a.out.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
