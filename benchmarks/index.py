"""How long an index takes to build, to build again, and to open.

    python benchmarks/index.py [--files 1000] [--changed 10] [--encoder real|fake] [--memory]

Writes a corpus of generated files, builds it, changes some and builds again; prints seconds by stage, the ratio of
the two builds (target: at most 5 %), the encoder's share of the full build (target: at least 90 %), and what hashing
every byte adds to opening the index. With the fake encoder the other stages are measured alone. With `--memory`, what
a build of a tenth of the files and of all of them takes at its peak, each in a process of its own (target: at most 1.5
times as much, vectors apart), beside what the index takes on disk.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from partnership_qa.embedding import Encoder, load_encoder
from partnership_qa.index import BuildReport, build, open_index

WORDS = Path(__file__).resolve().parents[1] / "corpus" / "openai-microsoft-partnership.txt"


def write_file(folder: Path, number: int, version: int, words: list[str]) -> None:
    """A text of three sections with four sentences each; the same for the same number and version."""
    chance = random.Random(f"{number}-{version}")
    sections = []
    for section in range(3):
        sentences = [" ".join(chance.choices(words, k=18)).capitalize() + "." for _ in range(4)]
        sections.append(f"## Section {section} of file {number}\n\n{' '.join(sentences)}\n")
    (folder / f"file-{number:05d}.md").write_text("\n".join(sections), "utf-8")


def chosen_encoder(name: str) -> Encoder:
    """The shipped encoder, or the one that the tests use."""
    if name == "real":
        return load_encoder()
    from fakes import FakeEncoder

    return FakeEncoder()


def show(title: str, report: BuildReport, seconds: float) -> None:
    """Seconds of one build, by stage."""
    print(f"{title}: {seconds:.2f} s, {report.passages} passages, {report.embedded} embedded")
    for stage, spent in report.seconds.items():
        print(f"    {stage:10} {spent:8.3f} s {100 * spent / seconds:5.1f} %")


def timed_build(corpus: Path, root: Path, encoder: Encoder) -> tuple[BuildReport, float]:
    """A build and its seconds."""
    begun = time.perf_counter()
    report = build(corpus, root, encoder)
    return report, time.perf_counter() - begun


def measure(folder: Path, files: int, changed: int, encoder: Encoder) -> None:
    """Build, change, build again, open."""
    corpus, root = folder / "corpus", folder / "index"
    corpus.mkdir()
    words = [word for word in WORDS.read_text("utf-8").split() if word.isalpha()]
    for number in range(files):
        write_file(corpus, number, 0, words)
    encoder.encode(["The first call loads what the others use."])
    full, full_seconds = timed_build(corpus, root, encoder)
    show(f"full build of {files} files", full, full_seconds)
    for number in range(0, files, max(1, files // changed)):
        write_file(corpus, number, 1, words)
    again, again_seconds = timed_build(corpus, root, encoder)
    show(f"rebuild with {len(again.changed)} files changed", again, again_seconds)
    print(f"ratio: {100 * again_seconds / full_seconds:.1f} % (target: at most 5 %)")
    print(f"encoder's share of the full build: {100 * full.seconds['embedding'] / full_seconds:.1f} %")
    begun = time.perf_counter()
    index = open_index(root)
    opening = time.perf_counter() - begun
    paths = [root / index.generation.name / name for name in index.generation.manifest.files]
    stored = [path.read_bytes() for path in paths]
    begun = time.perf_counter()
    for data in stored:
        hashlib.sha256(data).hexdigest()
    hashing = time.perf_counter() - begun
    size = sum(map(len, stored)) / 2**20
    print(f"open: {1000 * opening:.1f} ms, of which hashing {size:.1f} MiB: {1000 * hashing:.1f} ms")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory: {peak:.0f} MiB, of which vectors {4 * encoder.dimension * full.passages / 2**20:.1f} MiB")


def measure_memory(files: int, encoder: str) -> None:
    """Peak memory of two builds, the second of ten times the text."""
    peaks, indexes = [], []
    for count in (files // 10, files):
        command = [sys.executable, __file__, "--files", str(count), "--encoder", encoder, "--peak"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peak, text, vectors, index = map(float, done.stdout.split())
        peaks.append(peak - vectors)
        indexes.append(index - vectors)
        print(
            f"{count} files, {text:.1f} MiB of text: peak {peak:.0f} MiB, index {index:.1f} MiB, "
            f"of each vectors {vectors:.1f} MiB"
        )
    growth, grown = peaks[1] - peaks[0], indexes[1] - indexes[0]
    print(f"ratio without the vectors: {peaks[1] / peaks[0]:.2f} (target: at most 1.5)")
    print(f"growth without the vectors: {growth:.0f} MiB, {growth / grown:.1f} times that of the index on disk")


def print_peak(folder: Path, files: int, encoder: Encoder) -> None:
    """MiB at the peak of one build, of its text, of its vectors and of the index on disk."""
    corpus = folder / "corpus"
    corpus.mkdir()
    words = [word for word in WORDS.read_text("utf-8").split() if word.isalpha()]
    for number in range(files):
        write_file(corpus, number, 0, words)
    report = build(corpus, folder / "index", encoder)
    index = sum(file.stat().st_size for file in (folder / "index" / report.generation).rglob("*") if file.is_file())
    size = sum(file.stat().st_size for file in corpus.iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(peak, size / 2**20, 4 * encoder.dimension * report.passages / 2**20, index / 2**20)


def main() -> None:
    """Read the options and measure in a folder that is removed afterwards."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--changed", type=int, default=10)
    parser.add_argument("--encoder", choices=["real", "fake"], default="real")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--peak", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.memory:
        measure_memory(given.files, given.encoder)
        return
    with tempfile.TemporaryDirectory() as folder:
        encoder = chosen_encoder(given.encoder)
        if given.peak:
            print_peak(Path(folder), given.files, encoder)
        else:
            measure(Path(folder), given.files, given.changed, encoder)


if __name__ == "__main__":
    main()
