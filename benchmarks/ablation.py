"""What each mechanism is worth: the figures with all of them, and with one switched off at a time, in one run.

    python benchmarks/ablation.py ../shared/eval/partnership ../shared/eval/tables --sample 150

For every set prints evidence recall and precision, F1, complete, refused and AUROC, and the median time of a question;
then the same without each mechanism. A mechanism is switched off by putting its neutral value in its place, so that the
rest of the pipeline is the one that ships.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from partnership_qa import build_index, load
from partnership_qa.evaluation.metrics import evaluate, load_questions
from partnership_qa.question.kind import NO_KIND

if TYPE_CHECKING:
    from partnership_qa.qa import QA
    from partnership_qa.retrieval import Fusion

SHOWN = (
    "evidence_recall",
    "evidence_precision",
    "f1",
    "contains",
    "complete",
    "answered",
    "refused",
    "auroc",
    "p50_ms",
)
ROOM = "partnership_qa."
# Name of a mechanism: what is put in the place of which name.
SWITCHES: dict[str, dict[str, object]] = {
    "quick look": {"qa.PROPOSED_PASSAGES": 0},
    "reading on where unsure": {"qa.SURE": 0.0},
    "rows that belong together": {"answering.candidates.rows_beside": lambda *_: ()},
    "two-part questions": {"qa.parts": lambda text: (text,)},
    "completed follow-ups": {"qa.complete": lambda *_: None},
    "what was said before": {"qa.said_before": lambda _: ""},
    "all of the conversation": {"qa.complete": lambda *_: None, "qa.said_before": lambda _: ""},
    "whole words": {"answering.compose.whole_words": lambda _passage, span: (span.start, span.end)},
    "kinds of questions": {"question.kind.LinearKinds.of": lambda *_: NO_KIND},
}
# The same by the numbers that decide.
SETTINGS: dict[str, dict[str, float]] = {
    "whole lists and tables": {"list_bias": -1e9},
    "further quotes": {"further": 9.0},
}
FUSIONS: dict[str, Fusion] = {"words (dense alone)": "dense", "meaning (lexical alone)": "lexical"}


@contextmanager
def without(places: dict[str, object]) -> Iterator[None]:
    """Those names replaced."""
    with ExitStack() as stack:
        for place, value in places.items():
            stack.enter_context(patch(ROOM + place, value))
        yield


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--sample", type=int, default=150, help="questions of a set at most, drawn with a fixed seed")
    parser.add_argument("--indexes", type=Path, help="folder with an index of each set; missing ones are built there")
    a = parser.parse_args()
    root = a.indexes or Path(tempfile.mkdtemp())
    for set_dir in a.sets:
        if not (root / set_dir.name / "CURRENT").exists():
            build_index(set_dir / "corpus", root / set_dir.name)
        qa = load(root / set_dir.name)
        questions = load_questions(set_dir)
        questions = random.Random(0).sample(questions, min(a.sample, len(questions)))

        def measured(qa: QA, set_dir: Path = set_dir, questions: list = questions) -> dict[str, float | None]:
            return evaluate(qa, set_dir, questions).figures

        qa.answer(questions[0].question)
        whole = measured(qa)
        print(f"\n{set_dir.name}, {len(questions)} questions\n{'with everything':28} " + shown(whole, whole, str_of))
        for name, places in SWITCHES.items():
            with without(places):
                print(f"{'- ' + name:28} " + shown(measured(qa), whole, change), flush=True)
        for name, values in SETTINGS.items():
            changed = replace(qa, calibration=replace(qa.calibration, **values))
            print(f"{'- ' + name:28} " + shown(measured(changed), whole, change), flush=True)
        for name, fusion in FUSIONS.items():
            print(f"{'- ' + name:28} " + shown(measured(replace(qa, fusion=fusion)), whole, change), flush=True)


def shown(figures: dict, whole: dict, form: Callable[[str, float, float], str]) -> str:
    """The figures that the set has, on a line."""
    return "  ".join(form(key, figures[key], whole[key]) for key in SHOWN if whole[key] is not None)


def str_of(key: str, value: float, _: float) -> str:
    """A figure with its name."""
    return f"{key} {value:.1f}" if key.endswith("ms") else f"{key} {value:.3f}"


def change(key: str, value: float, before: float) -> str:
    """By how much a figure is lower or higher without the mechanism, in the same place as its name above."""
    wide = len(str_of(key, before, before))
    if key.endswith("ms"):
        return f"{value - before:+{wide}.1f}"
    return " " * wide if abs(value - before) < 5e-4 else f"{value - before:+{wide}.3f}"


if __name__ == "__main__":
    main()
