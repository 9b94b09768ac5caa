"""What a question within some documents costs, against the same question asked of all.

    python benchmarks/within.py [--documents 10000] [--passages 12] [--questions 40]

Makes an index in memory: passages of random words with random unit vectors of 384 dimensions, a hundred documents a
folder. Prints for each choice the median time of a search as a ratio to that of a search of everything (target: one
document costs at most 1.0), asked in turn so that a busy machine slows both; and, apart, what resolving the choice
costs the first time. No model takes part: encoding and reading cost the same whatever is chosen.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from partnership_qa.chunking import Passage, Unit
from partnership_qa.document import BlockKind
from partnership_qa.index import Index
from partnership_qa.index.dense import DenseIndex
from partnership_qa.index.lexical import LexicalIndex
from partnership_qa.retrieval import Query, search
from partnership_qa.selection import Catalogue, Selection
from partnership_qa.text import Span

DIMENSION = 384
WORDS = 5000
CHOICES: dict[str, list[str]] = {
    "all": [],
    "one document": ["folder-003/file-00300.txt"],
    "one folder of 100": ["folder-003/"],
    "a pattern, a tenth": ["*7.txt"],
    "a pattern, half": ["*[13579].txt"],
    "every document, by *": ["*"],
}


def made_index(documents: int, passages: int, chance: np.random.Generator) -> Index:
    """An index of random words and vectors."""
    words = [f"w{number}" for number in range(WORDS)]
    # Few words are frequent, as in a language.
    drawn = np.minimum(chance.zipf(1.2, (documents * passages, 60)) - 1, WORDS - 1)
    made = []
    for number, row in enumerate(drawn):
        document, text = number // passages, " ".join(words[n] for n in row)
        unit = Unit(BlockKind.PARAGRAPH, 0, len(text), Span(0, len(text)), -1, 0, (), (), False)
        name = f"folder-{document // 100:03}/file-{document:05}.txt"
        made.append(Passage(name, 0, len(text), text, (), 1, (unit,)))
    vectors = chance.standard_normal((len(made), DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    lexical = LexicalIndex(passage.text for passage in made)
    entries = [SimpleNamespace(name=name, passages=count) for name, count in Counter(p.document for p in made).items()]
    generation = cast("Any", SimpleNamespace(manifest=SimpleNamespace(sources=entries)))
    return Index(Path(), generation, {}, tuple(made), DenseIndex(vectors), lexical)


def made_query(chance: np.random.Generator) -> Query:
    """Six words of the middle of the vocabulary and a vector."""
    vector = chance.standard_normal(DIMENSION).astype(np.float32)
    return Query(" ".join(f"w{n}" for n in chance.integers(10, 500, 6)), vector / np.linalg.norm(vector))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--passages", type=int, default=12)
    parser.add_argument("--questions", type=int, default=40)
    given = parser.parse_args()
    chance = np.random.default_rng(0)
    index = made_index(given.documents, given.passages, chance)
    begun = time.perf_counter()
    catalogue = Catalogue(index)
    print(f"{given.documents:,} documents, {len(index.passages):,} passages")
    print(f"catalogue, made once an index: {1000 * (time.perf_counter() - begun):.1f} ms")
    chosen: dict[str, Selection | None] = {}
    first: dict[str, float] = {}
    for name, patterns in CHOICES.items():
        begun = time.perf_counter()
        chosen[name] = catalogue.select(patterns) if patterns else None
        first[name] = 1000 * (time.perf_counter() - begun)
    spent: dict[str, list[float]] = {name: [] for name in CHOICES}
    for _ in range(given.questions):
        query = made_query(chance)
        for name, patterns in CHOICES.items():
            begun = time.perf_counter()
            within = catalogue.select(patterns) if patterns else None
            search(index, query, 8, within=within)
            spent[name].append(1000 * (time.perf_counter() - begun))
    base = statistics.median(spent["all"])
    for name, times in spent.items():
        middle, selection = statistics.median(times), chosen[name]
        count = len(selection.documents) if selection else given.documents
        figures = f"{middle:7.2f} ms  ratio {middle / base:5.2f}  first choice {first[name]:6.1f} ms"
        print(f"{name:22} {count:6,} documents  {figures}")


if __name__ == "__main__":
    main()
