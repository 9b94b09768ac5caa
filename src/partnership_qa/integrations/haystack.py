"""Haystack: a retriever over an index, and a reader of the documents that any retriever found.

    pipeline.add_component("retriever", PartnershipQARetriever("my_index/"))
    pipeline.add_component("reader", PartnershipQAReader())
    pipeline.connect("retriever.documents", "reader.documents")

The reader has the interface of Haystack's `TransformersExtractiveReader`: `run(query, documents, top_k)` gives
`ExtractedAnswer`s with their offsets. Its scores are calibrated, and one of its answers is that there is none.

A pipeline that is read from YAML must be allowed to import this module:
`Pipeline.loads(text, allowed_modules=["partnership_qa.*"])`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ..answering.candidates import evidence_of
from ..answering.outcome import Kind
from ..document import Section, make_document
from ..errors import EmptyCorpusError, OptionalDependencyError, QuestionError
from ..question.words import Question, question_words
from ..sources import TEXT_SUFFIXES, read_blocks
from .metadata import citation_metadata, hit_metadata
from .opening import Opening

try:
    from haystack import Document, ExtractedAnswer, component, default_from_dict, default_to_dict
except ImportError as error:
    raise OptionalDependencyError("haystack-ai", "haystack", "Reading in a Haystack pipeline") from error

if TYPE_CHECKING:
    from ..document import Document as Text
    from ..embedding import Encoder
    from ..qa import QA
    from ..reading import Reader
    from ..trace import Trace

_GIVEN = Path("documents")  # what stands for the index in a message about documents that were given


@component
class PartnershipQARetriever:
    """The passages of an index that fit a query best, as Haystack's documents.

    `Document.content` is the passage as the source has it, `score` and `meta` say where it stands and how it was found.
    """

    def __init__(
        self,
        index: str | None = None,
        collection: str | None = None,
        home: str | None = None,
        top_k: int = 5,
        documents: list[str] | None = None,
    ) -> None:
        """Name what is searched; it is loaded by `warm_up`, or with the first query.

        Args:
            index, collection, home: what is searched, as `partnership_qa.load` takes them.
            top_k: passages a query, 1 and up.
            documents: names, folders and patterns of the documents to search; all if empty.

        """
        self.index, self.collection, self.home = index, collection, home
        self.top_k, self.documents = _checked(top_k), documents
        self._opening = Opening(index, collection, home)

    def warm_up(self) -> None:
        """Load the index, the encoder and the reader."""
        _ = self._opening.qa

    def to_dict(self) -> dict[str, Any]:
        """What YAML holds of it."""
        values: dict[str, Any] = default_to_dict(
            self, index=self.index, collection=self.collection, home=self.home, top_k=self.top_k,
            documents=self.documents,
        )  # fmt: skip
        return values

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PartnershipQARetriever:
        """Made again from `to_dict`."""
        made: PartnershipQARetriever = default_from_dict(cls, data)
        return made

    @component.output_types(documents=list[Document])
    def run(self, query: str, top_k: int | None = None) -> dict[str, list[Document]]:
        """The `top_k` best passages, best first.

        Raises:
            QuestionError: the query is empty or too long, or `top_k` is below 1.
            CorpusIndexError: the index cannot be used.

        """
        qa = self._opening.qa
        k = self.top_k if top_k is None else _checked(top_k)
        hits = qa.search(query, k=k, documents=self.documents or ())
        return {
            "documents": [
                Document(content=hit.passage.text, score=hit.score, meta=dict(hit_metadata(hit, qa.index)))
                for hit in hits
            ]
        }


@component
class PartnershipQAReader:
    """Points at the words of the given documents that answer a query, or says that none does.

    Each `ExtractedAnswer` has `data`, its words exactly as `document.content` has them at `document_offset`; `context`,
    the sentence, item or row around them; and `score`, the calibrated probability that it is right. One has no `data`:
    its score is the probability that the best of the others is wrong, as no answer is in the documents.
    """

    def __init__(self, top_k: int = 20, score_threshold: float | None = None, no_answer: bool = True) -> None:
        """Nothing is loaded before `warm_up`, or the first query.

        Args:
            top_k: answers a query, 1 and up, the one that there is none among them.
            score_threshold: leave out answers below this score, in [0, 1]; `None` leaves out none.
            no_answer: whether one of the answers may be that there is none.

        """
        self.top_k, self.score_threshold, self.no_answer = _checked(top_k), score_threshold, no_answer
        self._models: tuple[Encoder, Reader] | None = None

    def warm_up(self) -> None:
        """Load the encoder and the reader."""
        if self._models is None:
            from ..embedding import load_encoder
            from ..reading import load_reader

            self._models = load_encoder(), load_reader()

    def to_dict(self) -> dict[str, Any]:
        """What YAML holds of it."""
        values: dict[str, Any] = default_to_dict(
            self, top_k=self.top_k, score_threshold=self.score_threshold, no_answer=self.no_answer
        )
        return values

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PartnershipQAReader:
        """Made again from `to_dict`."""
        made: PartnershipQAReader = default_from_dict(cls, data)
        return made

    @component.output_types(answers=list[ExtractedAnswer])
    def run(
        self,
        query: str,
        documents: list[Document],
        top_k: int | None = None,
        score_threshold: float | None = None,
        no_answer: bool | None = None,
    ) -> dict[str, list[ExtractedAnswer]]:
        """Read the documents and give the likeliest answers, best first.

        Args:
            query: a question.
            documents: what to read; those without text are passed over.
            top_k, score_threshold, no_answer: in the place of those given at the start.

        Raises:
            QuestionError: the query is empty or too long, or `top_k` is below 1.
            ModelError: weights are missing or damaged.

        """
        k = self.top_k if top_k is None else _checked(top_k)
        least = self.score_threshold if score_threshold is None else score_threshold
        given = {f"{number}{_suffix(one)}": one for number, one in enumerate(documents) if one.content}
        found, none = self._read(query, given)
        if self.no_answer if no_answer is None else no_answer:
            found.append(ExtractedAnswer(query=query, score=none, data=None))
        kept = [one for one in found if least is None or one.score >= least]
        return {"answers": sorted(kept, key=lambda one: -one.score)[:k]}

    def _read(self, query: str, given: dict[str, Document]) -> tuple[list[ExtractedAnswer], float]:
        """Answers, and the probability that there is none."""
        from ..index.memory import index_in_memory
        from ..qa import QA, READ_PASSAGES, checked_question

        checked_question(query)
        self.warm_up()
        assert self._models is not None
        encoder, reader = self._models
        try:
            index = index_in_memory([_text(name, one) for name, one in given.items()], encoder, _GIVEN)
        except EmptyCorpusError:
            return [], 1.0
        qa = QA.assemble(index, encoder, reader)
        # Every document was chosen by whoever asks, so that as many passages are read as there are documents.
        trace = qa.trace(query, no_answer_threshold=0.0, k=max(READ_PASSAGES, len(given)))
        return _answers(query, qa, trace, given), 1.0 - trace.outcome.confidence


def _answers(query: str, qa: QA, trace: Trace, given: dict[str, Document]) -> list[ExtractedAnswer]:
    """What the outcome says, then what else was read, by the place of each and with scores no higher."""
    index, outcome, found = qa.index, trace.outcome, {}
    for part in getattr(outcome, "parts", ()):
        for cited in part.citations:
            start, end = cited.highlights[0].start, cited.highlights[-1].end
            answer = _answer(query, outcome.confidence, given[cited.document], (start, end), (cited.start, cited.end))
            found[cited.document, cited.start] = _with_meta(answer, dict(citation_metadata(cited, index, trace.hits)))
    if getattr(outcome, "kind", None) not in {Kind.WORDS, Kind.SENTENCES}:
        return list(found.values())
    words = question_words(query, index.lexical.holds)
    asked = Question(query, None, query, query, words)
    for part in trace.parts:
        for one in part.assessment.others if part.assessment else ():
            place = one.passage.document, one.unit.start
            if place not in found and one.said:
                score = min(outcome.confidence, qa.calibration.probability(evidence_of(asked, one)))
                span, around = (one.span.start, one.span.end), (one.unit.start, one.unit.end)
                answer = _answer(query, score, given[place[0]], span, around)
                meta = dict(hit_metadata(one.hit, index)) | {
                    "start": around[0], "end": around[1], "line": index.sources[place[0]].line(around[0]),
                }  # fmt: skip
                found[place] = _with_meta(answer, meta)
    return list(found.values())


def _answer(
    query: str, score: float, document: Document, span: tuple[int, int], around: tuple[int, int]
) -> ExtractedAnswer:
    text = document.content
    return ExtractedAnswer(
        query=query, score=score, data=text[slice(*span)], document=document, context=text[slice(*around)],
        document_offset=ExtractedAnswer.Span(*span),
        context_offset=ExtractedAnswer.Span(span[0] - around[0], span[1] - around[0]),
    )  # fmt: skip


def _with_meta(answer: ExtractedAnswer, meta: dict[str, Any]) -> ExtractedAnswer:
    """The address of the quote: in the source where the document says where it was taken from, else in its content."""
    known = answer.document.meta
    if isinstance(known.get("document"), str) and isinstance(known.get("start"), int):
        meta |= {"document": known["document"], "start": known["start"] + meta["start"]}
        meta["end"] = known["start"] + meta["end"]
        meta["line"] = known["line"] + meta["line"] - 1 if isinstance(known.get("line"), int) else meta["line"]
        meta |= {name: known[name] for name in ("sha256", "generation") if name in known}
        # A passage may go over to the next page.
        meta["page"] = known.get("page") if meta["start"] == known["start"] else None
    else:
        meta["document"] = str(known.get("file_path") or answer.document.id)
    return replace(answer, meta=meta)


def _text(name: str, given: Document) -> Text:
    """A document as ours has them, below the headings that it was found under."""
    content = given.content
    data = content.encode("utf-8", "replace")
    text = make_document(name, data, content, read_blocks(content, PurePosixPath(name).suffix))
    above = given.meta.get("section")
    if not isinstance(above, (list, tuple)) or not all(isinstance(heading, str) for heading in above):
        return text
    return replace(text, sections=tuple(Section((*above, *one.headings), one.blocks) for one in text.sections))


def _suffix(given: Document) -> str:
    """Of the file it comes from, where that is a text whose marks are read; else that of plain text."""
    named = str(given.meta.get("document") or given.meta.get("file_path") or "")
    suffix = PurePosixPath(named).suffix.lower()
    return suffix if suffix in TEXT_SUFFIXES else ".txt"


def _checked(top_k: int) -> int:
    if top_k < 1:
        raise QuestionError(f"At least one must be asked for, not {top_k}: give top_k of 1 or more.")
    return top_k
