"""Mail: headers, own words, quoted replies, signatures, attachments, and the address of each message."""

from __future__ import annotations

import sys

import pytest
from files import docx, mbox, message, pdf, xlsx
from test_extraction import outline, sound

from partnership_qa.document import place_of
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.layout import Extracted
from partnership_qa.sources.mail import read_eml, read_mbox

HEAD = [
    "h1 Fees", "row From|Anna Berg <anna@example.org>", "row To|bob@example.org",
    "row Date|Wed, 01 May 2024 10:00:00 +0200", "row Subject|Fees",
]  # fmt: skip
ADDRESS = "message of 2024-05-01 from Anna Berg"


def body(text: str) -> list[str]:
    taken = read_eml(message(text))
    sound(taken)
    assert outline(taken)[:5] == HEAD
    return outline(taken)[5:]


def place(taken: Extracted, words: str) -> str | None:
    return place_of(taken.places, taken.text.index(words))


def test_headers_are_a_table_under_the_subject_and_the_address_names_day_and_sender() -> None:
    taken = read_eml(message("The fee is three crowns.\n"))
    assert outline(taken) == [*HEAD, "p The fee is three crowns."]
    assert place(taken, "The fee") == ADDRESS


def test_a_message_without_subject_stands_under_its_address() -> None:
    taken = read_eml(b"From: anna@example.org\n\nWords.\n")
    assert outline(taken) == ["h1 message from anna@example.org", "row From|anna@example.org", "p Words."]


def test_plain_text_is_preferred_to_html_and_html_is_read_where_it_is_alone() -> None:
    assert outline(read_eml(message("Plain.\n", html="<p>Rich.</p>")))[5:] == ["p Plain."]
    assert outline(read_eml(message(" \n", html="<h1>Rich</h1><p>Words.</p>")))[5:] == ["h2 Rich", "p Words."]


@pytest.mark.parametrize(("quoted", "title"), [
    ("<div class='gmail_quote'><div>On 30 Apr 2024 Bob wrote:<br></div><blockquote>Is it due?</blockquote></div>",
     "On 30 Apr 2024 Bob wrote:"),
    ('<blockquote type="cite"><p>Is it due?</p></blockquote>', "Quoted"),
])  # fmt: skip
def test_a_quotation_at_the_foot_of_html_is_a_section_too(quoted: str, title: str) -> None:
    taken = read_eml(message(" \n", html=f"<div><p>Yes.</p>{quoted}</div>"))
    assert outline(taken)[5:] == ["p Yes.", f"h2 {title}", "p Is it due?"]


CITED = '<blockquote type="cite"><p>{}</p></blockquote>'


@pytest.mark.parametrize(("page", "expected"), [
    ("<p>Dear Bob,</p>" + CITED.format("Is the lamp lit?") + "<p>Since dusk.</p>" + CITED.format("And the oil?")
     + "<p>It lasts a week.</p>",
     ["p Dear Bob,", "- Is the lamp lit?", "p Since dusk.", "- And the oil?", "p It lasts a week."]),
    ("<p>On 30 Apr 2024 Bob wrote:</p>" + CITED.format("Is it lit?</p>" + CITED.format("Who asks?")) + "<p>It is.</p>",
     ["p On 30 Apr 2024 Bob wrote:", "- Is it lit?", "- Who asks?", "p It is."]),
    ("<div class='gmail_quote'><div>On 30 Apr 2024 Bob wrote:<br></div><blockquote><div>Is it lit?</div></blockquote>"
     "<div>It is.</div></div>",
     ["p On 30 Apr 2024 Bob wrote:", "- Is it lit?", "p It is."]),
], ids=["between", "above, nested", "gmail"])  # fmt: skip
def test_own_words_between_and_below_quotations_in_html_are_told_from_them(page: str, expected: list[str]) -> None:
    taken = read_eml(message(" \n", html=page))
    sound(taken)
    assert [line.replace("li0 ", "- ") for line in outline(taken)[5:]] == expected
    quoted = [b for b in taken.blocks if taken.text[b.start] == ">"]
    assert [taken.text[b.content.start : b.content.end] for b in quoted] == [
        line[2:] for line in expected if line[0] == "-"
    ]
    depths = [taken.text[b.start : b.content.start].count(">") for b in quoted]
    assert depths == ([1, 2] if "Who asks?" in page else [1] * len(quoted))


def test_a_message_put_below_in_html_is_told_by_its_headers() -> None:
    headers = "<div><b>From:</b> Bob<br><b>Sent:</b> 30 April 2024<br><b>Subject:</b> Lamp</div>"
    page = f"<p>It is.</p>{headers}<p>Is it lit?</p>"
    found = outline(read_eml(message(" \n", html=page)))[5:]
    assert [found[0], found[1], found[-1]] == ["p It is.", "h2 Quoted", "p Is it lit?"]
    assert outline(read_eml(message(" \n", html=page.removeprefix("<p>It is.</p>"))))[5] != "h2 Quoted"


def test_a_reply_below_what_it_answers_is_the_messages_own() -> None:
    assert body("On 30 Apr 2024 Bob wrote:\n> Is it lit?\n\nIt is.\n")[-1] == "p It is."


