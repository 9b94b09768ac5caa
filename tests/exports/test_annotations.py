"""Quotes as W3C Web Annotations: built as the model says, in terms of its own context, and read back by `verify`."""

from __future__ import annotations

import json
import re

import pytest
from files import pdf

from partnership_qa import verify
from partnership_qa.answering.citing import Citation
from partnership_qa.answering.outcome import Answer, AnswerPart
from partnership_qa.answering.proving import proof
from partnership_qa.errors import ProofError
from partnership_qa.exports import export
from partnership_qa.index import build, open_index
from partnership_qa.proof import State
from partnership_qa.proof.annotations import iri_of, name_of

# Of "Web Annotation Vocabulary" and "Web Annotation Data Model" (W3C, 23 February 2017): by class, the keys that the
# context defines and we use, and those that must be there.
KEYS = {
    "AnnotationCollection": ({"id", "type", "label", "total", "first"}, {"id", "type"}),
    "AnnotationPage": ({"id", "type", "items", "startIndex"}, {"id", "type", "items"}),
    "Annotation": ({"id", "type", "motivation", "body", "target"}, {"id", "type", "target"}),
    "TextualBody": ({"type", "purpose", "format", "value"}, {"type", "value"}),
    "SpecificResource": ({"type", "source", "selector", "renderedVia"}, {"source"}),
    "Text": ({"id", "type", "format", "sha256"}, {"id"}),
    "Software": ({"type", "name"}, {"type"}),
    "TextPositionSelector": ({"type", "start", "end"}, {"type", "start", "end"}),
    "DataPositionSelector": ({"type", "start", "end"}, {"type", "start", "end"}),
    "TextQuoteSelector": ({"type", "exact", "prefix", "suffix"}, {"type", "exact"}),
    "FragmentSelector": ({"type", "value", "conformsTo"}, {"type", "value"}),
}
MOTIVATIONS = set(
    "assessing bookmarking classifying commenting describing editing highlighting identifying linking moderating "  # noqa: SIM905
    "questioning replying tagging".split()
)
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+|[^\s<>\"{}|\\^`:?#]+")


def faults(value, path="$"):
    """What the model does not allow in a JSON-LD value without its `@context`."""
    if isinstance(value, list):
        return [fault for number, one in enumerate(value) for fault in faults(one, f"{path}[{number}]")]
    if not isinstance(value, dict):
        return []
    kind = value.get("type")
    if kind not in KEYS:
        return [f"{path}: no class {kind}"]
    allowed, needed = KEYS[kind]
    found = [f"{path}: {key} is no term of {kind}" for key in value.keys() - allowed]
    found += [f"{path}: {kind} needs {key}" for key in needed - value.keys()]
    if "id" in value and not IRI.fullmatch(value["id"]):
        found.append(f"{path}: {value['id']} is no IRI")
    for key in ("motivation", "purpose"):
        if key in value and value[key] not in MOTIVATIONS:
            found.append(f"{path}: no motivation {value[key]}")
    for key in ("start", "end", "total", "startIndex"):
        if key in value and not (type(value[key]) is int and value[key] >= 0):
            found.append(f"{path}: {key} is no xsd:nonNegativeInteger")
    return found + [fault for key, one in value.items() for fault in faults(one, f"{path}.{key}")]


@pytest.fixture
def answers(qa):
    return [qa.answer(one) for one in ("When was the harbour dug?", "Which berth has the boat Dinghy?", "Any zebras?")]


def test_they_are_built_as_the_model_says(answers):
    values = json.loads(export(answers, "w3c"))
    assert values.pop("@context") == ["http://www.w3.org/ns/anno.jsonld", {"sha256": "https://schema.org/sha256"}]
    assert faults(values) == []
    assert values["total"] == len(values["first"]["items"]) == sum(len(one.citations) for one in answers)
    assert len({one["id"] for one in values["first"]["items"]}) == values["total"]
    broken = values | {"first": values["first"] | {"page": 1}}
    assert faults(broken) == ["$.first: page is no term of AnnotationPage"]


