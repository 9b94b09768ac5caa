"""Whether a risk card tells the truth: its threshold and interval against questions that people wrote.

    python benchmarks/risk.py SETS INDEXES [--only handbooks tables xquad] [--rows FILE] [--at-most 0.1]

SETS holds question sets (folders with `corpus/` and `questions.jsonl`), INDEXES their indexes by name; one that is
missing is built. The sets are those of the shared evaluation, `tests/questions/own` and `tests/questions/turns`, and
`rules` and `guides` as `training/texts.py` lays them out. Of each the card is made from questions that
`evaluation.made` makes, and then people's questions are asked, without those of the documents that
`training/calibrate.py` was fitted on (every second one by name).

Nothing is fitted on what it is reported on: of each set the card takes a shift from made to people's questions that was
fitted on all the others. What is compared is how many of the answers that people's questions get at a threshold are
wrong, and how many the card says of so many; fewer than ten say nothing. Printed last is the shift of all sets, which
is the one to ship.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from partnership_qa import build_index, load
from partnership_qa.answering.confidence import load_calibration
from partnership_qa.evaluation import risk
from partnership_qa.evaluation.made import made_questions
from partnership_qa.evaluation.metrics import Question, load_questions
from partnership_qa.evaluation.risk import Asked, Point, among, ask, chosen, clopper_pearson, counted, curve, relied_on
from partnership_qa.evaluation.shift import UNANSWERABLE_SHARE, Effect, Shift, log_odds, log_ratio

SETS = (
    "rules", "guides", "turns", "own", "handbooks", "partnership", "squad2", "tables", "xquad", "excerpts", "followups",
)  # fmt: skip
# Nothing of the confidence was fitted on these (`training/calibrate.py`): all of their questions are asked.
WHOLE = ("partnership", "rules", "guides")
SAME_TEXTS = {"own": "turns", "turns": "own"}  # one says nothing of the other that it has not seen
Rows = dict[str, list[Asked]]
Pair = tuple[float, float]  # how far people's questions lie from made ones, and its variance


def kept_apart(name: str, questions: list[Question]) -> list[Question]:
    """Questions of a set that calibrated nothing; of some sets all."""
    if name in WHOLE:
        return questions
    documents = sorted({question.evidence[0][0] for question in questions if question.evidence})
    used = {"wikitexts.md"} if name == "excerpts" else set(documents[::2])
    without = [question for question in questions if not question.evidence]
    return [q for q in questions if q.evidence and q.evidence[0][0] not in used] + without[1::2]


def gathered(folder: Path, index: Path, made: int, people: int) -> list[Asked]:
    """What is answered to made and to people's questions of a set."""
    if not (index / "CURRENT").exists():
        build_index(folder / "corpus", index)
    qa = load(index)
    put = kept_apart(folder.name, load_questions(folder))
    put = random.Random(1).sample(put, min(people, len(put)))
    return ask(qa, made_questions(qa.index, qa.structure, made)) + ask(qa, put, people=True)


def parted(rows: list[Asked]) -> tuple[list[Asked], list[Asked]]:
    """Made questions, and people's."""
    return [row for row in rows if not row.people], [row for row in rows if row.people]


def without_answer(rows: list[Asked]) -> float:
    """Share of people's questions that the texts do not answer."""
    people = counted(parted(rows)[1], 0.0)
    return people.others / (people.others + people.answered)


def answered_pair(rows: list[Asked], threshold: float) -> Pair | None:
    """Of what the texts answer, how far the log-odds of a wrong answer lie apart; `None` where few are shown."""
    made, people = (counted(part, threshold) for part in parted(rows))
    if min(made.shown, people.shown) < risk.MIN_SHOWN:
        return None
    (one, its), (other, theirs) = log_odds(made.wrong, made.shown), log_odds(people.wrong, people.shown)
    return other - one, its + theirs


def unanswerable_pair(rows: list[Asked], threshold: float) -> Pair | None:
    """Of what they do not answer, how far the logarithms of how often it is shown lie apart."""
    made, people = (counted(part, threshold) for part in parted(rows))
    if min(made.others, people.others) < risk.MIN_SHOWN:
        return None
    (one, its), (other, theirs) = log_ratio(made), log_ratio(people)
    return other - one, its + theirs


