"""A corpus into Milvus: what is new is written beside what is there, and one row makes it the current generation.

A build that is stopped leaves rows that belong to no generation; the next one takes the vectors out of them and deletes
them. Weights of words depend on the mean length of a passage: as long as that has changed by less than `DRIFT`, rows
keep those that they were written with (a new index has exactly those of a local one).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import CorpusIndexError
from ..index.build import BuildReport, manifest_of, report_of
from ..index.cutting import Cut, cut_corpus
from ..index.generations import write_lock
from ..text import terms
from .rows import (
    FOREVER,
    NO_WORD,
    PLACES,
    ROWS_AT_ONCE,
    Rows,
    address_of,
    among,
    dump_passage,
    first_line,
    number_of,
    pieces,
    visible,
)
from .store import CURRENT, Facts, current, facts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..chunking import Passage
    from ..embedding import Encoder, Vectors

    Progress = Callable[[str, int, int], None]

DRIFT = 0.01
_K1, _B = 1.2, 0.75  # those of `index.lexical`


def build_milvus(corpus: Path, address: str, encoder: Encoder, progress: Progress | None = None) -> BuildReport:
    """Index a corpus in Milvus; the generation that was there answers until the new one is whole.

    Sources that have not changed keep their rows, and passages whose text is there are not embedded again. One build
    at a time: on this machine that is seen to, among several it is for whoever starts them.

    Args:
        corpus: folder or file.
        address: see `open_milvus`.
        encoder: what embeds the passages.
        progress: called with stage, done and total.

    Raises:
        CorpusNotFoundError, EmptyCorpusError: there is nothing to index.
        IndexBusyError: another build of this machine is at work.
        CorpusIndexError: Milvus fails, or does not answer.

    """
    place = address_of(address)
    rows = Rows(place)
    try:
        with write_lock(_lock_folder(str(place))):
            rows.make(encoder.dimension)
            return _Build(rows, encoder, progress or _silent).run(corpus)
    except rows.errors as error:
        if isinstance(error, CorpusIndexError):
            raise
        what = f"Milvus at {place.uri} failed ({first_line(error)}); what was there still answers."
        raise CorpusIndexError(f"{what} Build again to go on.") from error
    finally:
        rows.close()


def _lock_folder(address: str) -> Path:
    name = hashlib.sha256(address.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"partnership_qa-milvus-{name}"


@dataclass
class _Passage:
    """A passage on its way: its row's number, the hash of its text, and how often it has each word."""

    passage: Passage
    source: int
    place: int
    digest: int
    words: Counter[str]