def test_a_quotation_at_the_foot_is_a_section_under_what_introduces_it() -> None:
    text = "Yes.\n\nOn Tue, 30 Apr 2024 at 09:00, Bob <bob@example.org> wrote:\n> Is the fee due?\n>\n> Bob\n"
    assert body(text) == [
        "p Yes.", "h2 On Tue, 30 Apr 2024 at 09:00, Bob <bob@example.org> wrote:", "p Is the fee due?", "p Bob",
    ]  # fmt: skip


def test_short_lines_of_a_message_are_no_headings() -> None:
    assert body("Dear Bob\n\nIs the fee due?\n\nThe lamp has to be lit at dusk by whoever moors here.\n") == [
        "p Dear Bob", "p Is the fee due?", "p The lamp has to be lit at dusk by whoever moors here.",
    ]  # fmt: skip


def test_quotations_in_quotations_stand_one_level_deeper() -> None:
    text = "Yes.\n\nAm 30.04.2024 schrieb Bob:\n> No.\n> Am 29.04.2024 schrieb Carl:\n>> Perhaps.\n"
    assert body(text) == [
        "p Yes.", "h2 Am 30.04.2024 schrieb Bob:", "p No.", "h3 Am 29.04.2024 schrieb Carl:", "p Perhaps.",
    ]  # fmt: skip


def test_a_quotation_between_own_words_opens_with_its_sign_outside_its_content() -> None:
    text = "Hello,\n\n> Is the fee\n> due in May?\n\nYes, it is.\n\n>> And the lamp?\n\nNo.\n"
    taken = read_eml(message(text))
    assert outline(taken)[5:] == [
        "p Hello,", "li0 Is the fee due in May?", "p Yes, it is.", "li0 And the lamp?", "p No.",
    ]  # fmt: skip
    assert "\n> Is the fee due in May?\n" in taken.text
    assert "\n>> And the lamp?\n" in taken.text


def test_a_signature_is_kept_line_by_line_before_what_is_quoted_below() -> None:
    text = "Yes.\n\n-- \nAnna Berg\nTel. 123\n\nOn 30 Apr 2024 Bob wrote:\n> Is it due?\n"
    assert body(text) == ["p Yes.", "code Anna Berg\nTel. 123", "h2 On 30 Apr 2024 Bob wrote:", "p Is it due?"]
    below = "Yes.\n\nOn 30 Apr 2024 Bob wrote:\n> Is it due?\n\n-- \nAnna Berg\n"
    assert body(below) == ["p Yes.", "code Anna Berg", "h2 On 30 Apr 2024 Bob wrote:", "p Is it due?"]


def test_a_message_put_below_another_is_told_by_its_headers() -> None:
    text = "See below.\n\n-----Original Message-----\nFrom: Bob\nSent: Tuesday\nSubject: Fees\n\nIs it due?\n"
    assert body(text)[:2] == ["p See below.", "h2 Original Message"]
    assert body(text)[-1] == "p Is it due?"


HEADERS = "From: Bob <bob@example.com>\nSent: Tuesday, 30 April 2024 16:22\nTo: Anna\nSubject: Fees\n"


@pytest.mark.parametrize(("above", "title"), [
    ("", "h2 Quoted"),
    ("--- On Tue, 30/4/24, bob@example.com wrote:\n\n", "h2 On Tue, 30/4/24, bob@example.com wrote:"),
], ids=["alone", "introduced"])  # fmt: skip
@pytest.mark.parametrize("headers", [HEADERS, HEADERS.replace("\n", "\n\n")], ids=["close", "apart"])
def test_headers_of_an_earlier_message_are_told_without_a_line_of_dashes(above: str, title: str, headers: str) -> None:
    said = body(f"See below.\n\nAnna\n\n{above}{headers}\nIs it due?\n")
    assert said[:3] == ["p See below.", "p Anna", title]
    assert said[3].startswith("p From: Bob <bob@example.com>")
    assert said[-1] == "p Is it due?"


@pytest.mark.parametrize("text", [
    "See you there.\n\nStart: 10:00\nEnd: 12:00\nRoom: Harbour\n\nBye.\n",
    "Write to us.\n\nMail: anna@example.com\nPhone: 12 34 56\nOffice: North wall\n\nBye.\n",
    "It said\nFrom: bob@example.com\nSent: 30 April 2024 16:22\nTo: Anna\n\nand more.\n",
    "Mail me.\n\nFrom: bob@example.com\nSent: 10:00\nas ever\n\nBye.\n",
], ids=["no address", "no time", "within a paragraph", "too few"])  # fmt: skip
def test_lines_with_colons_in_a_message_are_its_own(text: str) -> None:
    assert not any(line.startswith("h2") for line in body(text))


def test_a_ruler_is_no_quotation() -> None:
    assert body("One.\n\n---- cut here ----\n\nTwo.\n")[-1] == "p Two."


