"""The seams wired together: question in, cited answer or refusal out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from .answering.candidates import assess
from .answering.compose import compose, join
from .answering.confidence import Calibration, clipped, load_calibration
from .answering.outcome import Answer, NoAnswer, Reason
from .answering.report import with_report
from .answering.structure import Structure
from .embedding import of_the_index, same_weights
from .errors import IndexMismatchError, QuestionError
from .question.form import parts
from .question.history import checked_history, complete, lean_on, said_before
from .question.smalltalk import is_small_talk, reply
from .question.words import Question, question_words
from .reading import CLOSELY, Proposal
from .retrieval import query_of, reordered, search, search_in_context
from .selection import Catalogue, Selection
from .trace import Part, Stage, Trace

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from .answering.candidates import Assessment
    from .chunking import Passage
    from .embedding import Encoder
    from .index import Store
    from .reading import Reader, Reading
    from .retrieval import Fusion, Hit, Query

MAX_QUESTION_CHARS = 2000
LOOKED_THROUGH = 20_000  # passages of a large index, where all would take too long
PROPOSED_PASSAGES = 8  # that are looked at quickly where the best of the search leave the answer unsure
READ_PASSAGES = 4
# Passages with lists that are read beside these for their lists alone, where the answer is unsure; at most `CLOSELY`.
LIST_PASSAGES = 2
LIST_POOL = 40  # hits of which they are the nearest in meaning
# What is surer than this after the first passages were read closely stays as it is; else the others are read so too.
SURE = 0.6


@dataclass(frozen=True)
class QA:
    """An index with all that answers from it. Immutable and safe to share between threads.

    Attributes:
        index: one generation, loaded.
        encoder: the one it was built with.
        reader: points at the words that answer.
        calibration: turns evidence into a probability.
        structure: the lists and tables of the index.
        fusion: how passages are found, see `retrieval`.
        within: the documents that are asked; `None` asks all.

    """

    index: Store
    encoder: Encoder
    reader: Reader
    calibration: Calibration
    structure: Structure
    fusion: Fusion = "minmax"
    within: Selection | None = None

    @classmethod
    def assemble(cls, index: Store, encoder: Encoder, reader: Reader, calibration: Calibration | None = None) -> QA:
        """Wire an index to an encoder, of which the index chooses the precision, and a reader.

        Raises:
            IndexMismatchError: the index was built with another encoder.

        """
        manifest = index.generation.manifest
        if not same_weights(manifest.fingerprint, encoder.fingerprint):
            what = f"it was built with the encoder {manifest.encoder} ({manifest.fingerprint[:12]})"
            raise IndexMismatchError(index.root, f"{what}, not {encoder.name} ({encoder.fingerprint[:12]})")
        encoder = of_the_index(encoder, manifest.encoder)
        structure = Structure(index.passages, [entry.passages for entry in manifest.sources])
        return cls(index, encoder, reader, calibration or load_calibration(), structure)

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Mapping[str, object]] = (),
        no_answer_threshold: float | None = None,
        k: int = READ_PASSAGES,
        documents: Sequence[str] = (),
    ) -> Answer | NoAnswer:
        """Answer in the text's own words, or say that it does not hold the answer.

        Args:
            question: at most 2,000 characters.
            history: earlier messages, oldest first, as `{"role": "user" | "assistant", "content": str}`.
            no_answer_threshold: decline below this confidence, in [0, 1]; `None` takes the calibrated one.
            k: passages to read for each part of the question.
            documents: names, folders and patterns (`contracts/`, `*.pdf`) of the documents to ask; of all if empty.
                `Catalogue.select` says what a pattern fits.

        Raises:
            QuestionError: the question is empty, too long or holds no text, the history has another form, or `k` is
                below 1.
            UnknownDocumentError: a document or pattern chooses nothing.
            CitationError: the index does not hold what it quotes.

        """
        return self.trace(
            question, history=history, no_answer_threshold=no_answer_threshold, k=k, documents=documents
        ).outcome

    def trace(
        self,
        question: str,
        *,
        history: Sequence[Mapping[str, object]] = (),
        no_answer_threshold: float | None = None,
        k: int = READ_PASSAGES,
        documents: Sequence[str] = (),
    ) -> Trace:
        """Answer as `answer` does, and tell what the outcome rests on; arguments and errors are the same."""
        steps = self.steps(question, history=history, no_answer_threshold=no_answer_threshold, k=k, documents=documents)
        try:
            while True:
                next(steps)
        except StopIteration as end:
            trace: Trace = end.value
            return trace

    def steps(
        self,
        question: str,
        *,
        history: Sequence[Mapping[str, object]] = (),
        no_answer_threshold: float | None = None,
        k: int = READ_PASSAGES,
        documents: Sequence[str] = (),
    ) -> Generator[Stage, None, Trace]:
        """Answer as `answer` does, one stage at a time: each is yielded before it begins, and the trace is returned.

        Whoever asks may say what is being done, or close the generator and so leave the rest undone.
        """
        _check_passages(k)
        if documents:
            limited = self._limited(documents)
            trace = yield from limited.steps(question, history=history, no_answer_threshold=no_answer_threshold, k=k)
            return _with_sentence(trace, limited.within)
        question = checked_question(question)
        history = checked_history(history)
        threshold = self.calibration.threshold if no_answer_threshold is None else no_answer_threshold
        if is_small_talk(question):
            said = NoAnswer(question, None, reply(self._asked_of(), question), 0.0, Reason.NO_QUESTION, (), ())
            return Trace(said, (), threshold)
        completed = complete(question, history, self._follows)
        standalone = completed.text if completed else None
        whole = self._asked(question, standalone, standalone or question, completed.reading if completed else question)
        context = said_before(history)
        texts = parts(whole.text)
        if len(texts) == 1:
            part = yield from self._part(whole, context, threshold, k)
            return Trace(part.outcome, (part,), threshold)
        texts = (texts[0], *(lean_on(texts[0], text) for text in texts[1:]))
        done = []
        for text in texts:
            part = yield from self._part(self._asked(question, standalone, text, text), context, threshold, k)
            done.append(part)
        return Trace(join(whole, [part.outcome for part in done], texts), tuple(done), threshold)

    def _asked(self, question: str, standalone: str | None, text: str, reading: str) -> Question:
        return Question(question, standalone, text, reading, question_words(text, self._holds))

    def _follows(self, text: str) -> float:
        """Log-odds that a question is not understood without the one before."""
        return self.calibration.kinds.of(text, self.encoder).follows

    def _holds(self, term: str) -> bool:
        """Whether a stemmed term occurs in the documents that are asked."""
        return self.index.lexical.holds(term, None if self.within is None else self.within.numbers)

    def _asked_of(self) -> Sequence[Passage]:
        """The first passages of the documents that are asked, as many as tell what they are about."""
        passages = self.index.passages
        numbers = range(len(passages)) if self.within is None else self.within.numbers
        return [passages[int(number)] for number in numbers[:LOOKED_THROUGH]]

    def _part(self, asked: Question, context: str, threshold: float, k: int) -> Generator[Stage, None, Part]:
        # A clock is read behind each `yield`: what the one who asks does meanwhile is not ours.
        yield Stage.SEARCHING
        began = time.perf_counter()
        query = query_of(self.encoder, asked.text, context)
        asked = replace(asked, kind=self.calibration.kinds.of(asked.text, self.encoder, query.vector))
        looked = max(k, PROPOSED_PASSAGES)
        hits, leaned = search_in_context(self.index, query, looked, self.fusion, first=k, within=self.within)
        seconds = {Stage.SEARCHING: time.perf_counter() - began}
        yield Stage.READING
        began = time.perf_counter()
        read = self._with_lists(asked, query, self._read(asked, hits, k))
        seconds[Stage.READING] = time.perf_counter() - began
        yield Stage.COMPOSING
        began = time.perf_counter()
        outcome = compose(asked, self.index, read.hits, read.found, self.calibration, threshold)
        outcome = with_report(outcome, asked, self.index, read.readings, read.found, threshold, self.within)
        seconds[Stage.COMPOSING] = time.perf_counter() - began
        return Part(asked, outcome, read.hits, read.readings, read.found, seconds, leaned)

    def _read(self, asked: Question, hits: tuple[Hit, ...], k: int) -> _Read:
        """The `k` passages that a quick look makes likeliest, in that order, and what is read in them.

        The search's best are looked at, and the likeliest of them read closely. The other hits are looked at, and more
        passages read closely, only while what was read leaves the answer unsure.
        """
        first = max(k, READ_PASSAGES)
        looks = self._look(asked, hits[:first])
        if not looks:
            return self._weighed(asked, hits[:k], self.reader.read(asked.reading, [hit.passage for hit in hits[:k]]))
        order = self._likeliest(hits[:first], looks)[:k]
        readings = self.reader.read(asked.reading, [hit.passage for hit in order], [looks[hit.number] for hit in order])
        read = self._weighed(asked, order, readings)
        for done in range(CLOSELY, len(order), CLOSELY):
            if read.sure:
                break
            if len(looks) < len(hits):
                looks |= self._look(asked, hits[first:])
                there = {hit.number for hit in order[:done]}
                order = (*order[:done], *self._likeliest([hit for hit in hits if hit.number not in there], looks))[:k]
            left = order[done:]
            these = [hit.passage for hit in left], [looks[hit.number] for hit in left]
            read = self._weighed(asked, order, (*read.readings[:done], *self.reader.read(asked.reading, *these)))
        return read

    def _with_lists(self, asked: Question, query: Query, read: _Read) -> _Read:
        """What was read, and where that leaves the answer unsure, lists: of the passages nearest in meaning with any.

        A list that is asked for in other words is often no near passage, and mostly the nearest of the lists.
        """
        if read.found is None or read.sure or not any(reading.support for reading in read.readings):
            return read
        seen = {hit.number for hit in read.hits}
        pool = search(self.index, query, LIST_POOL, self.fusion, self.within)
        near = sorted((hit for hit in pool if hit.passage.holds_list), key=lambda hit: -hit.similarity)
        lists = tuple(hit for hit in near if hit.number not in seen)[:LIST_PASSAGES]
        if not lists:
            return read
        # Of what is read closely no quick look is needed.
        more = self.reader.read(asked.reading, [hit.passage for hit in lists], [Proposal(0.0, 0.0)] * len(lists))
        readings = (*read.readings, *(replace(reading, spans=()) for reading in more))
        return self._weighed(asked, (*read.hits, *lists), readings)

    def _weighed(self, asked: Question, hits: tuple[Hit, ...], readings: Sequence[Reading]) -> _Read:
        found = assess(asked, self.structure, hits, readings, self.calibration)
        return _Read(hits, tuple(readings), found)

    def _look(self, asked: Question, hits: Sequence[Hit]) -> dict[int, Proposal]:
        """What a quick look makes of each passage, by its number; empty where the reader has none."""
        proposals = self.reader.propose(asked.reading, [hit.passage for hit in hits])
        return dict(zip((hit.number for hit in hits), proposals, strict=bool(proposals)))

    def _likeliest(self, hits: Sequence[Hit], looks: Mapping[int, Proposal]) -> tuple[Hit, ...]:
        """Passages that were looked at, the likeliest first."""
        logits = [clipped(looks[hit.number].answerable) for hit in hits]
        return reordered(hits, logits, self.calibration.ranking.proposed)

    def search(self, query: str, *, k: int = 5, documents: Sequence[str] = ()) -> tuple[Hit, ...]:
        """The `k` best passages for a query, best first.

        Raises:
            QuestionError: the query is empty, too long or holds no text, or `k` is below 1.
            UnknownDocumentError: a document or pattern chooses nothing; `documents` are as in `answer`.

        """
        _check_passages(k)
        within = self.catalogue.select(documents) if documents else self.within
        return search(self.index, query_of(self.encoder, checked_question(query)), k, self.fusion, within)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The documents and folders of the index; made when it is first asked for."""
        return Catalogue(self.index)

    def _limited(self, documents: Sequence[str]) -> QA:
        return replace(self, within=self.catalogue.select(documents))


