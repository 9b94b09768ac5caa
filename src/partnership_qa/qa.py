"""The seams wired together: question in, cited answer or refusal out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .answering import Answer, Asked, NoAnswer, Reason, compose, decline, join
from .confidence import Calibration, load_calibration
from .conversation import complete, lean_on, said_before
from .errors import IndexMismatchError, QuestionError
from .questions import parts, question_words
from .retrieval import search
from .smalltalk import is_small_talk, reply
from .structure import Structure, structure_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .embedding import Encoder
    from .index import Index
    from .reading import Reader
    from .retrieval import Fusion, Hit

MAX_QUESTION_CHARS = 2000
READ_PASSAGES = 4


@dataclass(frozen=True)
class QA:
    """An index with all that answers from it. Immutable and safe to share between threads.

    Attributes:
        index: one generation, loaded.
        encoder: the one it was built with.
        reader: points at the words that answer.
        calibration: turns evidence into a probability.
        structure: the lists and tables of the index.

    """

    index: Index
    encoder: Encoder
    reader: Reader
    calibration: Calibration
    structure: Structure
    fusion: Fusion = "minmax"

    @classmethod
    def assemble(cls, index: Index, encoder: Encoder, reader: Reader, calibration: Calibration | None = None) -> QA:
        """Wire an index to an encoder and a reader.

        Raises:
            IndexMismatchError: the index was built with another encoder.

        """
        manifest = index.generation.manifest
        if manifest.fingerprint != encoder.fingerprint:
            what = f"it was built with the encoder {manifest.encoder} ({manifest.fingerprint[:12]})"
            raise IndexMismatchError(index.root, f"{what}, not {encoder.name} ({encoder.fingerprint[:12]})")
        return cls(index, encoder, reader, calibration or load_calibration(), structure_of(index.passages))

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Mapping[str, object]] = (),
        no_answer_threshold: float | None = None,
        k: int = READ_PASSAGES,
    ) -> Answer | NoAnswer:
        """Answer in the text's own words, or say that it does not hold the answer.

        Args:
            question: at most 2,000 characters.
            history: earlier messages, oldest first, as `{"role": "user" | "assistant", "content": str}`.
            no_answer_threshold: decline below this confidence, in [0, 1]; `None` takes the calibrated one.
            k: passages to read for each part of the question.

        Raises:
            QuestionError: the question is empty, too long or holds no text.
            CitationError: the index does not hold what it quotes.

        """
        question = checked_question(question)
        if is_small_talk(question):
            return NoAnswer(question, None, reply(self.index.passages), 0.0, Reason.NO_QUESTION, (), ())
        standalone = complete(question, history)
        threshold = self.calibration.threshold if no_answer_threshold is None else no_answer_threshold
        whole = self._asked(question, standalone, standalone or question)
        context = said_before(history)
        texts = parts(whole.text)
        if len(texts) == 1:
            return self._answer(whole, context, threshold, k)
        texts = (texts[0], *(lean_on(texts[0], text) for text in texts[1:]))
        answers = [self._answer(self._asked(question, standalone, text), context, threshold, k) for text in texts]
        return join(whole, answers, texts)

    def _asked(self, question: str, standalone: str | None, text: str) -> Asked:
        lexical = self.index.lexical
        return Asked(question, standalone, text, question_words(text, lexical.holds, lexical.rarity))

    def _answer(self, asked: Asked, context: str, threshold: float, k: int) -> Answer | NoAnswer:
        hits = search(self.index, self.encoder, asked.text, k, self.fusion, context)
        if len(asked.words.unknown) == len(asked.words.content):
            return decline(asked, hits, 0.0, Reason.NOTHING_RELATED)
        readings = self.reader.read(asked.text, [hit.passage for hit in hits])
        return compose(asked, self.index, self.structure, hits, readings, self.calibration, threshold)

    def search(self, query: str, *, k: int = 5) -> tuple[Hit, ...]:
        """The `k` best passages for a query, best first.

        Raises:
            QuestionError: the query is empty, too long or holds no text.

        """
        return search(self.index, self.encoder, checked_question(query), k, self.fusion)


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
