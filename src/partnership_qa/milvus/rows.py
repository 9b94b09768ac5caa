"""What stands in Milvus: four collections, and the way of a passage into a row and back; the only user of pymilvus.

A generation is a number N. Every row that may change from one to the next says from which generation on it counts and
from which on no more: generation N consists of the rows with `gen_from <= N < gen_to`. One row names the current N, and
writing that row is the commit; Milvus knows no transactions over several rows. No alias is ever searched, and every
read is consistent with all writes before it ("Strong").

    NAME_passages   vector, BM25 weights as a sparse vector, text and structure of a passage
    NAME_words      how many passages hold a word, and the word's place in the sparse vectors
    NAME_texts      the texts of the sources, with places and boxes, in pieces
    NAME_state      the manifest of each generation, in pieces, and the number of the current one
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..chunking import Passage, Unit
from ..document import BlockKind
from ..errors import CorpusIndexError, OptionalDependencyError
from ..text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KINDS = ("passages", "words", "texts", "state")
FOREVER = 2**62
SCHEME = "milvus:"
# A passage's row is numbered by its source, a number below 2**38, and by its place among the passages of that.
PLACES = 2**24
# A field of text takes 65,535 bytes; a character takes up to six in JSON.
PIECE = 10_000
ROWS_AT_ONCE = 500
MOST_ROWS = 16_384
NO_WORD = 0  # place in a sparse vector that no word has: Milvus takes no empty ones
_ADDRESS = re.compile(r"milvus:(?P<uri>[^#]+)(?:#(?P<name>[A-Za-z_]\w{0,100}))?")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index stands: `milvus:FILE.db` (Milvus Lite) or `milvus:http://HOST:19530`, each with `#NAME` or not."""

    uri: str
    name: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.uri}#{self.name}"

    @property
    def file(self) -> Path | None:
        """The file of Milvus Lite; `None` for a server."""
        return None if "://" in self.uri else Path(self.uri)


def address_of(text: str) -> Address:
    """An address from what a user wrote.

    Raises:
        CorpusIndexError: it is none.

    """
    # A path takes one of two slashes away.
    match = _ADDRESS.fullmatch(re.sub(r"^(milvus:https?):/+", r"\1://", text))
    if match is None:
        raise CorpusIndexError(f"No address of Milvus: {text!r}. Give milvus:FILE.db or milvus:http://HOST:19530#NAME")
    return Address(match["uri"], match["name"] or "partnership_qa")


