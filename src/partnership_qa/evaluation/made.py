"""Questions that are made from a collection itself, with their answers, and the same with a name or number exchanged.

Each kind takes something that a text marks by its form, so that what is asked and what answers are known without a
reader: a label and its value, a cell of a row, what a list's lead announces, what a heading stands above, what a
sentence defines, and a name or number of a sentence, asked for in its place (a cloze question, as in Lewis et al. 2019,
"Unsupervised Question Answering by Cloze Translation"). They repeat the words of the text, and so are easier than what
people ask; `risk` says by how much that matters.

An exchanged question names something else of the same collection. It has no answer: no passage holds what was put in
together with half of the question's other words.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from ..document import BlockKind
from ..text import FUNCTION_WORDS, plain, terms
from .question_set import Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..answering.structure import Group, Structure
    from ..chunking import Passage, Unit
    from ..index import Store

UNANSWERABLE = "exchanged"
KINDS = ("label", "row", "list", "heading", "definition", "blank")
MAX_LABEL_CHARS = 60
MAX_WORDS = 22  # of a question; people hardly ask longer ones
_SHORT = 8  # words of an answer that must stand in what is said; of a longer one its place alone counts
_LABEL = re.compile(r"^(?P<label>[^\W\d_][^:.,;|?!()\n]{1,58}):\s+(?P<value>\S.*)$", re.DOTALL)
_DEFINED = re.compile(
    r"^(?P<name>(?:(?:The|A|An)\s+)?[^\s,.;:()]+(?:\s+[^\s,.;:()]+){0,3})\s+"
    r"(?P<verb>is|are|means|refers to)\s+(?:an?|the|any)\s"
)
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-])")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
# Words with capitals side by side; the first word of a sentence has one for its place, so a name stands behind it.
_NAME = re.compile(r"(?<=[\w,;)] )[A-Z][\w'’&-]+(?: (?:of |de |the )?[A-Z][\w'’&-]+){0,3}")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Made:
    """A question that was made, and the piece of it that may be exchanged; empty where there is none."""

    put: Question
    key: str = ""


def made_questions(
    index: Store, structure: Structure, count: int, *, exchanged: float = 0.25, seed: int = 0
) -> list[Question]:
    """Questions of a collection, of each kind alike as far as there are some; the same for the same index and seed.

    Args:
        index: the collection.
        structure: its lists and tables.
        count: how many at most.
        exchanged: share of them, in [0, 1], that has no answer; fewer where too few can be exchanged.
        seed: of the choice among all that can be made.

    """
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    by_kind = _all_made(index, structure)
    for kind in by_kind.values():
        rng.shuffle(kind)
    mixed = [made for made in chain.from_iterable(zip_longest(*by_kind.values())) if made is not None]
    wanted = round(count * exchanged)
    answerable = mixed[: count - wanted]
    # Those asked as they stand are not asked again with another name where there are enough others.
    others = [made for made in (*mixed[count - wanted :], *answerable) if made.key]
    exchange = _Exchange(index, {kind: [made.key for made in members] for kind, members in by_kind.items()}, rng)
    unanswerable: list[Question] = []
    for made in others:
        if len(unanswerable) >= wanted:
            break
        if (question := exchange(made)) is not None:
            unanswerable.append(question)
    return [made.put for made in answerable] + unanswerable


def _all_made(index: Store, structure: Structure) -> dict[str, list[Made]]:
    """Every question that can be made, by kind; one that is put twice has two answers and is left out."""
    found: dict[str, list[Made]] = {kind: [] for kind in KINDS}
    for made in chain(_of_groups(structure), _of_units(index.passages), _of_headings(index.passages)):
        if len(terms(made.put.question)) >= 2 and len(made.put.question.split()) <= MAX_WORDS:
            found[made.put.type].append(made)
    asked: dict[str, int] = {}
    for made in chain.from_iterable(found.values()):
        asked[made.put.question.casefold()] = asked.get(made.put.question.casefold(), 0) + 1
    return {kind: [m for m in members if asked[m.put.question.casefold()] == 1] for kind, members in found.items()}


def _question(
    kind: str, asked: str, passage: Passage, units: Sequence[tuple[Passage, Unit]], answers: tuple[str, ...] = (),
    *, any_of: bool = False,
) -> Question:  # fmt: skip
    places = [(holder.document, unit.start, unit.end) for holder, unit in units]
    first = places[0]
    evidence, others = ((first,), tuple((place,) for place in places[1:])) if any_of else (tuple(places), ())
    return Question(f"{kind}-{passage.document}-{first[1]}", asked, kind, answers, evidence, (), others)


def _of_groups(structure: Structure) -> Iterator[Made]:
    for group in structure.groups:
        if group.table:
            yield from _of_rows(group)
        elif len(group.items) >= 3 and (words := _announced(group)):
            units = [(passage, passage.units[number]) for passage, number in group.items]
            yield Made(_question("list", words, units[0][0], units))


def _announced(group: Group) -> str:
    """A question for what the lead of a list announces; empty where it has no colon or hardly a word."""
    lead = plain(group.lead, group.document)
    words = lead.removesuffix(":").strip()
    if not lead.endswith(":") or not 2 <= len(words.split()) <= 14 or any(sign in words for sign in ".?!"):
        return ""
    return f"{words}: which are they?"


def _of_rows(group: Group) -> Iterator[Made]:
    """Of each row that its first words tell from all others of its table, each further cell."""
    rows: dict[str, list[tuple[Passage, Unit, list[str], int]]] = {}
    for passage, number in group.items:
        unit = passage.units[number]
        cells = [plain(passage.between(*cell), passage.document) for cell in unit.cells]
        named = next((n for n, cell in enumerate(cells) if any(char.isalpha() for char in cell)), None)
        if named is not None and len(unit.columns) == len(cells) and 2 <= len(cells[named]) <= MAX_LABEL_CHARS:
            rows.setdefault(cells[named].casefold(), []).append((passage, unit, cells, named))
    for passage, unit, cells, named in (same[0] for same in rows.values() if len(same) == 1):
        above = f" ({_headings(passage)})" if passage.section else ""
        for column, cell in zip(unit.columns[named + 1 :], cells[named + 1 :], strict=True):
            name = plain(column, passage.document)
            if any(char.isalpha() for char in name) and any(map(str.isalnum, cell)) and len(name) <= MAX_LABEL_CHARS:
                asked = f"What is the {_lower_first(name)} of {cells[named]}{above}?"
                yield Made(_question("row", asked, passage, [(passage, unit)], _short(cell)), cells[named])


def _of_units(passages: Sequence[Passage]) -> Iterator[Made]:
    for passage in passages:
        for unit in passage.units:
            if unit.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
                text = plain(passage.between(*unit.content), passage.document)
                yield from _of_text(passage, unit, text)


def _of_text(passage: Passage, unit: Unit, text: str) -> Iterator[Made]:
    here = [(passage, unit)]
    label = _LABEL.match(text)
    if label and len(label["label"].split()) <= 5 and label["label"].split()[0].casefold() not in FUNCTION_WORDS:
        name, heading = _lower_first(label["label"].strip()), _last_heading(passage)
        asked = f"What is the {name}" + (f" of {heading}?" if heading else "?")
        yield Made(_question("label", asked, passage, here, _short(label["value"])), name)
    defined = _DEFINED.match(text)
    if defined and not FUNCTION_WORDS & set(_without_article(defined["name"]).casefold().split()) and len(text) >= 40:
        verb = "are" if defined["verb"] == "are" else "is"
        yield Made(_question("definition", f"What {verb} {_lower_first(defined['name'])}?", passage, here))
    if unit.kind is BlockKind.PARAGRAPH and not label and (blank := _blanked(text)):
        asked, answer, key = blank
        yield Made(_question("blank", asked, passage, here, (answer,)), key)


def _blanked(text: str) -> tuple[str, str, str] | None:
    """A sentence that asks for the last of its names or numbers, that one, and another one of the sentence."""
    if not 6 <= len(text.split()) <= MAX_WORDS or text[-1] not in ".!" or '"' in text:
        return None
    pieces = sorted([*_NUMBER.finditer(text), *_NAME.finditer(text)], key=lambda match: match.start())
    for asked_for in reversed(pieces):
        if word := _asks_for(text, asked_for):
            body = text[: asked_for.start()] + word + text[asked_for.end() :].rstrip(".!")
            key = next(
                (p[0] for p in reversed(pieces) if p.end() < asked_for.start() or p.start() > asked_for.end()), ""
            )
            return f"{body}?", asked_for[0], key
    return None


def _asks_for(text: str, piece: re.Match[str]) -> str:
    """What asks for a name or number in its place; empty where nothing would sound like a question."""
    before, behind = text[: piece.start()].rstrip(), text[piece.end() :]
    if not piece[0][0].isdigit():
        return "" if piece[0].endswith(("'s", "’s")) else "what"  # noqa: RUF001
    if _YEAR.fullmatch(piece[0]):
        return "what year"
    counted = re.match(r"\s+[a-z]{3,}", behind) and before[-1:] not in "$€£" and not before.split(" ")[-1][:1].isupper()
    return "how many" if counted else ""


def _of_headings(passages: Sequence[Passage]) -> Iterator[Made]:
    sections: dict[tuple[str, tuple[str, ...]], list[tuple[Passage, Unit]]] = {}
    for passage in passages:
        if passage.section:
            units = [(passage, unit) for unit in passage.units if unit.kind is not BlockKind.HEADING]
            sections.setdefault((passage.document, passage.section), []).extend(units)
    for units in sections.values():
        if not units or units[0][1].kind is BlockKind.TABLE_ROW:
            continue
        heading = _last_heading(units[0][0])
        if 2 <= len(heading.split()) <= 12:
            asked = heading if heading.endswith("?") else f"What is said about {_lower_first(heading)}?"
            yield Made(_question("heading", asked, units[0][0], units, any_of=True))


def _last_heading(passage: Passage) -> str:
    heading = plain(passage.section[-1], passage.document) if passage.section else ""
    return heading.strip().rstrip(".:!")


def _headings(passage: Passage) -> str:
    """The outermost heading, which mostly names the document, and the last one."""
    first = plain(passage.section[0], passage.document)
    return ", ".join(dict.fromkeys((first, _last_heading(passage))))


def _without_article(name: str) -> str:
    return re.sub(r"^(?:the|an?)\s+", "", name, flags=re.IGNORECASE)


def _short(value: str) -> tuple[str, ...]:
    """The value as an accepted answer where it is short; of a longer one only its place counts."""
    words = value.strip().rstrip(".;")
    return (words,) if len(words.split()) <= _SHORT else ()


def _lower_first(words: str) -> str:
    """Lower case for a first word that owes its capital to its place: an article, or the only one with a capital."""
    first, _, rest = words.partition(" ")
    alone = first[1:].islower() and not any(char.isupper() for char in rest)
    return words[:1].lower() + words[1:] if alone or first.lower() in ("the", "a", "an") else words


class _Exchange:
    """Puts another name or number of the collection in the place of one that a question names."""

    TRIES = 12

    def __init__(self, index: Store, keys: Mapping[str, Sequence[str]], rng: random.Random) -> None:
        """Of each kind of question the pieces that may stand in one another's place."""
        self._index, self._rng = index, rng
        self._keys = {kind: sorted(set(pieces) - {""}) for kind, pieces in keys.items()}

    def __call__(self, made: Made) -> Question | None:
        for _ in range(self.TRIES):
            other = self._other(made)
            if other and self._unheard(made, other):
                asked = made.put.question.replace(made.key, other, 1)
                return replace(
                    made.put, id=f"{UNANSWERABLE}-{made.put.id}", question=asked, type=UNANSWERABLE, answers=(),
                    evidence=(), alternatives=(),
                )  # fmt: skip
        return None

    def _other(self, made: Made) -> str:
        key = made.key
        if key[0].isdigit() and _NUMBER.fullmatch(key):
            return "".join(self._rng.choice("123456789") if char.isdigit() else char for char in key)
        other = self._rng.choice(self._keys[made.put.type])
        alike = other[0].isdigit() == key[0].isdigit() and other[0].isupper() == key[0].isupper()
        return other if alike and other.casefold() != key.casefold() else ""

    def _unheard(self, made: Made, other: str) -> bool:
        """Whether no passage holds what is put in beside half of the question's other words."""
        lexical = self._index.lexical
        put_in = set(terms(other)) - FUNCTION_WORDS
        rest = set(terms(made.put.question.replace(made.key, " ", 1))) - FUNCTION_WORDS
        if not put_in or len(rest) < 2 or put_in & rest:
            return False
        holding = set.intersection(*(set(lexical.passages_with(term).tolist()) for term in put_in))
        counts: dict[int, int] = dict.fromkeys(holding, 0)
        for term in rest:
            for number in holding.intersection(lexical.passages_with(term).tolist()):
                counts[number] += 1
        return all(2 * count < len(rest) for count in counts.values())
