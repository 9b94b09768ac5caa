"""Questions that ask the same of two things: how many are answered whole, with and without being taken apart.

    python training/pairs.py

Each question of `training/questions/pairs.jsonl` is asked of the index of its set, once taken apart as the product does
and once as it stands. "said" counts questions of which every answer is among the words given, "quoted" those of which
every place is cited, "precision" is the mean share of quotes that hold an answer. Those that `drawn` calls the first
were seen when the rule was made, the second were not. Both were written by somebody who saw the texts alone; those
with one answer only look like two questions.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from calibrate import opened
from settings import SETTINGS

from partnership_qa.evaluation.metrics import normalize, overlaps
from partnership_qa.question.form import parts

if TYPE_CHECKING:
    from partnership_qa.qa import QA

ROOT = Path(__file__).parent


def asked(question: dict[str, Any], qa: QA) -> tuple[bool, bool, float | None]:
    """Whether all answers are said and all places cited, and the share of quotes that hold one."""
    outcome = qa.answer(question["question"])
    places = [(place["document"], place["start"], place["end"]) for place in question["evidence"]]
    cited = [(one.document, one.start, one.end) for one in outcome.citations]
    words = " ".join(normalize(outcome.text)) if outcome.answered else ""
    said = all(" ".join(normalize(answer)) in words for answer in question["answers"])
    quoted = outcome.answered and all(any(overlaps(place, one) for one in cited) for place in places)
    holding = [any(overlaps(place, one) for place in places) for one in cited]
    return said, quoted, sum(holding) / len(holding) if holding else None


def line(rows: list[tuple[bool, bool, float | None]]) -> str:
    """Figures of some questions."""
    precisions = [share for _, _, share in rows if share is not None]
    share = sum(precisions) / max(1, len(precisions))
    return f"{len(rows)}: said {sum(r[0] for r in rows)}, quoted {sum(r[1] for r in rows)}, precision {share:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indexes", type=Path, default=SETTINGS.runs / "indexes", help="missing ones are built")
    a = parser.parse_args()
    questions = [json.loads(row) for row in (ROOT / "questions/pairs.jsonl").read_text("utf-8").splitlines()]
    groups = {
        "first, two answers": [q for q in questions if q["drawn"] == "first"],
        "second, two answers": [q for q in questions if q["drawn"] == "second" and len(q["answers"]) > 1],
        "second, one answer": [q for q in questions if len(q["answers"]) == 1],
        "second, taken apart": [q for q in questions if q["drawn"] == "second" and len(parts(q["question"])) > 1],
    }
    indexes = {name: opened(name, a.indexes) for name in {q["set"] for q in questions}}
    for name, group in groups.items():
        print(f"{name}, taken apart: {line([asked(q, indexes[q['set']]) for q in group])}", flush=True)
        with patch("partnership_qa.qa.parts", lambda question: (question,)):
            print(f"{name}, as it stands: {line([asked(q, indexes[q['set']]) for q in group])}", flush=True)


if __name__ == "__main__":
    main()
