"""What int8 costs and gives: `python benchmarks/precision.py INDEX=SET... --sample 200`.

Each INDEX is of full precision, each SET a folder with `questions.jsonl` about it. All passages and the questions are
encoded in int8 too. Printed for each: how many of the ten passages that are nearest in full precision are among the ten
in int8 (vectors alone); in how many questions a passage with evidence is among the first eight of the whole search
(vectors and words), in full precision and in int8; and passages a second of both, in turns, by the clock and by seconds
of processor (the median of the rounds).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from partnership_qa.embedding import PRECISIONS, load_encoder
from partnership_qa.index import Index, open_index
from partnership_qa.index.dense import DenseIndex
from partnership_qa.retrieval import query_of, search

READ, COMPARED, ROUNDS = 8, 10, 3


def in_int8(index: Index) -> Index:
    """The same index with the vectors of int8."""
    vectors = load_encoder(PRECISIONS["int8"]).encode([passage.indexed_text for passage in index.passages])
    return Index(index.root, index.generation, index.sources, index.passages, DenseIndex(vectors), index.lexical)


def found(index: Index, name: str, question: dict[str, Any]) -> bool:
    """Whether a passage with evidence is among those that are looked at."""
    hits = search(index, query_of(load_encoder(name), question["question"]), READ)
    return any(
        hit.passage.document == place["document"]
        and hit.passage.start < place["end"]
        and place["start"] < hit.passage.end
        for hit in hits
        for place in question["evidence"]
    )


def shared(full: Index, int8: Index, question: str) -> float:
    """Share of the nearest passages of full precision that are the nearest in int8 too."""
    numbers = [
        set(index.dense.search(load_encoder(name).encode([question])[0], COMPARED)[0].tolist())
        for index, name in ((full, PRECISIONS["fp32"]), (int8, PRECISIONS["int8"]))
    ]
    return len(numbers[0] & numbers[1]) / len(numbers[0])


def speed(texts: list[str]) -> None:
    """Print passages a second of both precisions."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in PRECISIONS}
    for name in PRECISIONS:
        load_encoder(PRECISIONS[name]).encode(texts[:4])
    for _ in range(ROUNDS):
        for name, values in spent.items():
            clock, processor = time.perf_counter(), time.process_time()
            load_encoder(PRECISIONS[name]).encode(texts)
            values.append((time.perf_counter() - clock, time.process_time() - processor))
    for name, values in spent.items():
        clock, processor = (len(texts) / statistics.median(column) for column in zip(*values, strict=True))
        print(f"  {name}: {clock:.1f} passages a second, {processor:.1f} a second of processor")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="+", metavar="INDEX=SET")
    parser.add_argument("--sample", type=int, default=200)
    options = parser.parse_args()
    for pair in options.pairs:
        root, _, folder = pair.partition("=")
        full = open_index(Path(root))
        lines = (Path(folder) / "questions.jsonl").read_text("utf-8").splitlines()
        questions = [question for question in map(json.loads, lines) if question.get("evidence")]
        questions = random.Random(0).sample(questions, min(options.sample, len(questions)))
        int8 = in_int8(full)
        near = float(np.mean([shared(full, int8, question["question"]) for question in questions]))
        hits = [
            sum(found(index, name, question) for question in questions) / len(questions)
            for index, name in ((full, PRECISIONS["fp32"]), (int8, PRECISIONS["int8"]))
        ]
        print(f"{folder}: {len(full.passages)} passages, {len(questions)} questions")
        print(f"  nearest {COMPARED} shared {near:.3f}; evidence among {READ}: fp32 {hits[0]:.3f}, int8 {hits[1]:.3f}")
    speed([full.passages[number].indexed_text for number in range(min(120, len(full.passages)))])


if __name__ == "__main__":
    main()