def effect_of(pairs: list[Pair]) -> Effect:
    """Mean over sets and spread from set to set, by the moments (DerSimonian & Laird 1986)."""
    if len(pairs) < 3:
        raise SystemExit("Fewer than three sets show enough of both kinds of questions: ask more, with --people.")
    weights = [1 / variance for _, variance in pairs]
    mean = sum(w * d for w, (d, _) in zip(weights, pairs, strict=True)) / sum(weights)
    q = sum(w * (d - mean) ** 2 for w, (d, _) in zip(weights, pairs, strict=True))
    scale = sum(weights) - sum(w * w for w in weights) / sum(weights)
    spread = max(0.0, (q - (len(pairs) - 1)) / scale)
    weights = [1 / (variance + spread) for _, variance in pairs]
    mean = sum(w * d for w, (d, _) in zip(weights, pairs, strict=True)) / sum(weights)
    return Effect(mean, sum(weights) ** -0.5, spread**0.5, len(pairs))


def shift_of(rows: Rows, threshold: float, leave_out: str = "") -> Shift:
    """The shift that is fitted on sets at the threshold in use, where most is shown.

    One of them is left out, and with it the other set on its texts; of these two the first counts where none is.
    """
    out = {leave_out, SAME_TEXTS.get(leave_out)} if leave_out in SAME_TEXTS else {leave_out, "turns"}
    some = [asked for name, asked in rows.items() if name not in out]
    pairs = ((answered_pair(asked, threshold), unanswerable_pair(asked, threshold)) for asked in some)
    answered, unanswerable = zip(*pairs, strict=True)
    return Shift(*(effect_of([pair for pair in known if pair is not None]) for known in (answered, unanswerable)))


def shown_wrong(rows: list[Asked], threshold: float) -> tuple[int, int]:
    """Wrong ones and all of those that a threshold shows."""
    shown = [row for row in rows if row.confidence >= threshold]
    return sum(not row.right for row in shown), len(shown)


def place_of(point: Point, wrong: int, shown: int) -> str:
    """Where so many wrong ones lie beside what the card says of so many answers."""
    if shown < risk.MIN_SHOWN:
        return "too few"
    least, most = among(point, shown)
    return "inside" if least <= wrong <= most else "below" if wrong < least else "ABOVE"


def reported(name: str, points: tuple[Point, ...], rows: list[Asked], at_most: float, usual: float) -> list[str]:
    """A set's card beside what people's questions say: at its own threshold, and at the one that is calibrated."""
    people, places = parted(rows)[1], []
    enough = [point for point in points if point.shown >= risk.MIN_SHOWN]
    own = chosen(points, at_most)
    best = own or min(enough, key=lambda point: point.risk)
    at_usual = next(point for point in points if point.threshold >= usual)
    for label, point in (("its own" if own else "none, best", best), ("calibrated", at_usual)):
        wrong, shown = shown_wrong(people, point.threshold)
        low, high = clopper_pearson(wrong, shown)
        places.append(place_of(point, wrong, shown))
        trusted = "relied on" if own and relied_on(point, at_most) and label == "its own" else ""
        print(
            f"{name:12}{label:11} {point.threshold:.2f} | made {point.wrong:3}/{point.shown:3} | says {point.risk:.2f} "
            f"[{point.low:.2f}, {point.high:.2f}], of {shown:2} {'{}-{}'.format(*among(point, shown)):7} | people "
            f"{wrong:2} = {wrong / shown if shown else 0:.2f} [{low:.2f}, {high:.2f}] {places[-1]} {trusted}"
        )
    return places


def report(rows: Rows, at_most: float, usual: float, share: float | None) -> None:
    """Every set's card with a shift that was fitted on the others; `share` has no answer, `None` as many as it is."""
    own, calibrated, everywhere = Counter[str](), Counter[str](), Counter[str]()
    for name, asked in rows.items():
        made, people = parted(asked)
        points = curve(made, shift_of(rows, usual, name), without_answer(asked) if share is None else share)
        one, other = reported(name, points, asked, at_most, usual)
        own[one] += 1
        calibrated[other] += 1
        everywhere.update(place_of(p, *shown_wrong(people, p.threshold)) for p in points if p.shown >= risk.MIN_SHOWN)
    for what, counts in (("its own threshold", own), ("the calibrated one", calibrated), ("each", everywhere)):
        print(f"  at {what}: " + ", ".join(f"{count} {place}" for place, count in counts.most_common()))


