"""Whether a risk card tells the truth: its threshold and interval against questions that people wrote.

    python benchmarks/risk.py SETS INDEXES [--only handbooks tables xquad] [--rows FILE] [--at-most 0.1]

SETS holds question sets (folders with `corpus/` and `questions.jsonl`), INDEXES their indexes by name; one that is
missing is built. Those of the six known ones that are there are measured. Of each the card is made from questions that
`evaluation.made` makes, and then people's questions are asked, without those of the documents that
`training/calibrate.py` was fitted on (every second one by name). Every second set, by name, fits the shift from made to
people's questions; the others only report.

The spread of the shift is not fitted on so few sets: it is how far the log-odds of people's answers lie from what their
confidence says, from set to set, on sets that do not report.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from dataclasses import asdict, astuple
from pathlib import Path

from partnership_qa import build_index, load
from partnership_qa.evaluation import risk
from partnership_qa.evaluation.made import made_questions
from partnership_qa.evaluation.metrics import Question, load_questions
from partnership_qa.evaluation.risk import Asked, Point, Shift, ask, chosen, clopper_pearson, curve

SETS = ("handbooks", "own", "partnership", "squad2", "tables", "xquad")
THRESHOLDS = (0.5, 0.6, 0.7, 0.8)  # where made and people's questions are compared
Rows = dict[str, list[Asked]]


def kept_apart(name: str, questions: list[Question]) -> list[Question]:
    """Questions of a set that calibrated nothing; of `partnership` all."""
    if name == "partnership":
        return questions
    documents = sorted({question.evidence[0][0] for question in questions if question.evidence})
    used = set(documents[::2])
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


def log_odds(wrong: int, shown: int) -> tuple[float, float]:
    """Log-odds of a share, and its variance."""
    odd, other = wrong + 0.5, shown - wrong + 0.5
    return math.log(odd / other), 1 / odd + 1 / other


def counted(rows: list[Asked], threshold: float) -> tuple[int, int]:
    """Wrong ones and all of those that a threshold shows."""
    shown = [row for row in rows if row.confidence >= threshold]
    return sum(not row.right for row in shown), len(shown)


def parted(rows: list[Asked]) -> tuple[list[Asked], list[Asked]]:
    """Made questions, and people's."""
    return [row for row in rows if not row.people], [row for row in rows if row.people]


def shift_of(rows: Rows, spread: float) -> Shift:
    """Mean shift of some sets, each the mean over those thresholds that show enough of both, weighed by variance."""
    found = []
    for name, asked in rows.items():
        made, people = parted(asked)
        pairs = []
        for threshold in THRESHOLDS:
            both = counted(made, threshold), counted(people, threshold)
            if min(shown for _, shown in both) >= risk.MIN_SHOWN:
                (one, its), (other, theirs) = (log_odds(*part) for part in both)
                pairs.append((other - one, its + theirs))
        if not pairs:
            print(f"  {name:12} too few are shown to compare")
            continue
        mean, variance = (sum(values) / len(pairs) for values in zip(*pairs, strict=True))
        found.append((mean, variance + spread**2))
        print(f"  {name:12} {mean:+.2f} (standard error {variance**0.5:.2f})")
    if not found:
        raise SystemExit("No set shows enough of both kinds of questions: ask more, with --made and --people.")
    return Shift(sum(d / v for d, v in found) / sum(1 / v for _, v in found), spread)


def best(points: tuple[Point, ...]) -> Point:
    """Where no threshold keeps what is asked for, the one that is expected to do best."""
    return min([p for p in points if p.shown >= risk.MIN_SHOWN] or points, key=lambda point: point.risk)


def report(rows: Rows, shift: Shift, at_most: float, fitted: set[str]) -> None:
    """The card of each set beside what people's questions say."""
    places: list[str] = []
    for name, asked in rows.items():
        made, people = parted(asked)
        points = curve(made, shift)
        point = chosen(points, at_most)
        state, point = ("threshold", point) if point else ("none keeps it, best", best(points))
        wrong, shown = counted(people, point.threshold)
        share = wrong / shown if shown else 0.0
        places.append("nothing shown" if not shown else "inside" if point.low <= share <= point.high else
                      "below" if share < point.low else "ABOVE")  # fmt: skip
        low, high = clopper_pearson(wrong, shown)
        print(
            f"{name:12} {'fits' if name in fitted else 'reports':8} {state} {point.threshold:.2f} | made {point.wrong}/"
            f"{point.shown} | expected {point.risk:.3f} [{point.low:.3f}, {point.high:.3f}] | people {wrong}/{shown} = "
            f"{share:.3f} [{low:.3f}, {high:.3f}] {places[-1]}"
        )
    counts = ", ".join(f"{places.count(place)} {place}" for place in dict.fromkeys(places))
    print(f"the observed share and the stated interval: {counts}")


def main() -> None:
    """Ask or take what was answered, fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path)
    parser.add_argument("indexes", type=Path)
    parser.add_argument("--rows", type=Path, help="keep what was answered here, or take it from here where it exists")
    parser.add_argument("--only", nargs="+", metavar="SET", help="measure these alone")
    parser.add_argument("--made", type=int, default=120)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--at-most", type=float, default=0.1)
    parser.add_argument("--spread", type=float, default=risk.SHIFT.spread)
    a = parser.parse_args()
    if a.rows and a.rows.exists():
        kept = json.loads(a.rows.read_text("utf-8"))
        rows: Rows = {name: [Asked(**row) for row in asked] for name, asked in kept.items()}
    else:
        names = [name for name in a.only or SETS if (a.sets / name / "questions.jsonl").is_file()]
        if not names:
            parser.error(f"{a.sets} holds none of these sets: {', '.join(a.only or SETS)}")
        rows = {name: gathered(a.sets / name, a.indexes / name, a.made, a.people) for name in names}
        if a.rows:
            a.rows.write_text(json.dumps({name: [asdict(row) for row in asked] for name, asked in rows.items()}))
    fitted = set(sorted(rows)[::2])
    print("shift from made to people's questions, sets that fit:")
    shift = shift_of({name: rows[name] for name in rows if name in fitted}, a.spread)
    print(f"fitted {shift.mean:+.2f}, spread {shift.spread:.2f}; shipped {astuple(risk.SHIFT)}\n")
    report(rows, shift, a.at_most, fitted)
    print("\nwithout a shift, made questions alone:")
    report(rows, Shift(0.0, 0.0), a.at_most, fitted)


if __name__ == "__main__":
    main()
