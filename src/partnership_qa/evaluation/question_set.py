"""Questions with known answers, as a person wrote them down.

A question set is a folder with `corpus/` and `questions.jsonl`, one question a line: `id`, `question`, `type`,
`answers` (short, verbatim), `evidence` (`document`, `start`, `end`), and perhaps `history`. A question without
evidence is unanswerable, unless it was `judged` `down`: then an outcome that says again what is `rejected` is wrong,
and of any other nothing is known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import PartnershipQAError, QuestionSetError
from ..question.history import checked_history

if TYPE_CHECKING:
    from .matching import Place


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a question set.

    Attributes:
        evidence: places that answer, all of them together.
        alternatives: other such lists of places, any one of which answers as well.
        judged: `up` or `down` where it comes from a file of judged answers, else empty.
        rejected: places that an answer which was called wrong said; empty where a refusal was.

    """

    id: str
    question: str
    type: str
    answers: tuple[str, ...]
    evidence: tuple[Place, ...]
    history: tuple[dict[str, object], ...] = ()
    alternatives: tuple[tuple[Place, ...], ...] = ()
    judged: str = ""
    rejected: tuple[Place, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place that answers, alone or with others."""
        return (*self.evidence, *(place for way in self.alternatives for place in way))


def load_questions(set_dir: Path) -> list[Question]:
    """Questions of a set.

    Raises:
        QuestionSetError: the folder holds no `questions.jsonl`, that holds no question, or a line of it is none; the
            message names it.
    """
    path = set_dir / "questions.jsonl"
    if not path.is_file():
        what = f"{set_dir} holds no questions.jsonl" if set_dir.is_dir() else f"There is no question set at {set_dir}"
        raise QuestionSetError(f"{what}: give a folder with corpus/ and questions.jsonl, or a SQuAD 2.0 file.")
    try:
        lines = path.read_text("utf-8").split("\n")
    except ValueError as error:
        raise QuestionSetError(f"{path} is not UTF-8 text ({error}); save it as UTF-8.") from None
    questions = [_question(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise QuestionSetError(f"{path} holds no question: write one a line, as JSON.")
    return questions


def _question(path: Path, number: int, line: str) -> Question:
    try:
        row = json.loads(line)
        ways = tuple(tuple(map(_place, way)) for way in (row["evidence"], *row.get("alternatives", ())))
        return Question(
            str(row["id"]), _string(row["question"]), _string(row["type"]), tuple(map(_string, row["answers"])),
            ways[0], tuple(dict(message) for message in checked_history(row.get("history", []))), ways[1:],
            _string(row.get("judged", "")), tuple(map(_place, row.get("rejected", ()))),
        )  # fmt: skip
    except KeyError as error:
        what = f"{error} is missing"
    except (ValueError, TypeError, AttributeError, RecursionError, PartnershipQAError) as error:
        what = str(error)
    raise QuestionSetError(f"{path}, line {number}, is not a question ({what.rstrip('.')}); mend or remove it.")


def _place(value: dict[str, Any]) -> Place:
    document, start, end = value["document"], value["start"], value["end"]
    if not (isinstance(document, str) and isinstance(start, int) and isinstance(end, int)):
        raise TypeError("a place is a document with start and end, two whole numbers")
    return document, start, end


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no string")
    return value
