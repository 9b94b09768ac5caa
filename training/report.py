"""The figures of all question sets, whole and without the questions that calibrated, and the pictures of the docs.

    python training/report.py --eval ../shared/eval --indexes /tmp/indexes --docs docs

`rest` leaves out what `calibrate.py` was fitted on: its thresholds are not set there. The pictures are of the rest of
all sets together, each set weighing by its number of questions.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import replace
from pathlib import Path

from calibrate import SETS, chosen

from partnership_qa import build_index, load
from partnership_qa.evaluation import Row, evaluate, figures_of, load_questions
from partnership_qa.evaluation_page import reliability_svg, risk_svg
from partnership_qa.retrieval import checked_fusion

SHOWN = (
    "questions", "verbatim", "evidence_recall", "evidence_precision", "em", "f1", "contains", "complete", "answered",
    "refused", "auroc", "calibration_error", "risk@80%", "p50_ms", "p95_ms",
)  # fmt: skip


def line(name: str, rows: list[Row]) -> str:
    """One set's figures on a line."""
    figures = figures_of(rows)
    shown = (f"{key} {value:.3f}" for key in SHOWN if (value := figures[key]) is not None)
    return f"{name:20} " + "  ".join(shown).replace(".000", "")


def main() -> None:
    """Ask, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    parser.add_argument(
        "--indexes", type=Path, required=True, help="folder of the sets' indexes; missing ones are built"
    )
    parser.add_argument("--sets", nargs="+", default=["partnership", *SETS])
    parser.add_argument("--sample", type=int, default=600, help="questions of a set at most, drawn with a fixed seed")
    parser.add_argument("--fusion", default="minmax")
    parser.add_argument("--docs", type=Path, help="write the pictures here")
    parser.add_argument("--split", type=Path, default=Path(__file__).with_name("squad2_split.json"))
    a = parser.parse_args()
    split = json.loads(a.split.read_text("utf-8"))
    together: list[Row] = []
    for name in a.sets:
        if not (a.indexes / name / "CURRENT").exists():
            build_index(a.eval / name / "corpus", a.indexes / name)
        qa = replace(load(a.indexes / name), fusion=checked_fusion(a.fusion))
        questions = load_questions(a.eval / name)
        used = {q.id for q in chosen(name, questions, split)} if name in SETS else set()
        if name == "squad2":  # its unanswerable questions of the five articles were chosen from for training too
            used |= set(split["trained"])
        if len(questions) > a.sample:
            questions = random.Random(0).sample(questions, a.sample)
        rows = list(evaluate(qa, a.eval / name, questions).rows)
        rest = [row for row in rows if row.id not in used]
        print(line(name, rows), flush=True)
        if len(rest) < len(rows):
            print(line(f"{name}, rest", rest), flush=True)
        together += rest
    print(line("all, rest", together))
    if a.docs:
        (a.docs / "reliability.svg").write_text(reliability_svg(together), encoding="utf-8")
        (a.docs / "risk.svg").write_text(risk_svg(together), encoding="utf-8")


if __name__ == "__main__":
    main()
