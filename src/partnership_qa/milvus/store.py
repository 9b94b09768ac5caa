"""One generation of an index in Milvus, as `retrieval` and `QA` ask it: see `index.seam`."""

from __future__ import annotations

import bisect
import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ..document import Place, line_starts
from ..errors import IndexCorruptError, IndexMismatchError, IndexNotFoundError
from ..index.dense import ranked
from ..index.generations import Generation
from ..index.manifest import FORMAT, Manifest
from ..index.store import Source
from ..text import terms
from .rows import MOST_ROWS, PLACES, Rows, address_of, among, load_passage, number_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..chunking import Passage
    from ..embedding import Vectors

KEPT_ROWS = 4096
KEPT_SOURCES = 64
CURRENT = 0  # number of the row that names the current generation


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows of `state` say of one generation.

    Attributes:
        number: of the generation.
        manifest: as a local index has it, without files.
        corpus: folder that it was built from.
        sources: of each source of the manifest the number that its rows begin with.
        texts: of each source the SHA-256 of its text.
        average: mean number of words of a passage when the weights of words were made.

    """

    number: int
    manifest: Manifest
    corpus: str
    sources: tuple[int, ...]
    texts: tuple[str, ...]
    average: float

    def to_json(self) -> str:
        """Canonical JSON."""
        values = [self.manifest.to_bytes().decode(), self.corpus, self.sources, self.texts, self.average]
        return json.dumps(values, ensure_ascii=False)


def current(rows: Rows) -> int:
    """Number of the current generation; 0 where there is none."""
    if not rows.exist():
        return 0
    found = rows.get("state", f"id == {CURRENT}", ["generation"])
    return int(found[0]["generation"]) if found else 0


def facts_of(rows: Rows, number: int) -> Facts:
    """What is known of a generation.

    Raises:
        IndexCorruptError: it is not whole.
        IndexMismatchError: it was written in another format.

    """
    place = Path(str(rows.address))
    found = sorted(
        rows.get("state", f"generation == {number} and id != {CURRENT}", ["piece", "text"]),
        key=lambda row: row["piece"],
    )
    try:
        manifest, corpus, sources, texts, average = json.loads("".join(row["text"] for row in found))
        if json.loads(manifest).get("format") != FORMAT:
            raise IndexMismatchError(place, "it was written by another version of this program: build it again")
        known = Manifest.from_bytes(manifest.encode("utf-8"))
        return Facts(number, known, corpus, tuple(sources), tuple(texts), float(average))
    except (ValueError, AttributeError, TypeError) as error:
        raise IndexCorruptError(place, f"generation {number} is not whole ({error})") from None


class MilvusStore:
    """An index that stands in Milvus; what is asked for is fetched, and the last of it kept. Safe to share."""

    def __init__(self, rows: Rows, facts: Facts) -> None:
        """Take one generation."""
        self.root = Path(str(rows.address))
        self.generation = Generation(_name(facts.number), facts.manifest, facts.corpus)
        view = _View(rows, facts)
        self.passages: Sequence[Passage] = _Passages(view)
        self.sources: Mapping[str, Source] = _Sources(view)
        self.dense, self.lexical = _Dense(view), _Lexical(view)


def open_milvus(address: str) -> MilvusStore:
    """The current generation of an index in Milvus.

    Args:
        address: `milvus:FILE.db` or `milvus:http://HOST:19530`, with `#NAME` where there are several.

    Raises:
        IndexNotFoundError: nothing was built there.
        IndexCorruptError, IndexMismatchError: it cannot be used.
        CorpusIndexError: no Milvus answers there.

    """
    rows = Rows(address_of(address))
    number = current(rows)
    if not number:
        raise IndexNotFoundError(Path(str(rows.address)))
    return MilvusStore(rows, facts_of(rows, number))


def current_generation(address: str) -> str:
    """Name of the current generation of an index in Milvus; errors as in `open_milvus`, where there is none."""
    rows = Rows(address_of(address))
    number = current(rows)
    if not number:
        raise IndexNotFoundError(Path(str(rows.address)))
    return _name(number)


def _name(number: int) -> str:
    return f"generation {number}"


class _View:
    """The rows of one generation, by the numbers of their passages."""

    def __init__(self, rows: Rows, facts: Facts) -> None:
        self.rows, self.facts, self.where = rows, facts, visible(facts.number)
        self._ends = list(accumulate(entry.passages for entry in facts.manifest.sources))
        self._begins = {
            source: end - entry.passages
            for source, end, entry in zip(facts.sources, self._ends, facts.manifest.sources, strict=True)
        }
        self._waiting: dict[int, dict[str, Any]] = {}  # fetched, and not asked for one by one yet
        self.row = lru_cache(KEPT_ROWS)(self._row)
        self.word = lru_cache(KEPT_ROWS)(self._word)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def id_of(self, number: int) -> int:
        """Number of a passage's row."""
        at = bisect.bisect_right(self._ends, number)
        return self.facts.sources[at] * PLACES + number - (self._ends[at - 1] if at else 0)

    def number_of(self, row: int) -> int:
        """Number of a row's passage."""
        source, place = divmod(row, PLACES)
        return self._begins[source] + place

    def fetched(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """The rows of passages, in this order."""
        if len(numbers) > 1:
            self._fill(numbers)
        return [self.row(int(number)) for number in numbers]

    def _fill(self, numbers: Sequence[int]) -> None:
        """Fetch several rows at once for `row` to find."""
        ids = [self.id_of(int(number)) for number in numbers]
        found: dict[int, dict[str, Any]] = {}
        for at in range(0, len(ids), MOST_ROWS // 16):
            for row in self.rows.get("passages", among("id", ids[at : at + MOST_ROWS // 16]), _FIELDS):
                found[int(row["id"])] = row
        self._waiting = found
        for number in numbers:
            self.row(int(number))
        self._waiting = {}

    def _row(self, number: int) -> dict[str, Any]:
        row = self.id_of(number)
        found = self._waiting.get(row) or next(iter(self.rows.get("passages", f"id == {row}", _FIELDS)), None)
        if found is None:
            raise IndexCorruptError(
                Path(str(self.rows.address)), f"generation {self.facts.number} has been replaced: open it again"
            )
        return found

    def among(self, numbers: NDArray[np.int64] | None) -> str:
        """The condition of this generation, and of the sources that passages of whole documents stand in."""
        if numbers is None:
            return self.where
        places = sorted({bisect.bisect_right(self._ends, int(number)) for number in numbers})
        return f"{self.where} and {among('source', [self.facts.sources[at] for at in places])}"

    def _word(self, term: str) -> tuple[int, int]:
        """Place of a word in the sparse vectors, and how many passages hold it; (0, 0) where none does."""
        found = self.rows.get("words", f"word == {number_of(term)} and {self.where}", ["place", "held"])
        return (int(found[0]["place"]), int(found[0]["held"])) if found else (0, 0)


_FIELDS = ("id", "passage", "units", "vector", "words")


class _Dense:
    def __init__(self, view: _View) -> None:
        self._view = view

    def __len__(self) -> int:
        return len(self._view)

    def search(
        self, vector: Vectors, k: int, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """See `index.seam.DenseSearch`."""
        limit = min(k, len(self) if among is None else len(among))
        found = self._view.rows.search("vector", vector.tolist(), limit, self._view.among(among)) if limit else []
        numbers = np.array([self._view.number_of(row) for row, _ in found], dtype=np.int64)
        # What Milvus sums differs in the last digits from what numpy does.
        similarities = self.vectors(numbers) @ vector
        order = ranked(similarities, numbers)
        return numbers[order], similarities[order]

    def vectors(self, numbers: NDArray[np.int64]) -> Vectors:
        """See `index.seam.DenseSearch`."""
        dimension = self._view.facts.manifest.dimension
        rows = self._view.fetched([int(number) for number in numbers])
        return np.array([row["vector"] for row in rows], dtype=np.float32).reshape(len(rows), dimension)


class _Lexical:
    """BM25 whose weights stand in Milvus but for a word's rarity, which is counted into the question."""

    def __init__(self, view: _View) -> None:
        self._view = view

    def best(self, query: str, k: int, among: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """See `index.seam.LexicalSearch`."""
        asked = self._asked(query)
        if not asked or k < 1 or (among is not None and not len(among)):
            return np.zeros(0, dtype=np.int64)
        times = Counter(place for place, _ in asked)
        weights = {place: rarity * times[place] for place, rarity in asked}
        found = self._view.rows.search("words", weights, min(k, MOST_ROWS), self._view.among(among))
        numbers = np.array([self._view.number_of(row) for row, score in found if score > 0], dtype=np.int64)
        return numbers[np.lexsort((numbers, -self.scores(query, numbers)))]

    def scores(self, query: str, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """See `index.seam.LexicalSearch`."""
        asked = self._asked(query)
        rows = self._view.fetched([int(number) for number in numbers])
        scores = np.zeros(len(rows), dtype=np.float32)
        for at, row in enumerate(rows):
            for place, rarity in asked:
                scores[at] += np.float32(rarity * row["words"].get(place, 0.0))
        return scores

    def holds(self, term: str, among: NDArray[np.int64] | None = None) -> bool:
        """See `index.seam.LexicalSearch`."""
        place, held = self._view.word(term)
        if not held or among is None:
            return held > 0
        return bool(len(among)) and bool(self._view.rows.search("words", {place: 1.0}, 1, self._view.among(among)))

    def passages_with(self, term: str) -> NDArray[np.int64]:
        """See `index.seam.LexicalSearch`; at most 16,384 of them."""
        place, held = self._view.word(term)
        found = self._view.rows.search("words", {place: 1.0}, MOST_ROWS, self._view.where) if held else []
        return np.array(sorted(self._view.number_of(row) for row, _ in found), dtype=np.int64)

    def _asked(self, query: str) -> list[tuple[int, float]]:
        """Places of a query's words, in its order, with their inverse document frequencies (Lucene's)."""
        count, asked = len(self._view), []
        for term in terms(query):
            place, held = self._view.word(term)
            if held:
                asked.append((place, math.log(1 + (count - held + 0.5) / (held + 0.5))))
        return asked


class _Passages(Sequence["Passage"]):
    def __init__(self, view: _View) -> None:
        self._view = view
        self._loaded = lru_cache(KEPT_ROWS)(lambda number: load_passage(view.row(number)))

    def __len__(self) -> int:
        return len(self._view)

    @overload
    def __getitem__(self, number: int) -> Passage: ...

    @overload
    def __getitem__(self, number: slice) -> tuple[Passage, ...]: ...

    def __getitem__(self, number: int | slice) -> Passage | tuple[Passage, ...]:
        if isinstance(number, slice):
            numbers = range(len(self))[number]
            self._view.fetched(numbers)
            return tuple(self._loaded(one) for one in numbers)
        return self._loaded(range(len(self))[number])

    def __iter__(self) -> Iterator[Passage]:
        step = KEPT_ROWS // 4
        for at in range(0, len(self), step):
            yield from self[at : at + step]


class _Sources(Mapping[str, Source]):
    """Sources by name; a text is fetched when it is asked for, and compared with its hash."""

    def __init__(self, view: _View) -> None:
        self._view = view
        self._places = {entry.name: at for at, entry in enumerate(view.facts.manifest.sources)}
        self._loaded = lru_cache(KEPT_SOURCES)(self._load)

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __getitem__(self, name: str) -> Source:
        return self._loaded(self._places[name])

    def _load(self, at: int) -> Source:
        facts = self._view.facts
        entry = facts.manifest.sources[at]
        found = list(self._view.rows.all("texts", f"source == {facts.sources[at]}", ["piece", "text"]))
        text, places, boxes = _joined(found)
        if hashlib.sha256(text.encode("utf-8")).hexdigest() != facts.texts[at]:
            raise IndexCorruptError(
                self._view.rows.address.file or Path(facts.corpus), f"the text of {entry.name} differs"
            )
        labels = tuple(Place(int(start), str(label)) for start, label in places)
        lines = line_starts(text)
        return Source(entry.name, text, entry.sha256, lines, entry.pages, labels, boxes, entry.note, entry.original)


def _joined(found: list[dict[str, Any]]) -> tuple[str, list[Any], bytes]:
    """Text, places and boxes of a source from its pieces: the text's first, then JSON of the other two from -1 down."""
    ordered = sorted(found, key=lambda row: row["piece"])
    text = "".join(row["text"] for row in ordered if row["piece"] >= 0)
    rest = "".join(row["text"] for row in reversed(ordered) if row["piece"] < 0)
    places, boxes = json.loads(rest) if rest else ([], "")
    return text, places, bytes.fromhex(boxes)