class _Build:
    """One build; the generation that it makes is one more than the current one."""

    def __init__(self, rows: Rows, encoder: Encoder, tell: Progress) -> None:
        self.rows, self.encoder, self.tell = rows, encoder, tell
        self.before = current(rows)
        self.now = self.before + 1
        self.build = secrets.randbits(62)
        self.old = facts_of(rows, self.before) if self.before else None

    def run(self, corpus: Path) -> BuildReport:
        self._revive()
        file = self.rows.address.file
        cuts, skipped = cut_corpus(corpus, file or Path("milvus"), self.encoder, None, self.tell)
        counted = [[Counter(terms(passage.indexed_text)) for passage in cut.passages] for cut in cuts]
        lengths = [sum(words.values()) for one in counted for words in one]
        average = sum(lengths) / max(1, len(lengths)) or 1.0
        kept = self._kept(cuts, average)
        if self.old is not None and kept:
            average = self.old.average
        ids = [kept.get(cut.entry.name) or secrets.randbits(38) for cut in cuts]
        places = self._words([words for one in counted for words in one])
        fresh = [
            _Passage(passage, source, at, number_of(passage.indexed_text), words[at])
            for cut, source, words in zip(cuts, ids, counted, strict=True)
            if cut.entry.name not in kept
            for at, passage in enumerate(cut.passages)
        ]
        embedded = self._passages(fresh, places, average)
        for cut, source in zip(cuts, ids, strict=True):
            if cut.entry.name not in kept:
                self._texts(cut, source)
        self._end_of(set(kept.values()))
        manifest = manifest_of(cuts, skipped, self.encoder, {})
        texts = tuple(hashlib.sha256(cut.text).hexdigest() for cut in cuts)
        facts = Facts(self.now, manifest, str(corpus.resolve()), tuple(ids), texts, average)
        self._commit(facts)
        old = self.old.manifest if self.old else None
        return report_of(old, manifest, skipped, embedded, f"generation {self.now}", {})

    def _revive(self) -> None:
        """Let rows go on that a build which was stopped let end with the current generation."""
        for kind in ("passages", "words", "texts"):
            found = self.rows.all(kind, f"gen_to == {self.now}", [])
            self.rows.end(kind, [int(row["id"]) for row in found], FOREVER)

    def _kept(self, cuts: Sequence[Cut], average: float) -> dict[str, int]:
        """Of each source whose rows can stay the number that they begin with."""
        old = self.old
        if (
            old is None
            or abs(average / old.average - 1) > DRIFT
            or old.manifest.fingerprint != self.encoder.fingerprint
        ):
            return {}
        known = {
            (entry.name, entry.sha256, text): source
            for entry, text, source in zip(old.manifest.sources, old.texts, old.sources, strict=True)
        }
        return {
            cut.entry.name: known[key]
            for cut in cuts
            if (key := (cut.entry.name, cut.entry.sha256, hashlib.sha256(cut.text).hexdigest())) in known
            and self._same_passages(cut, known[key])
        }

    def _same_passages(self, cut: Cut, source: int) -> bool:
        """Whether a source was cut then as it is now: another version of this program may cut it otherwise."""
        found = self.rows.all("passages", f"source == {source} and {visible(self.before)}", ["digest", "units"])
        then = {int(row["id"]) % PLACES: (int(row["digest"]), row["units"]) for row in found}
        now = {at: (number_of(p.indexed_text), dump_passage(p)["units"]) for at, p in enumerate(cut.passages)}
        return then == now

    def _words(self, counted: Sequence[Counter[str]]) -> dict[str, int]:
        """Write how many passages hold each word, where that has changed; places of the words in the vectors."""
        held = Counter(word for words in counted for word in words)
        numbers = {number_of(word): word for word in held}
        places: dict[str, int] = {}
        ended, last = [], NO_WORD
        for row in self.rows.all("words", visible(self.before), ["word", "place", "held"]):
            last = max(last, int(row["place"]))
            word = numbers.get(int(row["word"]))
            if word is not None:
                places[word] = int(row["place"])
            if word is None or held[word] != int(row["held"]):
                ended.append(int(row["id"]))
            else:
                del numbers[int(row["word"])]
        new = []
        for number, word in sorted(numbers.items()):
            if word not in places:
                last += 1
                places[word] = last
            new.append({"word": number, "place": places[word], "held": held[word], **self._new_row()})
        self.rows.write("words", new)
        self.rows.end("words", ended, self.now)
        return places

    def _passages(self, fresh: Sequence[_Passage], places: dict[str, int], average: float) -> int:
        """Write passages with their vectors; how many had to be embedded."""
        embedded = 0
        step = getattr(self.encoder, "at_once", ROWS_AT_ONCE)
        self.tell("embedding", 0, len(fresh))
        for at in range(0, len(fresh), step):
            part = fresh[at : at + step]
            vectors, made = self._vectors(part)
            embedded += made
            self.rows.write(
                "passages",
                [
                    {
                        **self._new_row(), "id": one.source * PLACES + one.place, "source": one.source,
                        "digest": one.digest, "vector": vector.tolist(), "words": _weights(one.words, places, average),
                        **dump_passage(one.passage),
                    }
                    for one, vector in zip(part, vectors, strict=True)
                ],
            )  # fmt: skip
            self.tell("embedding", at + len(part), len(fresh))
        return embedded

    def _vectors(self, part: Sequence[_Passage]) -> tuple[Vectors, int]:
        """Vectors of passages, those that are somewhere in Milvus taken from there; and how many were made."""
        known: dict[tuple[int, str], list[float]] = {}
        digests = list({one.digest for one in part})
        if self.old is None or self.old.manifest.fingerprint == self.encoder.fingerprint:
            for at in range(0, len(digests), ROWS_AT_ONCE):
                where = among("digest", digests[at : at + ROWS_AT_ONCE])
                for row in self.rows.get("passages", where, ["digest", "passage", "vector"]):
                    known[int(row["digest"]), json.loads(row["passage"])[3]] = row["vector"]
        vectors = np.zeros((len(part), self.encoder.dimension), dtype=np.float32)
        missing: list[int] = []
        for number, one in enumerate(part):
            found = known.get((one.digest, one.passage.text))
            if found is None:
                missing.append(number)
            else:
                vectors[number] = found
        if missing:
            vectors[missing] = self.encoder.encode([part[number].passage.indexed_text for number in missing])
        return vectors, len(missing)

    def _texts(self, cut: Cut, source: int) -> None:
        """Write a source's text, and behind it, counted from -1 down, its places and boxes."""
        rest = json.dumps([cut.places, cut.boxes.hex()], ensure_ascii=False)
        parts = [
            *enumerate(pieces(bytes(cut.text).decode("utf-8"))),
            *((-1 - at, part) for at, part in enumerate(pieces(rest))),
        ]
        self.rows.write(
            "texts", [{**self._new_row(), "source": source, "piece": piece, "text": part} for piece, part in parts]
        )

    def _end_of(self, kept: set[int]) -> None:
        """Let the rows of sources that are gone or changed count no more."""
        gone = [source for source in (self.old.sources if self.old else ()) if source not in kept]
        for source in gone:
            for kind in ("passages", "texts"):
                found = self.rows.all(kind, f"source == {source} and gen_to == {FOREVER}", [])
                self.rows.end(kind, [int(row["id"]) for row in found], self.now)

    def _commit(self, facts: Facts) -> None:
        self.tell("writing", 0, 1)
        self.rows.delete("state", f"generation >= {self.now} and id != {CURRENT}")
        self.rows.write(
            "state",
            [
                {**self._new_row(), "generation": self.now, "piece": piece, "text": part}
                for piece, part in enumerate(pieces(facts.to_json()))
            ],
        )
        for kind in ("passages", "words", "texts"):  # of builds that were stopped
            self.rows.delete(kind, f"gen_from >= {self.now} and build != {self.build}")
        self.rows.write("state", [{**self._new_row(), "id": CURRENT, "generation": self.now, "piece": 0, "text": ""}])
        # The generation before is left to those who are reading it.
        for kind in ("passages", "words", "texts"):
            self.rows.delete(kind, f"gen_to <= {self.before}")
        self.rows.delete("state", f"generation < {self.before} and id != {CURRENT}")
        self.tell("done", 1, 1)

    def _new_row(self) -> dict[str, Any]:
        number = secrets.randbits(62) or 1
        return {"id": number, "gen_from": self.now, "gen_to": FOREVER, "build": self.build}


def _weights(words: Counter[str], places: dict[str, int], average: float) -> dict[int, float]:
    """What each word of a passage adds to its score, but for the word's rarity (Lucene's BM25, as `index.lexical`)."""
    length = sum(words.values())
    return {NO_WORD: 1.0} | {
        places[word]: count / (count + _K1 * (1 - _B + _B * length / average)) for word, count in words.items()
    }


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total
