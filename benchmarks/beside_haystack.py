"""Our reader beside Haystack's extractive one, with the same weights, on the same passages, in one run.

    pip install transformers-haystack
    python training/folder.py --out training/runs/folder
    python benchmarks/beside_haystack.py ../shared/eval/xquad training/runs/folder --questions 200

Each question's best passages are read in turn by the shipped reader (int8, with its quick look at the same passages),
by the same weights without it on torch (`FolderReader`, fp32, one batch) and by Haystack's
`TransformersExtractiveReader`. Prints exact match and F1 of the best answer, and the median and 95th percentile of the
time of reading, in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from haystack import Document
from haystack_integrations.components.readers.transformers import TransformersExtractiveReader

from partnership_qa import build_index, load
from partnership_qa.evaluation.metrics import load_questions, normalize, token_f1
from partnership_qa.qa import READ_PASSAGES
from partnership_qa.reading.folder import FolderReader
from partnership_qa.reading.view import view


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set_dir", type=Path)
    parser.add_argument("folder", type=Path, help="the reader as a Hugging Face folder")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--index", type=Path, help="of the set, if it is built")
    a = parser.parse_args()
    index = a.index or Path(tempfile.mkdtemp()) / "index"
    if a.index is None:
        build_index(a.set_dir / "corpus", index)
    qa, torch_reader = load(index), FolderReader(a.folder)
    haystack = TransformersExtractiveReader(model=str(a.folder), token=None, top_k=1, no_answer=False)
    haystack.warm_up()
    questions = [q for q in load_questions(a.set_dir) if q.answers and not q.history]
    questions = random.Random(0).sample(questions, min(a.questions, len(questions)))
    times: dict[str, list[float]] = defaultdict(list)
    scores: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    for number, question in enumerate(questions):
        hits = qa.search(question.question, k=READ_PASSAGES)
        passages = [hit.passage for hit in hits]
        documents = [Document(content=view(passage).text) for passage in passages]
        for name in ("int8", "fp32 on torch", "haystack"):
            begun = time.perf_counter()
            if name == "haystack":
                said = haystack.run(query=question.question, documents=documents)["answers"][0].data or ""
            else:
                reader = qa.reader if name == "int8" else torch_reader
                readings = reader.read(question.question, passages)
                best = max(range(len(passages)), key=lambda n: readings[n].score)
                spans, passage = readings[best].spans, passages[best]
                said = passage.between(spans[0].start, spans[0].end) if spans else ""
            if number:  # the first warms up
                times[name].append(time.perf_counter() - begun)
            exact = any(normalize(said) == normalize(answer) for answer in question.answers)
            scores[name].append((exact, max(token_f1(said, answer) for answer in question.answers)))
    for name, values in times.items():
        values.sort()
        em, f1 = (100 * sum(column) / len(column) for column in zip(*scores[name], strict=True))
        p50, p95 = values[len(values) // 2] * 1e3, values[int(len(values) * 0.95)] * 1e3
        print(f"{name:14} EM {em:5.1f}  F1 {f1:5.1f}  reading p50 {p50:6.1f} ms  p95 {p95:6.1f} ms")
    first = sorted(times["int8"])[len(times["int8"]) // 2]
    for name, values in times.items():
        print(f"{name:14} {values[len(values) // 2] / first:5.2f} times the time of int8")


if __name__ == "__main__":
    main()
