"""An index of ours beside LanceDB, txtai (faiss and SQLite) and Milvus Lite, on the same vectors and texts.

    pip install lancedb txtai milvus-lite pymilvus
    python benchmarks/beside_stores.py [--passages 1000 10000 100000] [--questions 100]
        [--only ours lancedb txtai milvus] [--index FOLDER] [--seconds 3600]

The corpus and its vectors are those of `scale.py`; `--index` takes one size more from an index that is there, such as
the one that `scale.py --grown` keeps. Our index is built from the files, reading and cutting included;
the others are given its texts and vectors, with the settings that they have by default (LanceDB is told to make an
index, which it does not by itself, and to compare ten times as many exactly). Each is written, opened and asked in a
process of its own: the ten nearest passages with their texts, by vector alone, and for ours also by vector and words
together as a question is asked. Opening includes the import of the library.

Prints a line of JSON a store and size, and at the end all of them as a table: seconds to build (of ours without
reading, cutting and embedding, and with them), MB on the disk, seconds to open until the first question is answered,
milliseconds of a search (median and 95th percentile), recall@10 against a comparison with every vector, and MiB of
memory of the process, its own and of mapped files, less what it held before the store was imported. What ends in
`cpu` is the processor's time of all threads, children included, which a busy machine changes less than the clock. A
store that takes longer than `--seconds` to build is left out. Licences: LanceDB, txtai, Milvus Lite and pymilvus
Apache-2.0.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scale import DIMENSION, NOISE, NoiseEncoder, memory, write_corpus

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnership_qa.index import Index

STORES = ("ours", "lancedb", "txtai", "milvus")
FOUND = 10


def _cpu() -> float:
    """Seconds of the processor that this process and its children have taken."""
    return sum(os.times()[:4])


def _since(begun: tuple[float, float], name: str) -> dict[str, float]:
    """Seconds since then, by the clock and of the processor."""
    return {
        f"{name}_s": round(time.perf_counter() - begun[0], 2), f"{name}_cpu": round(_cpu() - begun[1], 2),
    }  # fmt: skip


def prepared(folder: Path, passages: int) -> dict[str, Any]:
    """Build our index, and leave its texts and vectors for the others."""
    from partnership_qa.index import build, open_index

    write_corpus(folder / "corpus", passages)
    reached: dict[str, tuple[float, float]] = {}

    def told(stage: str, done: int, total: int) -> None:
        del done, total
        reached.setdefault(stage, (time.perf_counter(), _cpu()))

    begun = time.perf_counter(), _cpu()
    build(folder / "corpus", folder / "ours", NoiseEncoder(), told)  # type: ignore[arg-type]
    figures = _since(begun, "whole") | _since(reached["lexical"], "build")
    _leave(folder, open_index(folder / "ours"))
    return figures


def taken(folder: Path, root: Path) -> dict[str, Any]:
    """Leave the texts and vectors of an index that is there; ours is not built again."""
    from partnership_qa.index import open_index

    index = open_index(root)
    (folder / "ours").symlink_to(root.resolve())
    _leave(folder, index)
    size = sum(file.size for file in index.generation.manifest.files.values())
    return {"passages": len(index.passages), "disk_mb": round(size / 1e6, 1)}


def _leave(folder: Path, index: Index) -> None:
    np.save(folder / "vectors.npy", index.dense.rows)
    with (folder / "texts.json").open("w", encoding="utf-8") as stream:
        json.dump([passage.text for passage in index.passages], stream)


def _given(folder: Path) -> tuple[np.ndarray, list[str]]:
    return np.load(folder / "vectors.npy"), json.loads((folder / "texts.json").read_text("utf-8"))


def build_lancedb(folder: Path) -> None:
    """Write a table with an index of its vectors."""
    import lancedb
    import pyarrow as pa

    vectors, texts = _given(folder)
    rows = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), DIMENSION)
    data = pa.table({"number": np.arange(len(texts)), "text": texts, "vector": rows})
    lancedb.connect(folder / "lancedb").create_table("passages", data).create_index(metric="cosine")


def open_lancedb(folder: Path) -> Callable[[np.ndarray], list[int]]:
    """A search of the table."""
    import lancedb

    table = lancedb.connect(folder / "lancedb").open_table("passages")

    def search(vector: np.ndarray) -> list[int]:
        found = (
            table.search(vector)
            .distance_type("cosine")
            .refine_factor(10)
            .select(["number", "text"])
            .limit(FOUND)
            .to_arrow()
        )
        return [int(number) for number in found["number"].to_pylist()]

    return search


class _Looked:
    """Stands for a model in txtai: the vector of a passage by its text, of a question as it is handed over."""

    def __init__(self) -> None:
        self.known: dict[str, np.ndarray] = {}
        self.asked = np.zeros(DIMENSION, np.float32)

    def __call__(self, texts: list[str]) -> np.ndarray:
        return np.stack([self.known.get(text, self.asked) for text in texts])


def _function(looked: _Looked) -> Callable[[list[str]], np.ndarray]:
    """The same as a function, which txtai asks for."""

    def function(texts: list[str]) -> np.ndarray:
        return looked(texts)

    return function


def _txtai(looked: _Looked) -> Any:
    from txtai import Embeddings

    return Embeddings(method="external", transform=_function(looked), backend="faiss", content=True)


def build_txtai(folder: Path) -> None:
    """Write a database with content."""
    vectors, texts = _given(folder)
    looked = _Looked()
    looked.known = dict(zip(texts, vectors, strict=True))
    store = _txtai(looked)
    store.index((number, text, None) for number, text in enumerate(texts))
    store.save(str(folder / "txtai"))


def open_txtai(folder: Path) -> Callable[[np.ndarray], list[int]]:
    """A search of the database."""
    looked = _Looked()
    store = _txtai(looked)
    store.load(str(folder / "txtai"), config={"transform": _function(looked)})

    def search(vector: np.ndarray) -> list[int]:
        looked.asked = vector
        return [int(found["id"]) for found in store.search("asked", FOUND)]

    return search


def build_milvus(folder: Path) -> None:
    """Write a collection."""
    from pymilvus import DataType, MilvusClient

    vectors, texts = _given(folder)
    (folder / "milvus").mkdir()
    client = MilvusClient(str(folder / "milvus" / "passages.db"))
    schema = client.create_schema()
    schema.add_field("number", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=65535)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIMENSION)
    indexes = client.prepare_index_params()
    indexes.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
    client.create_collection("passages", schema=schema, index_params=indexes)
    for at in range(0, len(texts), 1000):
        rows = zip(texts[at : at + 1000], vectors[at : at + 1000], strict=True)
        client.insert(
            "passages", [{"number": at + n, "text": text, "vector": row} for n, (text, row) in enumerate(rows)]
        )
    client.flush("passages")
    client.close()


def open_milvus(folder: Path) -> Callable[[np.ndarray], list[int]]:
    """A search of the collection."""
    from pymilvus import MilvusClient

    client = MilvusClient(str(folder / "milvus" / "passages.db"))
    client.load_collection("passages")

    def search(vector: np.ndarray) -> list[int]:
        found = client.search("passages", [vector.tolist()], limit=FOUND, output_fields=["text"])
        return [int(hit["number"]) for hit in found[0]]

    return search


def open_ours(folder: Path) -> Callable[[np.ndarray], list[int]]:
    """A search of our index by vector."""
    from partnership_qa.index import open_index

    index = open_index((folder / "ours").resolve())

    def search(vector: np.ndarray) -> list[int]:
        found = index.dense.search(vector, FOUND)[0].tolist()
        return [number for number in found if index.passages[number].text]

    return search


def timed(search: Callable[[Any], Any], asked: list[Any]) -> tuple[dict[str, float], list[Any]]:
    """Milliseconds of a search, by the clock and of the processor, and what was found."""
    for one in asked[:5]:
        search(one)
    clock, spent, found = [], [], []
    for one in asked:
        begun, before = time.perf_counter(), time.process_time()
        found.append(search(one))
        clock.append(1000 * (time.perf_counter() - begun))
        spent.append(1000 * (time.process_time() - before))
    figures = {f"p{share}_ms": round(float(np.percentile(clock, share)), 2) for share in (50, 95)}
    return figures | {"p50_cpu": round(float(np.percentile(spent, 50)), 2)}, found


def asked(folder: Path, name: str, questions: int) -> dict[str, Any]:
    """What opening and searching took."""
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    chance = np.random.default_rng(11)
    queries = vectors[np.sort(chance.integers(0, len(vectors), questions))]
    queries = queries + NOISE / DIMENSION**0.5 * chance.standard_normal(queries.shape, np.float32)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    bare = memory()
    begun = time.perf_counter(), _cpu()
    search = OPENERS[name](folder)
    search(queries[0])
    result: dict[str, Any] = _since(begun, "open")
    spent, found = timed(search, list(queries))
    held = memory()
    result |= spent | {f"{kind}_mb": held[kind] - bare[kind] for kind in ("own", "mapped")}
    if name == "ours":
        from partnership_qa.index import open_index
        from partnership_qa.retrieval import Query
        from partnership_qa.retrieval import search as together

        index = open_index((folder / "ours").resolve())
        texts = [" ".join(index.passages[numbers[0]].text.split()[3:9]) for numbers in found]
        both = [Query(text, vector) for text, vector in zip(texts, queries, strict=True)]
        result["with_words"] = timed(lambda query: together(index, query, 8), both)[0]
    right = 0
    for query, numbers in zip(queries, found, strict=True):
        best = np.concatenate([vectors[at : at + 65536] @ query for at in range(0, len(vectors), 65536)])
        right += len(set(np.argsort(-best, kind="stable")[:FOUND].tolist()) & set(numbers))
    return result | {"recall_at_10": round(right / (FOUND * questions), 4)}


OPENERS = {"ours": open_ours, "lancedb": open_lancedb, "txtai": open_txtai, "milvus": open_milvus}
BUILDERS = {"lancedb": build_lancedb, "txtai": build_txtai, "milvus": build_milvus}


def _apart(*values: object, seconds: float | None = None) -> dict[str, Any]:
    """What a step in a process of its own printed last; `failed` says why there is nothing."""
    command = [sys.executable, __file__, "--step", *map(str, values)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        return {"failed": f"it took longer than {seconds:.0f} s"}
    if done.returncode:
        return {"failed": " ".join(done.stderr.strip().splitlines()[-1:]) or f"it ended with {done.returncode}"}
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def _step(name: str, folder: Path, *rest: str) -> dict[str, Any]:
    if name == "prepare":
        return prepared(folder, int(rest[0]))
    if name == "take":
        return taken(folder, Path(rest[0]))
    if name == "ask":
        return asked(folder, rest[0], int(rest[1]))
    begun = time.perf_counter(), _cpu()
    BUILDERS[name](folder)
    return _since(begun, "build")


def measured(passages: int | Path, given: argparse.Namespace) -> list[dict[str, Any]]:
    """The figures of all stores at one size, or over the texts and vectors of an index."""
    folder, lines = Path(tempfile.mkdtemp(prefix="stores-", dir=given.folder)), []
    try:
        ours = _apart("take" if isinstance(passages, Path) else "prepare", folder, passages)
        if "failed" in ours:
            sys.exit(ours["failed"])
        for name in given.only:
            built = ours if name == "ours" else _apart(name, folder, seconds=given.seconds)
            files = [file for file in (folder / name).rglob("*") if file.is_file()]
            line = {"store": name, "passages": passages if isinstance(passages, int) else ours["passages"]} | built
            if "failed" not in built:
                line = {"disk_mb": round(sum(file.stat().st_size for file in files) / 1e6, 1)} | line
                line |= _apart("ask", folder, name, given.questions)
            print(json.dumps(line), flush=True)
            lines.append(line)
            if name != "ours":
                shutil.rmtree(folder / name, ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return lines


COLUMNS = {
    "passages": ("passages",), "store": ("store",), "build, s: clock / processor": ("build_s", "build_cpu"),
    "open, s: clock / processor": ("open_s", "open_cpu"), "p50 / p95, ms": ("p50_ms", "p95_ms"),
    "processor's p50, ms": ("p50_cpu",), "recall@10": ("recall_at_10",), "disk, MB": ("disk_mb",),
    "own / mapped memory, MiB": ("own_mb", "mapped_mb"),
}  # fmt: skip


def table(lines: list[dict[str, Any]]) -> str:
    """All figures in Markdown."""
    rows = [list(COLUMNS), ["---"] * len(COLUMNS)]
    for line in lines:
        cells = [" / ".join(f"{line[key]:,}" if isinstance(line[key], (int, float)) else line[key] for key in keys
                            if key in line) for keys in COLUMNS.values()]  # fmt: skip
        rows.append([cell or line.get("failed", "") for cell in cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Measure and print."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    if sys.argv[1:2] == ["--step"]:
        print(json.dumps(_step(sys.argv[2], Path(sys.argv[3]), *sys.argv[4:])))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--only", nargs="+", choices=STORES, default=STORES)
    parser.add_argument("--index", type=Path, help="an index whose texts and vectors are one size more")
    parser.add_argument("--seconds", type=float, default=3600.0, help="that a store may take to build")
    parser.add_argument("--folder", type=Path, help="where the stores are written, and removed again")
    given = parser.parse_args()
    sizes = [*given.passages, *([given.index] if given.index else [])]
    print(table([line for size in sizes for line in measured(size, given)]))


if __name__ == "__main__":
    main()
