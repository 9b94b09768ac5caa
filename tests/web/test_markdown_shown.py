"""Markdown on the page: its signs are not shown, what they say of the words is, and no link leads anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markup import Reader

from partnership_qa.answering.citing import Citation
from partnership_qa.answering.outcome import Answer, AnswerPart, Kind
from partnership_qa.index import Source
from partnership_qa.sources.markdown_inline import SIGN, styles
from partnership_qa.text import Span
from partnership_qa.trace import Trace
from partnership_qa.web import export
from partnership_qa.web.html.cards import turn_card
from partnership_qa.web.html.marks import Mark
from partnership_qa.web.html.source_view import document_html
from partnership_qa.web.turns import Turn

TEXT = (
    "# The **Harbour** `book`\n\nThe notice for a berth is **30 *full* days**, "
    "as [the rules](https://example.com/r 'R') say.\n\n- **Full featured**: water and `a  b`.\n\n"
    "| Boat | **Fee** |\n|---|---|\n| Yawl | *55* |\n"
)


def shown(text):
    """A text without its signs."""
    signs = {at for one in styles(text) if one.kind == SIGN for at in range(one.start, one.end)}
    return "".join(char for at, char in enumerate(text) if at not in signs)


def set_as(text, kind):
    return [text[one.start : one.end] for one in styles(text) if one.kind == kind]


@pytest.fixture
def source():
    return source_of(TEXT)


def source_of(text, name="book.md"):
    starts = (0, *(at + 1 for at, char in enumerate(text) if char == "\n"))
    return Source(name, text, "0" * 64, starts, ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a **b** c", "a b c"),
        ("*a* and __b__", "a and b"),
        ("`a * b` and ``c`d``", "a * b and c`d"),
        ('see [the *new* rules](<a b> "t") (and more)', "see the new rules (and more)"),
        ("[a](b(c)d) a", "a a"),
        ("![a map](map.png)!", "a map!"),
        (r"2 \* 3 and \[x\]", "2 * 3 and [x]"),
        ("snake_case and 2 * 3 * 4", "snake_case and 2 * 3 * 4"),
        ("<https://a.example>", "https://a.example"),
        ("[1] and [a][b]", "[1] and [a][b]"),
        ("&amp; <b>bold</b>", "&amp; <b>bold</b>"),
        ("one\\\ntwo", "one\ntwo"),
        ("**open", "**open"),
    ],
)
def test_signs_are_left_out_and_words_stay_as_they_stand(text, words):
    assert shown(text) == words


def test_words_are_set_as_their_signs_say():
    text = "**a *b* c** `d` [e](f)"
    found = {kind: set_as(text, kind) for kind in ("strong", "em", "code", "link")}
    assert found == {"strong": ["a *b* c"], "em": ["b"], "code": ["d"], "link": ["e"]}


@given(st.text(alphabet="ab *_`[]()\\<>!\n&;\"'", max_size=40))
def test_any_text_has_styles_within_it(text):
    assert all(0 <= one.start <= one.end <= len(text) for one in styles(text))


def test_the_source_view_shows_words_and_no_signs(source):
    html = document_html(source)
    text = Reader(html).text
    assert all(sign not in text for sign in ("**", "`", "](", "*55*", "example.com"))
    assert "<strong>Harbour</strong>" in html
    assert "<code>book</code>" in html
    assert "<strong><em>full</em></strong>" in html
    assert "href='https" not in html


def test_a_mark_that_begins_at_a_sign_has_its_anchor_on_the_first_word(source):
    start = TEXT.index("**30")
    html = document_html(source, [Mark(start, start + 17, "quote", "cite-0-1")], current="cite-0-1")
    assert '<mark class="pq-quote" id="cite-0-1" tabindex="-1" data-of="cite-0-1"><strong>30 </strong></mark>' in html


def test_another_kind_of_text_keeps_its_signs():
    assert "**30**" in Reader(document_html(source_of("It takes **30** days.\n", "book.txt"))).text


def test_a_quote_is_shown_and_saved_without_signs_and_kept_with_them(source):
    start = TEXT.index("The notice")
    quote = TEXT[start : TEXT.index("say.") + 4]
    words = Span(TEXT.index("30"), TEXT.index(" days"))
    cited = Citation(
        "book.md", start, start + len(quote), quote, (words,), 3, None, ("The **Harbour** `book`",), source.sha256
    )
    said = Answer("How long?", None, "30", 0.8, (cited,), "", Kind.WORDS, (AnswerPart("30", (cited,)),))
    turn = Turn("How long?", Trace(said, (), 0.5), "gen", 5, 3)
    text = Reader(turn_card(0, turn, {"book.md": source})).text
    assert "is 30 full days, as the rules say." in text
    assert "The Harbour book" in text
    assert quote in export.saved([turn], "JSON")[1].replace("\\n", "\n")
    assert "is 30 full days, as the rules say." in export.turn_markdown(turn)