@dataclass(frozen=True, slots=True)
class _Read:
    """Passages, what was read in each of them, and what that comes to; `None` where nothing could be quoted."""

    hits: tuple[Hit, ...]
    readings: tuple[Reading, ...]
    found: Assessment | None

    @property
    def sure(self) -> bool:
        """Whether reading more would hardly change the answer."""
        return self.found is not None and self.found.likelier >= SURE


def _with_sentence(trace: Trace, within: Selection | None) -> Trace:
    """The trace with a refusal that says where was searched; another outcome as it is."""
    outcome = trace.outcome
    if within is None or not isinstance(outcome, NoAnswer) or outcome.reason is Reason.NO_QUESTION:
        return trace
    return replace(trace, outcome=replace(outcome, text=f"{outcome.text} {within.sentence}"))


def _check_passages(k: int) -> None:
    if k < 1:
        raise QuestionError(f"At least one passage must be asked for, not {k}: give k of 1 or more.")


def checked_question(question: str) -> str:
    """The question without white space around it.

    Raises:
        QuestionError: it is empty, too long, or is not text.

    """
    if not isinstance(question, str):
        raise QuestionError(f"A question is a string, not {type(question).__name__}.")
    text = question.replace("\0", " ").strip()
    if not text:
        raise QuestionError("The question is empty: ask something about the text.")
    if len(text) > MAX_QUESTION_CHARS:
        raise QuestionError(f"The question has {len(text):,} characters; at most {MAX_QUESTION_CHARS:,} are read.")
    return text.encode("utf-8", "replace").decode("utf-8")
