"""Answers forged in every way that a reader would be deceived by, for `verify.py`: the quotes stay as they are.

Each function takes what `to_dict` gave and the random numbers to draw with, and gives the forged answer, or `None`
where this answer cannot be forged so. Where a mark is forged, text and parts are made to say what it then marks.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from partnership_qa.proof.saying import said_by

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Answer = dict[str, Any]

WORDS = ("harbour", "lantern", "seven", "copper", "window", "therefore", "nobody", "quietly", "river", "1931",
         "agreement", "twelve", "percent", "north", "old")  # fmt: skip
_WORD = re.compile(r"\w+")


def _sentence(chance: random.Random) -> str:
    return f"{' '.join(chance.choices(WORDS, k=4)).capitalize()}."


def _made_whole(answer: Answer) -> Answer:
    """The answer with parts and text that say what is marked in the quotes of its parts now."""
    for cited in answer["citations"]:
        if cited["proof"] is not None:
            cited["proof"]["marks"] = cited["highlights"]  # whoever marks other words says so in the proof too
    for part in answer["parts"]:
        cited = answer["citations"][part["citations"][0] - 1]
        part["text"] = said_by(cited["quote"], cited["start"], cited["highlights"], cited["document"])
    answer["text"] = "\n".join(dict.fromkeys(part["text"] for part in answer["parts"]))
    return answer


def _first(answer: Answer) -> dict[str, Any]:
    """The first citation, on which the first part rests."""
    cited: dict[str, Any] = answer["citations"][answer["parts"][0]["citations"][0] - 1]
    return cited


def _spans(cited: dict[str, Any]) -> list[tuple[int, int]]:
    """The words of a quote, in characters of the document."""
    return [(cited["start"] + one.start(), cited["start"] + one.end()) for one in _WORD.finditer(cited["quote"])]


def word_put_in(answer: Answer, chance: random.Random) -> Answer | None:
    """One more word in the text and in the last part."""
    if not answer["answered"]:
        return None
    answer["parts"][-1]["text"] += f" {chance.choice(WORDS)}"
    answer["text"] = "\n".join(dict.fromkeys(part["text"] for part in answer["parts"]))
    return answer


def other_text(answer: Answer, chance: random.Random) -> Answer | None:
    """Another text beside the same parts."""
    return answer | {"text": _sentence(chance)} if answer["answered"] else None


def lines_reordered(answer: Answer, chance: random.Random) -> Answer | None:
    """The lines of the text in another order, as of a list that ranks."""
    lines = answer["text"].split("\n") if answer["answered"] else []
    if len(lines) < 2:
        return None
    at = chance.randrange(1, len(lines))
    return answer | {"text": "\n".join([*lines[at:], *lines[:at]])}


def line_left_out(answer: Answer, chance: random.Random) -> Answer | None:
    """The text without one of its lines."""
    lines = answer["text"].split("\n") if answer["answered"] else []
    if len(lines) < 2:
        return None
    lines.pop(chance.randrange(len(lines)))
    return answer | {"text": "\n".join(lines)}


def part_put_in(answer: Answer, chance: random.Random) -> Answer | None:
    """A part more, of words of a quote that are not marked, or of words of none."""
    if not answer["answered"]:
        return None
    cited = _first(answer)
    words = _spans(cited)
    one, other = chance.choice(words), chance.choice(words)
    said = cited["quote"][min(one[0], other[0]) - cited["start"] : max(one[1], other[1]) - cited["start"]]
    text = " ".join(said.split()) if chance.random() < 0.5 else _sentence(chance)
    if text in answer["text"].split("\n"):
        return None
    answer["parts"].append({"text": text, "citations": [1]})
    return answer | {"text": f"{answer['text']}\n{text}"}


def marks_spliced(answer: Answer, chance: random.Random) -> Answer | None:
    """Several words of a quote marked one by one, others between them left out."""
    if not answer["answered"]:
        return None
    cited = _first(answer)
    words = _spans(cited)
    if len(words) < 4:
        return None
    left = chance.randrange(1, len(words) - 1)
    cited["highlights"] = [list(words[left - 1]), list(words[left + 1])]
    return _made_whole(answer)


def marks_reordered(answer: Answer, chance: random.Random) -> Answer | None:
    """What is marked in a quote, in two pieces of which the second comes first."""
    if not answer["answered"]:
        return None
    cited = _first(answer)
    if len(cited["highlights"]) > 1:
        cited["highlights"] = cited["highlights"][::-1]
        return _made_whole(answer)
    words = _spans(cited)
    if len(words) < 2:
        return None
    at = chance.randrange(1, len(words))
    start, end = cited["start"], cited["start"] + len(cited["quote"])
    cited["highlights"] = [[words[at][0], end], [start, words[at - 1][1]]]
    return _made_whole(answer)


def marks_overlapping(answer: Answer, chance: random.Random) -> Answer | None:
    """A second mark that says words of the first one again."""
    if not answer["answered"]:
        return None
    cited = _first(answer)
    cited["highlights"] = [*cited["highlights"], chance.choice(cited["highlights"])]
    return _made_whole(answer)


def another_mark(answer: Answer, chance: random.Random) -> Answer | None:
    """Other words of the same quote marked as the answer, and its proof as it was."""
    if not answer["answered"]:
        return None
    cited = _first(answer)
    words = _spans(cited)
    one, other = sorted(chance.choices(range(len(words)), k=2))
    mark, before = [words[one][0], words[other][1]], cited["proof"]["marks"]
    if len(cited["highlights"]) > 1 or cited["cells"] or mark == cited["highlights"][0]:
        return None
    cited["highlights"] = [mark]
    _made_whole(answer)
    cited["proof"]["marks"] = before
    return answer


def item_left_out(answer: Answer, chance: random.Random) -> Answer | None:
    """A list that is said to be whole without one of its items in the middle, and one fewer in the note."""
    note, parts = answer.get("note") or "", answer.get("parts") or []
    if not re.match(rf"All {len(parts)} ", note) or len(parts) < 3:
        return None
    parts.pop(chance.randrange(1, len(parts) - 1))
    answer["note"] = note.replace(f"All {len(parts) + 1} ", f"All {len(parts)} ", 1)
    return _made_whole(answer)


def mark_beyond_quote(answer: Answer, chance: random.Random) -> Answer | None:
    """A mark that ends behind the quote; text and parts say words that stand nowhere."""
    if not answer["answered"]:
        return None
    cited = _first(answer)
    word = f" {chance.choice(WORDS)}"
    cited["highlights"][-1] = [cited["highlights"][-1][0], cited["start"] + len(cited["quote"]) + len(word)]
    _made_whole(answer)
    answer["parts"][0]["text"] += word
    return answer | {"text": "\n".join(dict.fromkeys(part["text"] for part in answer["parts"]))}


def mark_across_cells(answer: Answer, chance: random.Random) -> Answer | None:
    """A mark from inside one cell of a row to inside the next."""
    if not answer["answered"]:
        return None
    cited = _first(answer)
    cells = [cell for cell in cited["cells"] if cell[1] > cell[0]]
    if len(cells) < 3:
        return None
    at = chance.randrange(len(cells) - 1)
    cited["highlights"] = [[cells[at][0], cells[at + 1][1]]]
    return _made_whole(answer)


def mark_cuts_word(answer: Answer, chance: random.Random) -> Answer | None:
    """A mark that ends inside a word or number."""
    if not answer["answered"]:
        return None
    cited = _first(answer)
    long = [
        word
        for word in _spans(cited)
        if word[1] - word[0] > 3 and cited["quote"][word[0] - cited["start"] :][:4].isalnum()
    ]
    if not long:
        return None
    start, _ = chance.choice(long)
    cited["highlights"] = [[start, start + 3]]
    return _made_whole(answer)


def note_written(answer: Answer, chance: random.Random) -> Answer | None:
    """A note that says something; of a refusal too."""
    return answer | {"note": _sentence(chance)}


def note_lengthened(answer: Answer, chance: random.Random) -> Answer | None:
    """The note with a sentence more."""
    return answer | {"note": f"{answer['note']}. {_sentence(chance)}"} if answer.get("note") else None


def note_number_changed(answer: Answer, chance: random.Random) -> Answer | None:
    """Another number in the note."""
    numbers = list(re.finditer(r"\d+", answer.get("note") or ""))
    if not numbers:
        return None
    one = chance.choice(numbers)
    note = answer["note"]
    return answer | {"note": f"{note[: one.start()]}{int(one.group()) + chance.randint(1, 9)}{note[one.end() :]}"}


def refusal_written(answer: Answer, chance: random.Random) -> Answer | None:
    """A refusal without candidates that says something."""
    if answer["answered"] or answer["candidates"]:
        return None
    return answer | {"text": _sentence(chance)}


def refusal_written_beside_candidates(answer: Answer, chance: random.Random) -> Answer | None:
    """A refusal with candidates that says something."""
    if answer["answered"] or not answer["candidates"]:
        return None
    return answer | {"text": _sentence(chance)}


def refusal_lengthened(answer: Answer, chance: random.Random) -> Answer | None:
    """What the refusal says, and a sentence more."""
    return None if answer["answered"] else answer | {"text": f"{answer['text']} {_sentence(chance)}"}


def refusal_word_changed(answer: Answer, chance: random.Random) -> Answer | None:
    """Another word in what the refusal says."""
    if answer["answered"]:
        return None
    one = chance.choice(list(_WORD.finditer(answer["text"])))
    text = answer["text"]
    return answer | {"text": f"{text[: one.start()]}{chance.choice(WORDS)}{text[one.end() :]}"}


def line_of_quote_changed(answer: Answer, chance: random.Random) -> Answer | None:
    """Another line as the address of a quote, beside its proof as it was."""
    cited = (answer["citations"] or answer.get("candidates") or [None])[0]
    if cited is None or cited["page"] is not None or cited["place"] is not None:
        return None
    cited["line"] += chance.randint(1, 20)
    return answer


def heading_changed(answer: Answer, chance: random.Random) -> Answer | None:
    """Another heading above a quote."""
    cited = (answer["citations"] or answer.get("candidates") or [None])[0]
    if cited is None:
        return None
    cited["section"] = [*cited["section"][:-1], _sentence(chance)]
    return answer


def column_changed(answer: Answer, chance: random.Random) -> Answer | None:
    """Another name of a column of a quoted row."""
    cited = (answer["citations"] or answer.get("candidates") or [None])[0]
    if cited is None or not cited["columns"]:
        return None
    cited["columns"][chance.randrange(len(cited["columns"]))] = " ".join(chance.choices(WORDS, k=3))
    return answer


FORGERIES: tuple[Callable[[Answer, random.Random], Answer | None], ...] = (
    word_put_in, other_text, lines_reordered, line_left_out, part_put_in, marks_spliced, marks_reordered,
    marks_overlapping, another_mark, item_left_out, mark_beyond_quote, mark_across_cells, mark_cuts_word,
    note_written, note_lengthened,
    note_number_changed, refusal_written, refusal_written_beside_candidates, refusal_lengthened, refusal_word_changed,
    line_of_quote_changed, heading_changed, column_changed,
)  # fmt: skip


def forged(
    answer: Answer, how: Callable[[Answer, random.Random], Answer | None], chance: random.Random
) -> Answer | None:
    """The answer forged in one way; `None` where that is not possible, or changed nothing."""
    found = how(copy.deepcopy(answer), chance)
    return None if found == answer else found
