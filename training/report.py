"""The figures of all question sets, whole and without the questions that calibrated, and the pictures of the docs.

    python training/report.py --docs docs

Every question is asked by the question sets' own `score.py`, default settings. `rest` leaves out what `calibrate.py`
was fitted on: no threshold was set there. The pictures are of the rest of all sets together.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibrate import SETS, chosen, folder, opened
from settings import SETTINGS

from partnership_qa.evaluation.metrics import Row, auroc, load_questions
from partnership_qa.evaluation.page import reliability_svg, risk_svg

if TYPE_CHECKING:
    from collections.abc import Iterable

Scored = dict[str, Any]


def scorer() -> Any:
    """The module `score.py` of the question sets."""
    spec = importlib.util.spec_from_file_location("score", SETTINGS.eval / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mean(values: Iterable[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return sum(known) / len(known) if known else None


def error(shown: list[Scored]) -> float | None:
    """Expected calibration error of what is shown, in ten bins."""
    bins: dict[int, list[Scored]] = {}
    for row in shown:
        bins.setdefault(min(9, int(10 * row["confidence"])), []).append(row)
    gaps = (abs(sum(r["confidence"] for r in rows) - sum(bool(r.get("right")) for r in rows)) for rows in bins.values())
    return sum(gaps) / len(shown) if shown else None


def figures(rows: list[Scored]) -> dict[str, float | None]:
    """The figures of some rows, as `score.py` defines them."""
    answerable, not_ = [r for r in rows if "recall" in r], [r for r in rows if "recall" not in r]
    shown = [r for r in rows if r["answered"]]
    return {
        "n": float(len(rows)),
        "verbatim": mean(v for r in rows for v in r["verbatim"]),
        "right": mean(r["right"] for r in answerable),
        "wrong_shown": mean(not r.get("right") for r in shown),
        "refused": mean(not r["answered"] for r in not_),
        "answered": mean(r["answered"] for r in answerable),
        "auroc": auroc([r["confidence"] for r in answerable], [r["confidence"] for r in not_]),
        "ece": error(shown),
        "recall": mean(r["recall"] for r in answerable),
        "precision": mean(r["precision"] for r in answerable if r["answered"]),
        "f1": mean(r.get("f1") for r in rows),
        "em": mean(r.get("em") for r in rows),
        "contains": mean(r.get("contains") for r in rows),
        "complete": mean(r.get("complete") for r in rows),
    }


def line(name: str, rows: list[Scored]) -> str:
    """Figures on a line."""
    shown = (f"{key} {value:.3f}" for key, value in figures(rows).items() if value is not None)
    return f"{name:18} " + "  ".join(shown).replace(".000", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indexes", type=Path, default=SETTINGS.runs / "indexes", help="missing ones are built")
    parser.add_argument("--sets", nargs="+", default=["partnership", *SETS])
    parser.add_argument("--sample", type=int, default=600, help="questions of a set at most, drawn with a fixed seed")
    parser.add_argument("--docs", type=Path, help="write the pictures here")
    parser.add_argument("--json", type=Path, help="write every row here")
    a = parser.parse_args()
    score = scorer()
    together: list[Scored] = []
    every: dict[str, list[Scored]] = {}
    for name in a.sets:
        opened(name, a.indexes)
        found = score.score(folder(name), a.indexes / name, a.sample)
        every[name] = found["_rows"]
        used = {q.id for q in chosen(name, load_questions(folder(name)))} if name in SETS else set()
        rest = [row for row in found["_rows"] if row["id"] not in used]
        print(f"{line(name, found['_rows'])}  p50 {found['p50_ms']:.0f} p95 {found['p95_ms']:.0f} ms", flush=True)
        if len(rest) < len(found["_rows"]):
            print(line(f"{name}, rest", rest), flush=True)
        together += rest
        if name in ("handbooks", "own"):
            print("   right by type", found["right_by_type"])
    print(line("all, rest", together))
    if a.json:
        a.json.write_text(json.dumps(every), encoding="utf-8")
    if a.docs:
        drawn = [
            Row(r["id"], r["type"], "", r["text"], r["answered"], r["confidence"], 0.0, r["verbatim"],
                r.get("recall"), right=bool(r.get("right")))
            for r in together
        ]  # fmt: skip
        (a.docs / "reliability.svg").write_text(reliability_svg(drawn), encoding="utf-8")
        (a.docs / "risk.svg").write_text(risk_svg(drawn), encoding="utf-8")


if __name__ == "__main__":
    main()
