"""What embedding costs: `python benchmarks/building.py CORPUS... --passages 2000 --rounds 3`.

Passages of the corpora are encoded by this package and by plain `SentenceTransformer.encode` at several batch sizes, in
turns, by the same threads: passages a second of each (the median round, by the clock and by seconds of processor), and
how far the vectors are from one another. Then a corpus of as many files as passages is built, one file of a hundred is
changed, and it is built again: what share of the first build the second took.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from partnership_qa import build_index
from partnership_qa.chunking import split_document
from partnership_qa.embedding import default_model_dir, load_encoder
from partnership_qa.sources import load_corpus

BATCHES = (16, 32, 64, 128)


def passages_of(corpora: list[Path], count: int) -> list[str]:
    """Up to so many different texts as they are embedded, in the order of their documents."""
    encoder = load_encoder()
    texts: dict[str, None] = {}
    for corpus in corpora:
        for document in load_corpus(corpus)[0]:
            for passage in split_document(document, count_pieces=encoder.count_pieces, max_pieces=encoder.max_pieces):
                texts.setdefault(passage.indexed_text)
    return list(texts)[:count]


def timed(encode: Callable[[list[str]], np.ndarray], texts: list[str]) -> tuple[float, float, np.ndarray]:
    """Seconds by the clock and of processor, and the vectors."""
    clock, processor = time.perf_counter(), time.process_time()
    vectors = encode(texts)
    return time.perf_counter() - clock, time.process_time() - processor, vectors


def embedding(texts: list[str], threads: int, rounds: int) -> None:
    """Print the speed of each way, and how far it is from the first."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(str(default_model_dir()), device="cpu", local_files_only=True)
    ways: dict[str, Callable[[list[str]], np.ndarray]] = {"this package": load_encoder().encode}
    for size in BATCHES:
        ways[f"batches of {size}"] = partial(
            model.encode, batch_size=size, normalize_embeddings=True, show_progress_bar=False
        )
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    vectors: dict[str, np.ndarray] = {}
    for encode in ways.values():
        encode(texts[:8])
    for _ in range(rounds):
        for name, encode in ways.items():
            clock, processor, vectors[name] = timed(encode, texts)
            spent[name].append((clock, processor))
    print(f"{len(texts)} passages, {threads} threads, {rounds} rounds")
    for name, values in spent.items():
        clock, processor = (len(texts) / statistics.median(column) for column in zip(*values, strict=True))
        off = float(np.abs(vectors[name] - vectors["this package"]).max())
        print(f"{name:15} {clock:7.1f} a second, {processor:7.1f} a second of processor; furthest component {off:.1e}")


def rebuilding(texts: list[str]) -> None:
    """Print what share of a build a second one takes, after one file of a hundred was changed."""
    with tempfile.TemporaryDirectory() as place:
        corpus, index = Path(place) / "corpus", Path(place) / "index"
        corpus.mkdir()
        for number, text in enumerate(texts):
            (corpus / f"{number:06d}.txt").write_text(text, encoding="utf-8")
        changed = range(0, len(texts), 100)
        seconds = []
        for turn in range(2):
            for number in changed if turn else ():
                (corpus / f"{number:06d}.txt").write_text(f"{texts[number]} Changed.", encoding="utf-8")
            began, processor = time.perf_counter(), time.process_time()
            report = build_index(corpus, index)
            seconds.append((time.perf_counter() - began, time.process_time() - processor))
            shown = ", ".join(f"{stage} {took:.1f}" for stage, took in report.seconds.items())
            print(f"{report.passages} passages, {report.embedded} embedded: {seconds[-1][0]:.1f} s ({shown})")
    clock, processor = (second / first for first, second in zip(*seconds, strict=True))
    print(f"1 % changed: {clock:.1%} of a build by the clock, {processor:.1%} of its seconds of processor")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, nargs="+")
    parser.add_argument("--passages", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["embedding", "rebuilding"])
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    texts = passages_of(options.corpora, options.passages)
    if options.only != "rebuilding":
        embedding(texts, options.threads, options.rounds)
    sys.stdout.flush()
    if options.only != "embedding":
        rebuilding(texts)


if __name__ == "__main__":
    main()
