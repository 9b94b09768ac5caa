"""Questions for the meaning of a term, and sentences that give it."""

from __future__ import annotations

import pytest

from partnership_qa.answering.candidates import candidates, with_meaning
from partnership_qa.chunking import Passage, Unit
from partnership_qa.document import BlockKind
from partnership_qa.question.definitions import definition_in, term_asked
from partnership_qa.question.form import question_words
from partnership_qa.reading import Reading, ReadSpan
from partnership_qa.retrieval import Hit
from partnership_qa.text import Span, terms


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("What is a covered work?", "covered work"),
        ("what are the system libraries", "system libraries"),
        ("Who is the Licensor?", "Licensor"),
        ("What’s an MMC Site?", "MMC Site"),
        ("And what does propagate mean?", "propagate"),
        ("What does it mean to convey a work?", "convey a work"),
        ("What does CSIRT stand for?", "CSIRT"),
        ("What is meant by the aggregate?", "aggregate"),
        ("What is the meaning of object code?", "object code"),
        ("Define a User Product.", "User Product"),
    ],
)
def test_a_question_for_a_meaning_names_its_term(question: str, term: str) -> None:
    assert term_asked(question) == tuple(terms(term))


@pytest.mark.parametrize(
    "question",
    [
        "How much is it?",
        "What did Amazon invest?",
        "When is a work covered?",
        "",
        "What is?",
        "What is the name of the ship that sank with all of its crew?",
    ],
)
def test_other_questions_name_none(question: str) -> None:
    assert term_asked(question) == ()


@pytest.mark.parametrize(
    ("text", "term", "meaning"),
    [
        ('A "covered work" means either this or that.', "covered work", "either this or that"),
        ("Object code means any non-source form.", "object code", "any non-source form"),
        ('The "source code" for a work means the preferred form.', "source code", "the preferred form"),
        ('"Major Component", in this context, means a part (of it);', "major component", "a part (of it)"),
        ('"Long Name" (or "LN") means any site.', "LN", "any site"),
        ('"Long Name" (or "LN") means any site.', "long name", "any site"),
        ('Here, “control” means (i) the power.', "control", "(i) the power"),
        ('The "Title Page" means, for a book, the page itself.', "title page", "for a book, the page itself"),
        ('"Derivative Works" shall mean any work', "derivative work", "any work"),
        ("(b) CSIRT stands for a team.", "CSIRT", "a team"),
    ],
)  # fmt: skip
def test_the_meaning_is_what_follows_the_verb(text: str, term: str, meaning: str) -> None:
    found = definition_in(text, terms(term))
    assert found is not None
    assert found.meaning is not None
    assert (found.explicit, text[slice(*found.meaning)]) == (True, meaning)


def test_what_something_is_called_is_explained_by_the_whole_sentence() -> None:
    found = definition_in('A compilation of works is called an "aggregate" if it is lawful.', terms("aggregate"))
    assert found is not None
    assert (found.explicit, found.meaning) == (True, None)


def test_what_something_is_explains_it_less() -> None:
    found = definition_in("A twin prime is a prime next to another.", terms("twin prime"))
    assert found is not None
    assert not found.explicit


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("The harbour was dug in 1874.", "harbour"),
        ("The boat is a dinghy.", "harbour"),
        ("Convey the object code, which means work.", "object code"),
        ('We say "yes" to all.', "yes"),
        ("", "harbour"),
    ],
)
def test_other_sentences_give_no_meaning(text: str, term: str) -> None:
    assert definition_in(text, terms(term)) is None


@pytest.mark.parametrize("filler", ["-", "a ", "(", "' ", "called ", "the "])
def test_a_term_far_from_the_beginning_is_not_defined_however_much_stands_before_it(filler: str) -> None:
    assert definition_in(f'{filler * 50_000}x "work" means text', terms("work")) is None


def test_the_sentence_that_defines_goes_before_one_that_reads_a_little_better() -> None:
    text = 'A work is work. A "work" means a text.'
    units = tuple(Unit(BlockKind.PARAGRAPH, a, b, Span(a, b)) for a, b in ((0, 15), (16, 38)))
    hit = Hit(Passage("a.txt", 5, 43, text, (), 1, tuple(_moved(unit, 5) for unit in units)), 0, 1.0, 1.0, 1.0)
    reading = Reading((ReadSpan(15, 19, 0, 5.0), ReadSpan(24, 28, 1, 0.5)), 1.0)
    words = question_words("What is a work?", lambda _: True)
    best = candidates(words, [hit], [reading])[0]
    assert text[best.span.start - 5 : best.span.end - 5] == "a text"
    assert best.span.score == 0.5
    other = candidates(question_words("What works?", lambda _: True), [hit], [reading])[0]
    assert other.span.unit == 0


def _moved(unit: Unit, by: int) -> Unit:
    return Unit(unit.kind, unit.start + by, unit.end + by, Span(unit.content.start + by, unit.content.end + by))


def _hits(*texts: str) -> list[Hit]:
    found = []
    for text in texts:
        unit = Unit(BlockKind.PARAGRAPH, 0, len(text), Span(0, len(text)))
        found.append(Hit(Passage("a.txt", 0, len(text), text, (), 1, (unit,)), 0, 1.0, 1.0, 1.0))
    return found


ASKED = question_words("What is a work?", lambda _: True)
PLAIN = ("Work one.", "Work two.", "Work three.")


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        ((*PLAIN, 'A "work" means text.'), [0, 3]),
        (("Work one.", 'A "work" means text.', "Work two.", '"Work" means more.'), [0, 1]),
        ((*PLAIN, "Work four."), [0, 1]),
        ((*PLAIN, 'A "work" means any of the following:'), [0, 1]),
        (PLAIN[:1], [0]),
        ((), []),
    ],
)
def test_a_passage_that_defines_is_among_those_that_are_read(texts: tuple[str, ...], chosen: list[int]) -> None:
    hits = _hits(*texts)
    assert with_meaning(ASKED, hits, 2) == tuple(hits[n] for n in chosen)


def test_a_question_for_something_else_reads_the_best_passages() -> None:
    hits = _hits(*PLAIN, 'A "work" means text.')
    assert with_meaning(question_words("Who works?", lambda _: True), hits, 2) == tuple(hits[:2])