def reasons(rows: Rows, usual: float) -> None:
    """What makes people's questions of a set unlike made ones, at the calibrated threshold."""
    for name, asked in rows.items():
        made, people = (counted(part, usual) for part in parted(asked))
        pairs = answered_pair(asked, usual), unanswerable_pair(asked, usual)
        told = ["too few" if pair is None else f"{pair[0]:+.2f} ({pair[1] ** 0.5:.2f})" for pair in pairs]
        print(
            f"{name:12} wrong of what is answered: made {made.wrong}/{made.shown}, people {people.wrong}/"
            f"{people.shown}; shown of what is not: made {made.others_shown}/{made.others}, people "
            f"{people.others_shown}/{people.others} (share {without_answer(asked):.2f}) | {' | '.join(told)}"
        )


def with_judgements(rows: Rows, usual: float, counts: tuple[int, ...], draws: int) -> None:
    """What judged answers do at the threshold in use: some of people's questions join the card, the others report."""
    for count in counts:
        places, widths, sets = Counter[str](), [], 0
        for name, asked in rows.items():
            made, people = parted(asked)
            shift, enough = shift_of(rows, usual, name), len(people) >= counts[-1] + 2 * risk.MIN_SHOWN
            sets += enough
            for draw in range(draws if enough else 0):
                mixed = random.Random(draw).sample(people, len(people))
                point = next(p for p in curve(made + mixed[:count], shift) if p.threshold >= usual)
                places[place_of(point, *shown_wrong(mixed[count:], point.threshold))] += 1
                widths.append(point.high - point.low)
        told = ", ".join(f"{number} {place}" for place, number in places.most_common())
        print(f"{count:4} judged, {sets} sets, {draws} draws: {told}; mean width {sum(widths) / len(widths):.2f}")


def main() -> None:
    """Ask or take what was answered, fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path)
    parser.add_argument("indexes", type=Path)
    parser.add_argument("--rows", type=Path, help="keep what was answered here, set by set, and take it from here")
    parser.add_argument("--only", nargs="+", metavar="SET", help="measure these alone, three or more")
    parser.add_argument("--made", type=int, default=120)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--at-most", type=float, default=0.1)
    parser.add_argument("--threshold", type=float, default=load_calibration().threshold, help="the one in use")
    a = parser.parse_args()
    kept: Rows = {}
    if a.rows and a.rows.exists():
        told = json.loads(a.rows.read_text("utf-8"))
        kept = {name: [Asked(**row) for row in asked] for name, asked in told.items()}
    names = [name for name in a.only or SETS if name in kept or (a.sets / name / "questions.jsonl").is_file()]
    if not names:
        parser.error(f"{a.sets} holds none of these sets: {', '.join(a.only or SETS)}")
    for name in names:
        if name not in kept:
            kept[name] = gathered(a.sets / name, a.indexes / name, a.made, a.people)
            if a.rows:
                a.rows.write_text(json.dumps({one: [asdict(row) for row in asked] for one, asked in kept.items()}))
    rows = {name: kept[name] for name in names}
    print("why people's questions are unlike made ones:")
    reasons(rows, a.threshold)
    for share, what in ((UNANSWERABLE_SHARE, f"{UNANSWERABLE_SHARE:.0%}"), (None, "as many as it is")):
        print(f"\neach set left out of the fit; of people's questions {what} are taken to have no answer:")
        report(rows, a.at_most, a.threshold, share)
    print("\nwith judged answers of the set itself, drawn from people's; the others report:")
    with_judgements(rows, a.threshold, (0, 20, 40), 10)
    print(f"\nfitted on all: {shift_of(rows, a.threshold)}\nshipped:       {risk.SHIFT}")


if __name__ == "__main__":
    main()
