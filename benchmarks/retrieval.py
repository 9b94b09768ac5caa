"""Fusion side by side: dense alone, lexical alone, reciprocal rank fusion, min-max normalised scores.

    python benchmarks/retrieval.py ../shared/eval/xquad ../shared/eval/excerpts

Prints, for every set, the share of gold evidence among the first k passages and the mean reciprocal rank of the first
passage that holds some. Questions with a history are left out: they are no test of a search.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from partnership_qa import build_index
from partnership_qa.embedding import load_encoder
from partnership_qa.evaluation.metrics import load_questions, overlaps
from partnership_qa.index import open_index
from partnership_qa.retrieval import Fusion, Query, query_of, search

if TYPE_CHECKING:
    from partnership_qa.evaluation.metrics import Question
    from partnership_qa.index import Index

KS = (1, 3, 5, 10)


def measure(index: Index, asked: list[tuple[Question, Query]], fusion: Fusion) -> tuple[dict[int, float], float]:
    """Recall at each k and mean reciprocal rank."""
    recall, reciprocal = dict.fromkeys(KS, 0.0), 0.0
    for question, query in asked:
        places = [
            (hit.passage.document, hit.passage.start, hit.passage.end) for hit in search(index, query, max(KS), fusion)
        ]
        holds = [[overlaps(gold, place) for gold in question.evidence] for place in places]
        first = next((number for number, held in enumerate(holds, 1) if any(held)), 0)
        reciprocal += 1 / first if first else 0.0
        for k in KS:
            recall[k] += sum(any(held[g] for held in holds[:k]) for g in range(len(question.evidence))) / len(
                question.evidence
            )
    return {k: value / len(asked) for k, value in recall.items()}, reciprocal / len(asked)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+")
    encoder = load_encoder()
    for set_dir in parser.parse_args().sets:
        with tempfile.TemporaryDirectory() as folder:
            build_index(set_dir / "corpus", Path(folder) / "index")
            index = open_index(Path(folder) / "index")
        questions = [q for q in load_questions(set_dir) if q.evidence and not q.history]
        asked = [(q, query_of(encoder, q.question)) for q in questions]
        for fusion in sorted(get_args(Fusion)):
            recall, reciprocal = measure(index, asked, fusion)
            shown = "  ".join(f"recall@{k} {value:.3f}" for k, value in recall.items())
            print(f"{set_dir.name:12} {fusion:8} {shown}  mrr {reciprocal:.3f}", flush=True)


if __name__ == "__main__":
    main()