class Rows:
    """The four collections of one index."""

    def __init__(self, address: Address) -> None:
        """Reach Milvus.

        Raises:
            OptionalDependencyError: pymilvus is not installed.
            CorpusIndexError: no Milvus answers at that address.

        """
        try:
            import pymilvus
        except ImportError as error:
            raise OptionalDependencyError("pymilvus", "milvus", "An index in Milvus") from error
        self.address = address
        self.errors: tuple[type[Exception], ...] = (pymilvus.MilvusException, OSError, RuntimeError)
        try:
            if address.file is not None:
                address.file.parent.mkdir(parents=True, exist_ok=True)
            self._client: Any = pymilvus.MilvusClient(address.uri)
        except self.errors as error:
            if address.file is not None:
                what = f"{address.file} cannot be opened by Milvus Lite ({first_line(error)})"
                raise CorpusIndexError(f"{what}: one process at a time has it open.") from error
            raise CorpusIndexError(f"No Milvus answers at {address.uri} ({first_line(error)}): start it.") from error

    def exist(self) -> bool:
        """Whether something was ever built here."""
        if not self._client.has_collection(self._full("state")):
            return False
        for kind in KINDS:  # those of a server that was started again are not in its memory
            self._client.load_collection(self._full(kind))
        return True

    def make(self, dimension: int) -> None:
        """Make what is missing of the collections; the one that `exist` looks for last."""
        for kind in KINDS:
            if not self._client.has_collection(self._full(kind)):
                self._make(kind, dimension)
        self.exist()

    def _make(self, kind: str, dimension: int) -> None:
        from pymilvus import DataType, MilvusClient

        text, number = DataType.VARCHAR, DataType.INT64
        fields: dict[str, list[tuple[str, Any]]] = {
            "passages": [("source", number), ("digest", number), ("passage", text), ("units", text)],
            "words": [("word", number), ("place", number), ("held", number)],
            "texts": [("source", number), ("piece", number), ("text", text)],
            "state": [("generation", number), ("piece", number), ("text", text)],
        }
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", number, is_primary=True)
        for name, sort in [*fields[kind], ("gen_from", number), ("gen_to", number), ("build", number)]:
            schema.add_field(name, sort, **({"max_length": 65_535} if sort == text else {}))
        indexes = self._client.prepare_index_params()
        # Every collection must have a vector; those of the others mean nothing.
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension if kind == "passages" else 2)
        indexes.add_index("vector", index_type="FLAT", metric_type="IP")
        if kind == "passages":
            schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
            indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        full = self._full(kind)
        self._client.create_collection(full, schema=schema, index_params=indexes, consistency_level="Strong")

    def write(self, kind: str, rows: Sequence[dict[str, Any]]) -> None:
        """Add rows, or put them in the place of those of the same number."""
        for at in range(0, len(rows), ROWS_AT_ONCE):
            self._client.upsert(
                self._full(kind), [{"vector": [1.0, 0.0]} | row for row in rows[at : at + ROWS_AT_ONCE]]
            )

    def end(self, kind: str, numbers: Sequence[int], generation: int) -> None:
        """Let rows count no more from a generation on."""
        for at in range(0, len(numbers), ROWS_AT_ONCE):
            part = [{"id": number, "gen_to": generation} for number in numbers[at : at + ROWS_AT_ONCE]]
            self._client.upsert(self._full(kind), part, partial_update=True)

    def delete(self, kind: str, where: str) -> None:
        """Delete rows for good."""
        self._client.delete(self._full(kind), filter=where)

    def get(self, kind: str, where: str, fields: Sequence[str]) -> list[dict[str, Any]]:
        """Rows that a condition holds for, at most `MOST_ROWS`."""
        found = self._client.query(
            self._full(kind), filter=where, output_fields=list(fields), limit=MOST_ROWS, consistency_level="Strong"
        )
        return [dict(row) for row in found]

    def all(self, kind: str, where: str, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every row that a condition holds for, however many, in the order of their numbers."""
        last = -1
        while True:
            rows = sorted(self.get(kind, f"id > {last} and ({where})", ["id", *fields]), key=lambda row: row["id"])
            yield from rows
            if len(rows) < MOST_ROWS:
                return
            last = rows[-1]["id"]

    def search(self, field: str, query: Any, limit: int, where: str) -> list[tuple[int, float]]:
        """Numbers and inner products of the passages that are nearest to a vector."""
        found = self._client.search(
            self._full("passages"), data=[query], anns_field=field, limit=limit, filter=where, output_fields=["id"],
            search_params={"metric_type": "IP"}, consistency_level="Strong",
        )  # fmt: skip
        return [(int(hit["id"]), float(hit["distance"])) for hit in found[0]]

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _full(self, kind: str) -> str:
        return f"{self.address.name}_{kind}"


def visible(generation: int) -> str:
    """The condition that a row belongs to a generation."""
    return f"gen_from <= {generation} and gen_to > {generation}"


def among(field: str, numbers: Sequence[int]) -> str:
    """The condition that a field is one of these numbers."""
    return f"{field} in [{', '.join(str(int(number)) for number in numbers)}]"


def number_of(text: str) -> int:
    """A number below 2**62 that stands for a text (of its SHA-256)."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big") >> 2


def pieces(text: str) -> list[str]:
    """A text in parts that fit into a field, one at least."""
    return [text[at : at + PIECE] for at in range(0, max(1, len(text)), PIECE)]


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]


def dump_passage(passage: Passage) -> dict[str, str]:
    """The two fields of text of a passage's row."""
    facts = [passage.document, passage.start, passage.end, passage.text, passage.section, passage.line, passage.page]
    # Columns are those of a whole table: each set of them is written once.
    columns = list(dict.fromkeys(unit.columns for unit in passage.units))
    units = [
        [unit.kind.value, unit.start, unit.end, *unit.content, unit.group, unit.level, unit.cells,
         columns.index(unit.columns), int(unit.is_header)]
        for unit in passage.units
    ]  # fmt: skip
    fields = {"passage": _json(facts), "units": _json([columns, units])}
    if any(len(field.encode("utf-8")) > 65_535 for field in fields.values()):
        raise CorpusIndexError(f"A passage of {passage.document} (line {passage.line}) is too large for Milvus.")
    return fields


def load_passage(row: dict[str, Any]) -> Passage:
    """What `dump_passage` wrote."""
    document, start, end, text, section, line, page = json.loads(row["passage"])
    columns, dumped = json.loads(row["units"])
    units = tuple(
        Unit(
            BlockKind(kind), first, last, Span(inner, outer), group, level, tuple(Span(*cell) for cell in cells),
            tuple(columns[place]), bool(is_header),
        )
        for kind, first, last, inner, outer, group, level, cells, place, is_header in dumped
    )  # fmt: skip
    return Passage(document, start, end, text, tuple(section), line, units, page)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
