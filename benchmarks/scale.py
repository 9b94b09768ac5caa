"""What a corpus costs as it grows: to build, to open, to search, to build again, on the disk and in memory.

    python benchmarks/scale.py [--passages 1000 10000 100000 1000000] [--questions 60] [--changed 1000] [--keep FOLDER]
    python benchmarks/scale.py --passages 10000 --grown 100

Makes a corpus of that many passages from the sentences of the texts in this repository, ten passages a file, and builds
an index of it with the code that builds every index. Vectors are not the encoder's, which would take days: each is one
of a thousand directions, which the passage's first word chooses, with noise that the passage's text decides (so that a
rebuild finds the same). A question is a direction with noise and some words of a passage.

Prints for each size: seconds of the build by stage; bytes on the disk; seconds of opening; milliseconds of a search
(median and 95th percentile by the clock and of the processor's time, which a busy machine changes less), among all and
within one document, a tenth and half of them, with the processor's time as a ratio to that among all; recall@10 against
a comparison with every vector of each; memory of a process that has opened the index and answered, its own (anonymous)
and mapped files (which the system may take back) apart; and seconds of a rebuild in which so many passages have
changed. Each step runs in a process of its own.

With `--grown`, for sizes whose texts take long to read: an index of the first size is written that many times into
one, with other vectors, other words and other numbers in its headings in each copy, by the code that writes every
index, and the files that it was read from are written as often; then it is opened and asked, as many passages as
`--changed` says are changed in the files, and it is built again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DIMENSION, DIRECTIONS, NOISE = 384, 1000, 0.5
PASSAGES_A_FILE, SENTENCES = 10, 6
ROOT = Path(__file__).resolve().parents[1]
NUMBER = re.compile(rb"number (\d{7})")
WORD = re.compile(r"[^\W\d_]{4,}")


class NoiseEncoder:
    """Vectors that a text decides alone, near one of many directions; no model takes part."""

    name, fingerprint, dimension, max_pieces = "noise", "noise-1", DIMENSION, 10_000

    def __init__(self) -> None:
        """Draw the directions."""
        self._directions = np.random.default_rng(0).standard_normal((DIRECTIONS, DIMENSION)).astype(np.float32)
        self._directions /= np.linalg.norm(self._directions, axis=1, keepdims=True)

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> np.ndarray:
        """Unit vectors, float32 of shape (len(texts), dimension)."""
        del progress
        out = np.empty((len(texts), DIMENSION), dtype=np.float32)
        for row, text in enumerate(texts):
            first = int.from_bytes(hashlib.sha256(text.split(" ", 1)[0].encode()).digest()[:4], "big") % DIRECTIONS
            noise = np.random.Generator(
                np.random.SFC64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
            )
            out[row] = self._directions[first] + NOISE / DIMENSION**0.5 * noise.standard_normal(DIMENSION, np.float32)
        return out / np.linalg.norm(out, axis=1, keepdims=True)

    def count_pieces(self, text: str) -> int:
        """Word pieces of a text: its words, as none is counted in earnest here."""
        return text.count(" ") + 1


def sentences() -> list[str]:
    """Sentences of the texts in this repository."""
    texts = [path.read_text("utf-8") for path in sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/*.md"))]
    found = [" ".join(one.split()) for text in texts for one in re.split(r"(?<=[.:])\s+|\n\n", text)]
    return sorted({one.rstrip(".:") for one in found if 40 < len(one) < 160 and not set(one) & set("|#`*<>[]")})


def write_corpus(folder: Path, passages: int, changed: int = 0) -> None:
    """A corpus of so many passages, or the files of it that hold the first `changed` of them, with other words."""
    known, chance = sentences(), np.random.default_rng(passages + changed)
    names = sorted({word.lower() for one in known for word in WORD.findall(one)})
    for number in range((changed or passages) // PASSAGES_A_FILE):
        # Those that change lie all over the corpus.
        place = number * (passages // changed) if changed else number
        file = folder / f"{place // 1000:04}" / f"{place:07}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        drawn = chance.integers(0, len(known), (PASSAGES_A_FILE, SENTENCES))
        heads = chance.integers(0, len(names), PASSAGES_A_FILE)
        parts = []
        for passage, row in enumerate(drawn):
            title = f"{names[heads[passage]].capitalize()} of number {place * PASSAGES_A_FILE + passage:07}"
            parts.append(f"# {title}\n\n" + " ".join(f"{known[one]}." for one in row))
        file.with_suffix(".md").write_text("\n\n".join(parts) + "\n", "utf-8")


def memory() -> dict[str, int]:
    """Memory of this process in MiB, by kind."""
    lines = Path("/proc/self/status").read_text().splitlines()
    values = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.endswith("kB")}
    return {"own": values["RssAnon"], "mapped": values["RssFile"], "peak": values["VmHWM"]}


def built(corpus: Path, root: Path) -> dict[str, Any]:
    """What a build took."""
    from partnership_qa.index import build

    begun, spent = time.perf_counter(), time.process_time()
    report = build(corpus, root, NoiseEncoder())  # type: ignore[arg-type]
    return {
        "passages": report.passages, "embedded": report.embedded, "s": round(time.perf_counter() - begun, 1),
        "cpu_s": round(time.process_time() - spent, 1), "stages": {k: round(v, 1) for k, v in report.seconds.items()},
        "peak_mb": memory()["peak"], "digest": report.digest[:12],
    }  # fmt: skip


def asked(root: Path, questions: int) -> dict[str, Any]:
    """What opening and searching took."""
    from partnership_qa.index import open_index
    from partnership_qa.retrieval import Query, search
    from partnership_qa.selection import Catalogue

    bare = memory()["own"]
    begun, spent = time.perf_counter(), time.process_time()
    index = open_index(root)
    opened, opened_cpu = time.perf_counter() - begun, time.process_time() - spent
    encoder, chance = NoiseEncoder(), np.random.default_rng(7)
    count = len(index.passages)
    queries = []
    for number in chance.integers(0, count, questions):
        passage = index.passages[int(number)]
        words = WORD.findall(passage.text)
        picked = " ".join(words[n] for n in chance.integers(0, len(words), 5))
        text = f"What is said of the {picked} in {passage.section[0]}?"
        vector = encoder.encode([f"{passage.section[0].split()[0]} {number}"])[0]
        queries.append(Query(text, vector))
    catalogue = Catalogue(index)
    chosen = {
        "all": None, "tenth": catalogue.select(["*0.md"]), "half": catalogue.select(["*[02468].md"]),
        "one": catalogue.select([index.passages[count // 2].document]),
    }  # fmt: skip
    found: dict[str, Any] = {"open_s": round(opened, 2), "open_cpu_s": round(opened_cpu, 2)}
    clock: dict[str, list[float]] = {name: [] for name in chosen}
    processor: dict[str, list[float]] = {name: [] for name in chosen}
    for query in queries[:5] + queries:  # in turn, so that what else the machine does slows all of them
        for name, within in chosen.items():
            begun, spent = time.perf_counter(), time.thread_time()
            search(index, query, 8, within=within)
            clock[name].append(1000 * (time.perf_counter() - begun))
            processor[name].append(1000 * (time.thread_time() - spent))
    for name, within in chosen.items():
        of_all = float(np.median(processor[name][5:])) / float(np.median(processor["all"][5:]))
        found[name] = {
            f"{kind}p{share}_ms": round(float(np.percentile(spent[5:], share)), 1)
            for kind, spent in (("", clock[name]), ("cpu_", processor[name])) for share in (50, 95)
        } | {"passages": count if within is None else len(within.numbers), "ratio": round(of_all, 2)}  # fmt: skip
    found["memory_mb"] = {**memory(), "bare": bare}
    for name, within in chosen.items():
        right, numbers = 0, np.arange(count) if within is None else within.numbers
        vectors = np.stack([query.vector for query in queries[:30]], axis=1)
        exact = np.concatenate([
            index.dense.rows[numbers[at : at + 65536]] @ vectors for at in range(0, len(numbers), 65536)
        ])  # fmt: skip
        for query, similarities in zip(queries[:30], exact.T, strict=True):
            best = numbers[np.argsort(-similarities, kind="stable")[:10]]
            near = index.dense.search(query.vector, 10, None if within is None else numbers)[0]
            right += len(set(near) & set(best))
        found[name]["recall_at_10"] = round(right / (min(10, len(numbers)) * len(exact.T)), 4)
    return found


def measured(folder: Path, passages: int, questions: int, changed: int) -> dict[str, Any]:
    """All figures of one size."""
    corpus, root = folder / "corpus", folder / "index"
    write_corpus(corpus, passages)
    result = {"passages": passages, "build": _apart("built", corpus, root)}
    result["disk_mb"] = round(sum(file.stat().st_size for file in root.rglob("*") if file.is_file()) / 1e6)
    result["ask"] = _apart("asked", root, questions)
    change = min(changed, passages // 10)
    write_corpus(corpus, passages, change)
    result["rebuild"] = _apart("built", corpus, root)
    return result


def renumbered(text: bytes, by: int) -> bytes:
    """A text whose headings count from elsewhere, as long as it was."""
    return NUMBER.sub(lambda found: b"number %07d" % (int(found[1]) + by), text)


def grown(small: Path, root: Path, copies: int, corpus: Path) -> dict[str, Any]:
    """Write an index that holds another one many times, with other words and vectors, and its corpus.

    `corpus` holds the files of the small index in `one`; the others are written beside it, in `all`.
    """
    from dataclasses import replace

    from partnership_qa.index import open_index
    from partnership_qa.index.assembling import files_of
    from partnership_qa.index.build import _manifest
    from partnership_qa.index.counting import Counts
    from partnership_qa.index.cutting import Cut, Stretch, stamp
    from partnership_qa.index.generations import commit, write_lock

    begun, spent = time.perf_counter(), time.process_time()
    index, encoder, chance = open_index(small), NoiseEncoder(), np.random.default_rng(3)
    entries, count = index.generation.manifest.sources, len(index.passages)
    part = replace(index.passages.part(0, len(entries)), origin=-1)
    cuts, stretches = [], []
    for copy in range(copies):
        for entry in entries:
            name = f"copy-{copy:04}/{entry.name}"
            file = renumbered((corpus / "one" / entry.name).read_bytes(), copy * count)
            path = corpus / "all" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file)
            text = renumbered(bytes(index.sources.view(entry.name)), copy * count)
            cuts.append(Cut(replace(entry, name=name, sha256=hashlib.sha256(file).hexdigest()), text))
        keys = np.frombuffer(
            b"".join(hashlib.sha256(b"%d " % copy + key.tobytes()).digest() for key in part.keys), "u1"
        )
        size = sum(entry.size for entry in entries)
        stretches.append(Stretch(replace(part, keys=keys.reshape(part.keys.shape)), size, ()))
    blocks = []
    for _ in range(copies):
        block = index.dense.rows + NOISE / DIMENSION**0.5 * chance.standard_normal((count, DIMENSION), np.float32)
        blocks.append(block / np.linalg.norm(block, axis=1, keepdims=True))
    # The words that few passages hold change places with one another, so that copies are found by other words.
    old = index.lexical.counts
    held = np.diff(old.indptr)
    rare = np.flatnonzero((held > 0) & (held < count // 100))
    moved = [np.arange(len(held)) for _ in range(copies)]
    for copy in range(copies):
        moved[copy][rare] = np.roll(rare, 37 * copy)
    total = np.sum([np.bincount(to, held, len(held)) for to in moved], axis=0).astype(np.int64)
    indptr = np.concatenate([[0], np.cumsum(total)])
    indices, times = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.uint16)
    free = indptr[:-1].copy()
    within = np.arange(len(old.indices)) - np.repeat(old.indptr[:-1], held)
    for copy in range(copies):
        places = np.repeat(free[moved[copy]], held) + within
        indices[places], times[places] = old.indices + copy * count, old.counts
        free[moved[copy]] += held
    counts = Counts(old.words, indptr, indices, times, np.tile(old.lengths, copies))
    made = time.process_time() - spent
    files = files_of(cuts, stretches, blocks, lambda: counts, DIMENSION)
    computed, computed_cpu = time.perf_counter() - begun, time.process_time() - spent - made
    manifest = _manifest(cuts, [], encoder, files)  # type: ignore[arg-type]
    writing = time.perf_counter()
    with write_lock(root):
        commit(root, manifest, files, "", stamp())
    return {
        "passages": count * copies, "s": round(computed, 1), "cpu_s": round(computed_cpu, 1),
        "write_s": round(time.perf_counter() - writing, 1), "peak_mb": memory()["peak"],
    }  # fmt: skip


def _apart(name: str, *values: object) -> dict[str, Any]:
    command = [sys.executable, __file__, "--step", name, *map(str, values)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def main() -> None:
    """Measure and print a line of JSON a size."""
    if sys.argv[1:2] == ["--step"]:
        if sys.argv[2] == "built":
            print(json.dumps(built(Path(sys.argv[3]), Path(sys.argv[4]))))
        elif sys.argv[2] == "grown":
            print(json.dumps(grown(Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]), Path(sys.argv[6]))))
        else:
            print(json.dumps(asked(Path(sys.argv[3]), int(sys.argv[4]))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--changed", type=int, default=1000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--grown", type=int)
    given = parser.parse_args()
    for passages in given.passages if not given.grown else ():
        folder = given.keep / str(passages) if given.keep else Path(tempfile.mkdtemp(prefix="scale-"))
        try:
            print(json.dumps(measured(folder, passages, given.questions, given.changed)), flush=True)
        finally:
            if not given.keep:
                shutil.rmtree(folder, ignore_errors=True)
    if given.grown:
        folder = given.keep or Path(tempfile.mkdtemp(prefix="scale-"))
        try:
            print(json.dumps(measured_grown(folder, given)), flush=True)
        finally:
            if not given.keep:
                shutil.rmtree(folder, ignore_errors=True)


def measured_grown(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """All figures of an index that holds a small one many times; what a kept folder holds is not made again."""
    corpus, root = folder / "corpus", folder / "index"
    result: dict[str, Any] = {}
    if not root.exists():
        write_corpus(corpus / "one", given.passages[0])
        _apart("built", corpus / "one", folder / "small")
        result["grown"] = _apart("grown", folder / "small", root, given.grown, corpus)
    result["disk_mb"] = round(sum(file.stat().st_size for file in root.rglob("*") if file.is_file()) / 1e6)
    result["ask"] = _apart("asked", root, given.questions)
    files = sorted((corpus / "all").rglob("*.md"))
    for file in files[:: max(1, len(files) * PASSAGES_A_FILE // given.changed)][: given.changed // PASSAGES_A_FILE]:
        file.write_text(file.read_text("utf-8").replace(". ", f", as of {time.time_ns()}. "), "utf-8")
    result["rebuild"] = _apart("built", corpus / "all", root)
    return result


if __name__ == "__main__":
    main()
