"""Self-tests of a rebuild: what an index answered is asked of the one that is to take its place.

Two kinds of questions are asked. Those that a person judged right on the page, always: what was said must be said
again, and what was declined must be declined. And some that are made from the index that was there (`made`) and that it
answered rightly, as long as the text that answers them still stands in the new one: a document that was taken out, or a
sentence that was changed, is meant to be answered no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import GateRefusedError
from .made import made_questions
from .matching import normalize, overlaps, token_f1

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..answering.outcome import Answer, NoAnswer
    from ..index import Store
    from ..qa import QA

MADE = 20
_SAME_WORDS = 0.5  # token F1 from which on an answer says the same as another


@dataclass(frozen=True, slots=True)
class SelfTest:
    """A question with what must come of it.

    Attributes:
        question: as asked.
        words: what was said, one a part; empty where it was declined, rightly.
        evidence: text that must still stand somewhere for the question to count; empty where it always counts.
        judged: whether a person judged it.

    """

    question: str
    words: tuple[str, ...]
    evidence: str = ""
    judged: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """A question that is no longer answered as it was."""

    test: SelfTest
    now: Answer | NoAnswer

    @property
    def sentence(self) -> str:
        """What was said and what comes now, in one line."""
        before = " / ".join(self.test.words) or "declined"
        now = self.now.text if self.now.answered else "declined"
        kind = "judged right" if self.test.judged else "made"
        return " ".join(f"{self.test.question} ({kind}) was: {before}; is: {now}".split())


def judged_tests(content: Mapping[str, Any]) -> list[SelfTest]:
    """The questions of a file of judged answers (`squad`) whose outcome was called right."""
    return [
        SelfTest(qa["question"], tuple(dict.fromkeys(answer["text"] for answer in qa["answers"])), judged=True)
        for article in content["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
        if qa["answers"] or qa.get("is_impossible")
    ]


def made_tests(qa: QA, count: int = MADE) -> list[SelfTest]:
    """Questions made from an index that it answers with what they were made from; at most `count` are asked."""
    tests = []
    for question in made_questions(qa.index, qa.structure, count, exchanged=0.0):
        outcome = qa.answer(question.question)
        cited = [(c.document, c.start, c.end) for c in outcome.citations]
        if cited and any(overlaps(place, cited[0]) for place in question.places):
            tests.append(SelfTest(question.question, (outcome.text,), outcome.citations[0].quote))
    return tests


def lost(qa: QA, tests: Iterable[SelfTest]) -> tuple[tuple[Lost, ...], int]:
    """The tests that an index fails, and how many were asked of it."""
    found, asked = [], 0
    for test in tests:
        if test.evidence and not any(test.evidence in source.text for source in qa.index.sources.values()):
            continue
        asked += 1
        outcome = qa.answer(test.question)
        if not _kept(test, outcome):
            found.append(Lost(test, outcome))
    return tuple(found), asked


def _kept(test: SelfTest, outcome: Answer | NoAnswer) -> bool:
    if not test.words or not outcome.answered:
        return bool(test.words) == outcome.answered
    if test.evidence and any(test.evidence == citation.quote for citation in outcome.citations):
        return True
    said = normalize(outcome.text)
    every = f" {' '.join(said)} "
    return all(
        f" {' '.join(normalize(words))} " in every or token_f1(outcome.text, words) >= _SAME_WORDS
        for words in test.words
    )


def gate(
    assemble: Callable[[Store], QA],
    tests: Sequence[SelfTest],
    tell: Callable[[tuple[Lost, ...], int], None],
    *,
    refuse: bool,
) -> Callable[[Store], None]:
    """What `build` takes as `accept`: asks the tests of the new index and tells what is lost.

    Args:
        assemble: gives the `QA` that answers from an index.
        tests: what to ask.
        tell: called with what is lost and how many questions were asked.
        refuse: whether the new index is refused where something is lost, by `GateRefusedError`.

    """

    def accept(index: Store) -> None:
        gone, asked = lost(assemble(index), tests)
        tell(gone, asked)
        if gone and refuse:
            raise GateRefusedError(tuple(one.sentence for one in gone), asked)

    return accept
