"""Where the time of a question goes: embedding, searching, reading, composing; and building against embedding.

    python benchmarks/latency.py ../shared/eval/xquad --questions 200

Prints the median and the 95th percentile of each stage in milliseconds, for several numbers of passages read, all in
one run and in turn, so that a machine whose speed drifts slows all of them alike.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from partnership_qa import build_index, load
from partnership_qa.evaluation.metrics import load_questions
from partnership_qa.retrieval import query_of, search


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set_dir", type=Path)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--passages", type=int, nargs="+", default=[3, 4, 5, 8])
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = build_index(a.set_dir / "corpus", Path(folder) / "index")
        qa = load(Path(folder) / "index")
    spent = sum(report.seconds.values())
    print(f"build {spent:.2f} s, of which", {k: f"{100 * v / spent:.1f} %" for k, v in report.seconds.items()})
    questions = [q.question for q in load_questions(a.set_dir) if not q.history]
    questions = random.Random(0).sample(questions, min(a.questions, len(questions)))
    qa.answer(questions[0])
    times: dict[str, list[float]] = defaultdict(list)
    for question in questions:
        begun = time.perf_counter()
        query = query_of(qa.encoder, question)
        embedded = time.perf_counter()
        hits = search(qa.index, query, max(a.passages))
        searched = time.perf_counter()
        times["embed"].append(embedded - begun)
        times["search"].append(searched - embedded)
        for k in a.passages:
            begun = time.perf_counter()
            qa.reader.read(question, [hit.passage for hit in hits[:k]])
            times[f"read {k}"].append(time.perf_counter() - begun)
        for k in a.passages:
            begun = time.perf_counter()
            qa.answer(question, k=k)
            times[f"answer, {k} read"].append(time.perf_counter() - begun)
    for stage, values in times.items():
        values.sort()
        p50, p95 = values[len(values) // 2] * 1e3, values[int(len(values) * 0.95)] * 1e3
        print(f"{stage:18} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms")


if __name__ == "__main__":
    main()
