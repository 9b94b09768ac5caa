"""Outcomes and what they rest on, as text for a terminal; nothing is worked out here."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .terminal import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..answering.candidates import Assessment
    from ..answering.citing import Citation
    from ..answering.outcome import Answer, NoAnswer
    from ..evaluation.stability import Stability
    from ..qa import QA
    from ..trace import Part, Trace

SPANS_SHOWN = 8


def address(citation: Citation) -> str:
    """Where a quote stands, in one line."""
    line = f"{citation.document}:{citation.line}" + (f" p. {citation.page}" if citation.page else "")
    place = f"{citation.document}, {citation.place}" if citation.place else line
    return " > ".join([place, *citation.section])


def quotes_of(result: Answer | NoAnswer) -> tuple[Citation, ...]:
    """The quotes that are shown: of a doubtful refusal the closest ones."""
    return result.citations or getattr(result, "candidates", ())


def head_of(result: Answer | NoAnswer) -> str:
    """How sure an outcome is, and what the structure of the text adds or whether what follows is claimed."""
    if result.answered:
        note = getattr(result, "note", "")
        return f"confidence {result.confidence:.2f}" + (f" ({note})" if note else "") + "\n"
    closest = "\n\nThe closest passages (no answer is claimed):" if quotes_of(result) else ""
    return f"confidence {result.confidence:.2f}{closest}"


def outcome_text(result: Answer | NoAnswer, numbers: Sequence[int] = ()) -> str:
    """An outcome with its quotes and their addresses; `numbers` are those of the quotes, from 1 if none are given."""
    cited = quotes_of(result)
    quotes = [
        f"[{number}] {address(one)}\n    {' '.join(one.quote.split())}"
        for number, one in zip(numbers or range(1, len(cited) + 1), cited, strict=True)
    ]
    return "\n".join([result.text, head_of(result), *quotes])


def why_values(trace: Trace, qa: QA) -> dict[str, Any]:
    """What an outcome rests on, as plain values for JSON: nothing is searched or read again for it."""
    manifest = qa.index.generation.manifest
    return {
        "outcome": "answered" if trace.outcome.answered else "declined",
        "confidence": round(trace.outcome.confidence, 6), "threshold": round(trace.threshold, 6),
        "generation": qa.index.generation.name, "documents": len(manifest.sources), "passages": manifest.passages,
        "milliseconds": {stage.value: round(1000 * spent, 1) for stage, spent in trace.seconds.items()},
        "parts": [_part_values(part, qa) for part in trace.parts],
    }  # fmt: skip


def _part_values(part: Part, qa: QA) -> dict[str, Any]:
    from ..integrations.metadata import hit_values

    spans: list[dict[str, Any]] = [
        {"words": hit.passage.between(span.start, span.end), "passage": rank, "margin": round(span.score, 4)}
        for rank, (hit, reading) in enumerate(zip(part.hits, part.readings, strict=False), 1)  # or none is read
        for span in reading.spans
    ]
    return {
        "searched_for": part.text, "leaned_on_what_was_said": part.leaned,
        "found": [hit_values(hit, qa.index) for hit in part.hits],
        "evidence": _evidence(part.assessment), "read": sorted(spans, key=lambda one: -one["margin"])[:SPANS_SHOWN],
    }  # fmt: skip


def _evidence(found: Assessment | None) -> dict[str, float]:
    """What the confidence rests on: of a list or table where that is the likelier answer."""
    if found is None:
        return {}
    whole = found.given_whole
    values = asdict(found.evidence if whole is None else whole.evidence)
    return {name: round(value, 4) for name, value in values.items()}


def why_text(values: dict[str, Any], result: Answer | NoAnswer) -> str:
    """The values of `why_values` in lines; of a refusal also its report, as its card on the page has it."""
    spent = ", ".join(f"{stage} {ms:.0f}" for stage, ms in values["milliseconds"].items())
    there = f"{counted(values['passages'], 'passage')} of {counted(values['documents'], 'document')}"
    sure = f"confidence {values['confidence']:.3f}, threshold {values['threshold']:.3f}"
    lines = [
        "How this came about",
        f"  outcome     {values['outcome']}: {sure}",
        f"  searched    {there}, {values['generation']}",
        f"  time        {sum(values['milliseconds'].values()):.0f} ms ({spent})",
    ]
    report = getattr(result, "report", None)
    if report is not None:
        lines += ["  what the refusal rests on", *(f"    {name:24}{said}" for name, said in report.rows())]
    for part in values["parts"]:
        lines += _part_lines(part)
    return "\n".join(lines)


def _part_lines(part: dict[str, Any]) -> Iterator[str]:
    leaned = " (with what was said before)" if part["leaned_on_what_was_said"] else ""
    yield f"  searched for  {part['searched_for']}{leaned}"
    yield "  found"
    for number, hit in enumerate(part["found"], 1):
        lexical = "-" if hit["lexical"] is None else f"{hit['lexical']:.2f}"
        place = " > ".join([f"{hit['document']}:{hit['line']}", *hit["section"]])
        yield (f"    {number}. {place}  score {hit['score']:.3f}, similarity {hit['similarity']:.3f}, bm25 {lexical}")
    if part["evidence"]:
        yield "  evidence"
        for name, value in part["evidence"].items():
            yield f"    {name.replace('_', ' '):20}{value:8.2f}"
    if part["read"]:
        yield "  read in them (a margin above 0: rather these words than none)"
        for one in part["read"]:
            words = " ".join(one["words"].split())
            yield f"    {one['margin']:+.2f}  passage {one['passage']}  {words[:90]}"


def stability_text(found: Stability) -> str:
    """How often the same words came back, and what came instead."""
    if not found.variants:
        return "Stability: the question has fewer than two keywords, so that it has no other form."
    lines = [f"Stability: {found.same} of {len(found.variants)} other forms of the question say the same."]
    for one in found.variants:
        what = "keywords alone" if one.left_out is None else f"without “{one.left_out}”"
        said = "the same" if one.same else f"instead: {' '.join(one.outcome.text.split())[:120]}"
        lines.append(f"  {what:24} {said}")
    return "\n".join(lines)