def test_attachments_are_read_by_their_kind_with_their_own_addresses() -> None:
    files = {
        "prices.xlsx": xlsx({"Prices": [("Boat", "Fee"), ("Dinghy", 3)]}), "harbour.docx": docx(),
        "plan.pdf": pdf([["First page words."], ["Second page words."]]), "notes.md": b"# Lamp\n\nOil is dear.\n",
    }  # fmt: skip
    taken = read_eml(message("See attached.\n", files))
    sound(taken)
    assert place(taken, "3\n") == f"{ADDRESS}, prices.xlsx, Prices!B2"
    assert place(taken, "dug in 1874") == f"{ADDRESS}, harbour.docx"
    assert place(taken, "Second page") == f"{ADDRESS}, plan.pdf, page 2"
    assert place(taken, "Oil is dear") == f"{ADDRESS}, notes.md"
    assert "h2 harbour.docx" in outline(taken)
    assert "h3 Harbour of Väsby" in outline(taken)
    assert taken.note == ""


def test_attachments_that_are_not_read_are_said() -> None:
    files = {"a.exe": b"MZ", "b.docx": b"words", "c.xlsx": b"PK"}
    note = read_eml(message("See attached.\n", files)).note
    assert note.startswith("not read: “a.exe”; “b.docx” (it is no DOCX file")
    assert "“c.xlsx” (it is no XLSX file" in note


def test_a_missing_library_of_an_attachment_is_said_and_the_rest_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = message("See attached.\n", {"b.docx": docx()})
    monkeypatch.setitem(sys.modules, "docx", None)
    taken = read_eml(data)
    assert "See attached." in taken.text
    assert "pip install 'partnership_qa[docx]'" in taken.note


def test_messages_in_messages_are_read_as_deep_as_is_bounded() -> None:
    made = message("Innermost.\n", headers={"Subject": "4"})
    for number in (3, 2, 1):
        made = message(f"Level {number}.\n", {"inner.eml": made}, headers={"Subject": str(number)})
    taken = read_eml(made)
    assert [line for line in outline(taken) if line.startswith("h")] == ["h1 1", "h3 2", "h5 3"]
    assert place(taken, "Level 2") == f"{ADDRESS}, {ADDRESS}"
    assert taken.note == "not read: “inner.eml” (messages are nested more than 3 deep)"


def test_a_mailbox_is_its_messages_each_with_its_address() -> None:
    second = message(
        ">From here on it is dear.\n", headers={"Subject": "Lamp", "Date": "Thu, 02 May 2024 08:00:00 +0000"}
    )
    taken = read_mbox(mbox([message("The fee is three crowns.\n"), second]))
    sound(taken)
    assert [line for line in outline(taken) if line.startswith("h")] == ["h1 Fees", "h1 Lamp"]
    assert place(taken, "The fee") == ADDRESS
    assert place(taken, "From here on") == "message of 2024-05-02 from Anna Berg"


def test_what_a_mailbox_quotes_of_its_own_messages_is_left_out_and_said() -> None:
    first = message("The fee is three crowns.\nPay it in May.\n")
    quoted = "On 1 May 2024 Anna wrote:\n> The fee is three crowns.\n> Pay it in May.\n"
    reply = message(f"I paid.\n\n{quoted}", headers={"Subject": "Re: Fees"})
    other = message(f"I paid.\n\n{quoted}> And in June.\n", headers={"Subject": "Re: Fees"})
    taken = read_mbox(mbox([first, reply]))
    assert outline(taken)[-1] == "p I paid."
    assert taken.note == "1 quoted parts that stand in an earlier message are left out"
    assert "And in June." in read_mbox(mbox([first, other])).text


def test_a_message_of_a_mailbox_that_cannot_be_read_leaves_out_that_one() -> None:
    taken = read_mbox(mbox([b"X-Nothing: 1\n\nWords.\n", message("The fee is three crowns.\n")]))
    assert "three crowns" in taken.text
    assert taken.note.startswith("not read: message 1 (it is no message")


@pytest.mark.parametrize(("raw", "shown"), [
    (b"=?utf-8?q?L=C3=A4mp=C3=B3?=", "Lämpó"), (b"=?iso-8859-1?b?TORtcA==?=", "Lämp"), ("Lämp".encode(), "Lämp"),
    (b"L\xe4mp", "Lämp"), (b"=?x-nothing?q?Lamp?=", "Lamp"), (b"=?utf-8?b?!!!?= ", "=?utf-8?b?!!!?="),
])  # fmt: skip
def test_headers_are_decoded_however_they_are_written(raw: bytes, shown: str) -> None:
    taken = read_eml(b"From: a@b.c\nSubject: " + raw + b"\n\nWords.\n")
    assert outline(taken)[0] == f"h1 {shown}"


def test_a_body_of_an_encoding_that_is_not_what_it_says_is_read() -> None:
    data = b"From: a@b.c\nContent-Type: text/plain; charset=utf-8\n\n\xe9t\xe9 chaud.\n"
    assert "été chaud." in read_eml(data).text


@pytest.mark.parametrize("data", [b"", b"words\n", b"X: y\n\nwords\n", bytes(100)])
def test_what_is_no_message_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(NotTextError, match="no message"):
        read_eml(data)
    with pytest.raises(NotTextError, match="no mailbox"):
        read_mbox(data)