def test_question_and_answer_are_the_bodies_and_the_quote_is_the_target(answers):
    first = json.loads(export(answers, "w3c"))["first"]["items"][0]
    (cited,) = answers[0].citations
    assert [(one["purpose"], one["value"]) for one in first["body"]] == [
        ("questioning", "When was the harbour dug?"), ("replying", answers[0].text),
    ]  # fmt: skip
    assert first["target"]["source"] == {
        "id": "harbour.md", "type": "Text", "sha256": cited.sha256, "format": "text/markdown",
    }  # fmt: skip
    by_type = {one["type"]: one for one in first["target"]["selector"]}
    assert (by_type["TextPositionSelector"]["start"], by_type["TextPositionSelector"]["end"]) == (
        cited.start,
        cited.end,
    )
    assert by_type["TextQuoteSelector"]["exact"] == cited.quote
    assert by_type["TextQuoteSelector"]["prefix"] == cited.proof.prefix
    assert by_type["DataPositionSelector"]["start"] == cited.proof.bytes.start


def test_our_own_verify_reads_them_back(answers, corpus):
    values = json.loads(export(answers, "w3c"))
    for given in (values, values["first"], values["first"]["items"], values["first"]["items"][0]):
        assert {one.state for one in verify(given, corpus)} == {State.INTACT}
    file = corpus / "harbour.md"
    file.write_text("One line more.\n\n" + file.read_text("utf-8"), encoding="utf-8")
    assert {one.state for one in verify(values, corpus)} == {State.MOVED}
    file.write_text(file.read_text("utf-8").replace("1874", "1875"), encoding="utf-8")
    assert verify(values, corpus)[0].state is State.CHANGED


def test_a_page_of_a_pdf_is_a_fragment_and_is_read_back(tmp_path, encoder):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a b.pdf").write_bytes(pdf([["The first page."], ["The lamp burnt colza oil."]]))
    build(tmp_path / "corpus", tmp_path / "index", encoder)
    index = open_index(tmp_path / "index")
    source = index.sources["a b.pdf"]
    start = source.text.index("The lamp")
    quote = source.text[start : start + 25]
    proved = proof(index, "a b.pdf", start, start + 25)
    cited = Citation("a b.pdf", start, start + 25, quote, (), 3, 2, (), source.sha256, proof=proved)
    values = json.loads(export([Answer("?", None, quote, 0.9, (cited,), parts=(AnswerPart(quote, (cited,)),))], "w3c"))
    target = values["first"]["items"][0]["target"]
    assert target["source"]["id"] == "a%20b.pdf"
    assert target["selector"][-1] == {
        "type": "FragmentSelector", "conformsTo": "http://tools.ietf.org/rfc/rfc3778", "value": "page=2",
    }  # fmt: skip
    (verdict,) = verify(values, tmp_path / "corpus")
    assert (verdict.state, verdict.proof.page) == (State.INTACT, 2)
    values["first"]["items"][0]["target"]["selector"][-1]["value"] = "page=1"
    assert verify(values, tmp_path / "corpus")[0].state is State.MOVED


@pytest.mark.parametrize("name", ["a.txt", "a b/ç#1?.md", "100%.txt", "a:b.txt", "https://example.org/a?b=c#d"])
def test_the_name_of_a_document_comes_back_from_its_iri(name):
    assert name_of(iri_of(name)) == name
    assert IRI.fullmatch(iri_of(name))


@pytest.mark.parametrize(("change", "field"), [
    ({"target": None}, "target"), ({"target": {"selector": []}}, "source"), ({"target": {"source": "a"}}, "selector"),
    ({"target": {"source": "a", "selector": [{"type": "TextQuoteSelector", "exact": "x"}]}}, "selector"),
    ({"target": {"source": "a", "selector": [{"type": "TextQuoteSelector"},
                                              {"type": "TextPositionSelector", "start": 0, "end": 1}]}}, "quote"),
])  # fmt: skip
def test_an_annotation_that_says_no_characters_is_refused(change, field):
    with pytest.raises(ProofError) as found:
        verify({"type": "Annotation"} | change, {})
    assert found.value.field == field
