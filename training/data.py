"""Question sets into questions on passages, cut and laid out by the product itself.

    python training/data.py        # writes training/runs/pool.pkl

A question's context becomes a `Document`, and that becomes the product's own `Passage`s; the question goes to the
passage that holds (most of) its answers. Questions of development articles are kept apart.
"""

from __future__ import annotations

import gzip
import json
import pickle
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from settings import SETTINGS, Source
from synthetic import make
from tokenizers import Tokenizer

from partnership_qa.chunking import Passage, split_document
from partnership_qa.document import make_document
from partnership_qa.embedding import default_model_dir
from partnership_qa.evaluation.metrics import normalize
from partnership_qa.reading.view import view
from partnership_qa.sources import read_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PIECES = 254  # of the product's encoder, special tokens left out
DEV_FILE, DEV_QUESTIONS = "squad11_du_test", 400
SHINGLE = 13
Record = dict[str, Any]


@dataclass
class Question:
    """A question with the passage it is put to.

    Attributes:
        source: file of the set.
        passage: number in the pool.
        spans: what answers, in characters of the document; empty where the passage does not answer.
        answers: accepted words.
        wrong: numbers of passages that look right and do not answer.
        lines: whether its answer is whole sentences or rows, so that only these are to be learned.
    """

    id: str
    source: str
    text: str
    passage: int
    spans: list[tuple[int, int]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    lines: bool = False


@dataclass
class Pool:
    """Passages, the questions on them, and the number of each passage's context."""

    passages: list[Passage] = field(default_factory=list)
    contexts: list[int] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def __add__(self, other: Pool) -> Pool:
        """Both, the other's numbers behind this one's."""
        first, context = len(self.passages), max(self.contexts, default=-1) + 1
        moved = [
            replace(question, passage=question.passage + first, wrong=[number + first for number in question.wrong])
            for question in other.questions
        ]
        contexts = [*self.contexts, *(number + context for number in other.contexts)]
        return Pool([*self.passages, *other.passages], contexts, [*self.questions, *moved])


def pools_in(name: str) -> tuple[Pool, Pool]:
    """What is trained on, and what is held back, of a file among the runs."""
    pools: tuple[Pool, Pool] = pickle.loads((SETTINGS.runs / name).read_bytes())
    return pools


def keep_pools(name: str, pools: tuple[Pool, Pool]) -> None:
    """Write what `pools_in` reads."""
    SETTINGS.runs.mkdir(parents=True, exist_ok=True)
    (SETTINGS.runs / name).write_bytes(pickle.dumps(pools))


@cache
def pieces() -> Tokenizer:
    """The word pieces of the product's encoder, which are the reader's too (see `export.py`)."""
    tokenizer = Tokenizer.from_file(str(default_model_dir() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def count_pieces(text: str) -> int:
    return len(pieces().encode(text, add_special_tokens=False).ids)


def read(source: Source) -> list[Record]:
    """The records of a set, or those that are made up for it."""
    if source.made:
        return make(source.made, SETTINGS.seed)
    with gzip.open(SETTINGS.data / f"{source.file}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def cut(text: str, title: str, suffix: str) -> list[Passage]:
    """A context's passages; a title stands above them as a heading."""
    document = make_document("context", text.encode(), text, read_blocks(text, suffix))
    passages = split_document(document, count_pieces=count_pieces, max_pieces=MAX_PIECES)
    named = " ".join(title.replace("_", " ").replace("-", " ").split())
    if not named or suffix == ".md":
        return passages
    return [replace(passage, section=(named, *passage.section)) for passage in passages]


def trimmed(context: str, answer: Record) -> tuple[int, int]:
    """An answer's characters without white space at its ends, nor a full stop or comma behind it."""
    start, text = answer["answer_start"], answer["text"]
    start += len(text) - len(text.lstrip())
    end = start + len(text.strip())
    if re.search(r".[,;]$|[a-z0-9]{3}\.$", context[start:end]):
        end -= 1
    return start, end


def chosen_spans(record: Record, *, several: bool) -> list[tuple[int, int]]:
    """All answers where they belong together; else the most frequent one of those that several people marked."""
    answers = record["answers"]
    if several:
        return sorted({trimmed(record["context"], answer) for answer in answers})
    forms = Counter(" ".join(normalize(answer["text"])) for answer in answers)
    best = max(answers, key=lambda answer: forms[" ".join(normalize(answer["text"]))])
    return [trimmed(record["context"], best)]


def held_by(passage: Passage, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans that a passage holds and a reader can point at: a table's header answers nothing."""
    shown = view(passage).segments
    return [
        (a, b) for a, b in spans
        if passage.start <= a < b <= passage.end
        and any(s.source < b and a < s.source + s.end - s.start for s in shown)
    ]  # fmt: skip


class Builder:
    """Fills a pool; each context is cut once."""

    def __init__(self) -> None:
        self.pool = Pool()
        self._known: dict[tuple[str, str], list[int]] = {}

    def passages(self, source: Source, record: Record) -> list[int]:
        """Numbers of the passages of a record's context."""
        key = (source.format, record["context"])
        if key not in self._known:
            found = cut(record["context"], record.get("title", ""), source.format)
            first, number = len(self.pool.passages), len(self._known)
            self.pool.passages += found
            self.pool.contexts += [number] * len(found)
            self._known[key] = list(range(first, first + len(found)))
        return self._known[key]

    def add(self, source: Source, record: Record) -> None:
        """A question with the passage that holds most of its answers; one without an answer with any passage."""
        numbers = self.passages(source, record)
        text = " ".join(record["question"].split())
        if not numbers or not text:
            return
        question = Question(record["id"], source.file, text, numbers[0])
        if record["answers"]:
            several = bool(source.multi or record.get("multi"))
            spans = chosen_spans(record, several=several)
            held = {number: held_by(self.pool.passages[number], spans) for number in numbers}
            best = max(numbers, key=lambda number: len(held[number]))
            if not held[best]:
                return
            question.passage, question.spans = best, held[best]
            question.answers = sorted({answer["text"] for answer in record["answers"]})
        elif len(numbers) > 1:
            question.passage = numbers[len(text) % len(numbers)]
        self.pool.questions.append(question)


def development_titles(records: Iterable[Record]) -> set[str]:
    """The smallest articles of a set, as many as give DEV_QUESTIONS questions."""
    chosen: set[str] = set()
    total = 0
    for title, count in sorted(
        Counter(record["title"] for record in records).items(), key=lambda item: (item[1], item[0])
    ):
        if total >= DEV_QUESTIONS:
            break
        chosen.add(title)
        total += count
    return chosen


def shingles(text: str) -> set[str]:
    """All runs of thirteen words of a normalised text."""
    words = normalize(text)
    return {" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}


def without(pool: Pool, held: Pool) -> int:
    """Takes the questions out whose passage shares thirteen words in a row with `held`; how many."""
    grams: set[str] = set().union(*(shingles(passage.text) for passage in held.passages))
    near = {n for n, passage in enumerate(pool.passages) if not grams.isdisjoint(shingles(passage.text))}
    before = len(pool.questions)
    pool.questions = [question for question in pool.questions if question.passage not in near]
    return before - len(pool.questions)


def build() -> tuple[Pool, Pool]:
    """The pool that is trained on, and the development questions."""
    training, development = Builder(), Builder()
    for source in SETTINGS.sources:
        if source.file == "written":  # `written.py` reads them
            continue
        records = read(source)
        random.Random(f"{SETTINGS.seed} {source.file}").shuffle(records)
        held = development_titles(records) if source.file == DEV_FILE else set()
        # Of a set that is seen in part, no more is prepared than a few plans can show.
        limit = max(600, int(len(records) * min(1.0, 6 * source.views)))
        for record in records[:limit]:
            (development if record.get("title") in held else training).add(source, record)
        print(f"{source.file}: {len(records)} records, {len(training.pool.questions)} questions so far", flush=True)
    print(f"{without(training.pool, development.pool)} near the development articles dropped", flush=True)
    return training.pool, development.pool


def main() -> None:
    """Writes the pool, with wrong passages mined."""
    from negatives import mine

    pool, development = build()
    mine(pool)
    mine(development)
    keep_pools("pool.pkl", (pool, development))
    print(f"{len(pool.passages)} passages, {len(pool.questions)} questions, {len(development.questions)} apart")


if __name__ == "__main__":
    sys.modules["data"] = sys.modules["__main__"]  # so that what is pickled is found as `data.Pool`
    Question.__module__ = Pool.__module__ = "data"
    main()
