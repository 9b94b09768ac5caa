"""What `verify` tells of quotes whose files are as they were, edited, renamed or gone; no model, no index."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from fakes import CORPUS
from hypothesis import given, settings
from hypothesis import strategies as st

from partnership_qa import verify
from partnership_qa.errors import CorpusNotFoundError, ProofError
from partnership_qa.proof import FileState, State
from partnership_qa.proof.corpus import Files
from partnership_qa.proof.given import parse

FILES = {name: text.encode("utf-8") for name, text in CORPUS.items()}
DUG = "The harbour was dug in 1874 by Ingrid Holm."
ROW = "1890 | 40"


def proof_of(quote, name="harbour.md", files=FILES):
    with Files(files) as read:
        start = read.document(name).text.index(quote)
        return read.proof(name, start, start + len(quote))


def told(quote, name, old, new, files=FILES):
    """The verdict on a quote after its file was edited."""
    edited = files[name].decode("utf-8").replace(old, new)
    assert edited != files[name].decode("utf-8")
    (verdict,) = verify(proof_of(quote, name, files), files | {name: edited.encode("utf-8")})
    return verdict


def test_neither_model_nor_index_is_loaded(qa, corpus, tmp_path):
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(qa.answer("When was the harbour dug?").to_dict()), encoding="utf-8")
    code = (
        "import json, sys; from partnership_qa import verify\n"
        "print([one.state.value for one in verify(json.load(open(sys.argv[1])), sys.argv[2])])\n"
        "print([name for name in ('torch', 'faiss', 'onnxruntime', 'bm25s', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, file, corpus], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["['intact']", "[]"]


def test_answers_citations_proofs_and_lists_of_them_are_taken(qa, corpus):
    answer = qa.answer("When was the harbour dug?")
    (cited,) = answer.citations
    for given_ in (answer, answer.to_dict(), cited, cited.to_dict(), cited.proof, cited.proof.to_dict()):
        assert [one.state for one in verify(given_, corpus)] == [State.INTACT]
    several = verify([answer, {"outcome": answer.to_dict()}, cited.proof], corpus)
    assert [(one.answer, one.citation) for one in several] == [(1, 1), (2, 1), (3, 1)]
    assert verify({"citations": []}, corpus) == []


def test_a_citation_that_was_saved_without_a_proof_is_checked_by_what_it_says(qa, corpus):
    values = qa.answer("When was the harbour dug?").citations[0].to_dict() | {"proof": None}
    assert verify(values, corpus)[0].state is State.INTACT
    assert verify(values | {"line": 9}, corpus)[0].state is State.MOVED


def test_a_quote_that_was_forged_beside_its_proof_is_not_intact(qa, corpus):
    values = qa.answer("When was the harbour dug?").citations[0].to_dict()
    (verdict,) = verify(values | {"quote": values["quote"].replace("1874", "1974")}, corpus)
    assert (verdict.state, verdict.file) == (State.CHANGED, FileState.SAME)
    assert ("changed", "1974", "1874") in verdict.difference


@pytest.mark.parametrize(("quote", "name", "old", "new", "state"), [
    (DUG, "harbour.md", "It freezes", "It never freezes", State.INTACT),
    (DUG, "harbour.md", "## Rules", "A line.\n\n## Rules", State.INTACT),
    (DUG, "harbour.md", "# Harbour", "# The harbour", State.MOVED),
    (DUG, "harbour.md", DUG, f"Long ago. {DUG}", State.MOVED),
    (DUG, "harbour.md", "\n", "\r\n", State.MOVED),
    (DUG, "harbour.md", "in 1874 by", "in 1874\nby", State.MOVED),
    (DUG, "harbour.md", "1874", "1875", State.CHANGED),
    (DUG, "harbour.md", "dug in 1874", "dug by hand in 1874", State.CHANGED),
    (DUG, "harbour.md", f"{DUG} ", "", State.GONE),
    (DUG, "harbour.md", CORPUS["harbour.md"], "Nothing of it is left here.\n", State.GONE),
    (ROW, "ledger.txt", ROW, f"{ROW}5", State.CHANGED),
    (ROW, "ledger.txt", ROW, f"{ROW} million", State.CHANGED),
    (ROW, "ledger.txt", ROW, f"1{ROW}", State.CHANGED),
    (ROW, "ledger.txt", f"{ROW}\n", "", State.GONE),
    (ROW, "ledger.txt", f"{ROW}\n", f"1885 | 12\n{ROW}\n", State.MOVED),
    ("Väsby", "harbour.md", "Väsby", "Vasby", State.CHANGED),
    ("Ingrid", "harbour.md", "# Harbour of Väsby", "# Harbour of Vasbys", State.MOVED),
])  # fmt: skip
def test_each_edit_is_told_for_what_it_is(quote, name, old, new, state):
    assert told(quote, name, old, new).state is state


def test_the_same_characters_in_other_bytes_have_another_address():
    """`ä` of one character became `a`: line and column are the same, the bytes of what follows are not."""
    verdict = told(DUG, "harbour.md", "Väsby", "Vasby")
    assert (verdict.found.start, verdict.found.line) == (verdict.proof.start, verdict.proof.line)
    assert verdict.state is State.MOVED
    assert verdict.found.bytes.start == verdict.proof.bytes.start - 1


def test_what_has_moved_is_given_with_its_new_address():
    verdict = told(DUG, "harbour.md", "# Harbour", "One line more.\n\n# Harbour")
    found = verdict.found
    assert (found.start, found.line, found.column) == (verdict.proof.start + 16, 5, 1)
    assert (verdict.file, verdict.same_around) == (FileState.CHANGED, True)
    assert verdict.text.startswith("Moved: now at harbour.md, line 5, characters ")
    assert verify(found, FILES)[0].state is State.MOVED


def test_what_has_changed_is_shown_as_a_difference():
    verdict = told(DUG, "harbour.md", "1874 by Ingrid", "1901 by the brave Ingrid")
    assert verdict.difference == (
        ("equal", "The harbour was dug in", "The harbour was dug in"), ("changed", "1874", "1901"),
        ("equal", "by", "by"), ("added", "", "the brave"), ("equal", "Ingrid Holm.", "Ingrid Holm."),
    )  # fmt: skip
    assert verdict.found.quote == "The harbour was dug in 1901 by the brave Ingrid Holm."
    assert 0.8 < verdict.alike < 1


def test_a_renamed_file_is_found_by_its_bytes_and_an_edited_one_by_its_words():
    proof = proof_of(DUG)
    others = {name: data for name, data in FILES.items() if name != "harbour.md"}
    (same,) = verify(proof, others | {"port.md": FILES["harbour.md"]})
    assert (same.state, same.file, same.found.document) == (State.MOVED, FileState.RENAMED, "port.md")
    (edited,) = verify(proof, others | {"port.md": b"Before.\n\n" + FILES["harbour.md"]})
    assert (edited.state, edited.file, edited.found.document) == (State.MOVED, FileState.MISSING, "port.md")
    (gone,) = verify(proof, others)
    assert (gone.state, gone.file, gone.found) == (State.GONE, FileState.MISSING, None)
    assert gone.text == "Gone: there is no file harbour.md, and no other holds these words."


def test_another_file_that_says_the_same_does_not_stand_in_for_a_changed_one():
    files = FILES | {"copy.md": b"Preface.\n\n" + FILES["harbour.md"]}
    assert told(DUG, "harbour.md", "1874", "1875", files).state is State.CHANGED


def test_a_file_whose_name_another_one_has_now_is_found_by_its_bytes():
    files = FILES | {"old.md": FILES["harbour.md"], "harbour.md": b"Something else altogether.\n"}
    (verdict,) = verify(proof_of(DUG), files)
    assert (verdict.state, verdict.file, verdict.found.document) == (State.MOVED, FileState.RENAMED, "old.md")


def test_a_file_that_cannot_be_read_is_said_to_be_so():
    (verdict,) = verify(proof_of(DUG), {"harbour.md": b"\x00\x01"})
    assert (verdict.state, verdict.file) == (State.GONE, FileState.UNREAD)
    assert verdict.text == "Gone: harbour.md cannot be read: it holds NUL characters, so it is not a text."


def test_of_twins_the_one_with_the_same_surroundings_is_meant():
    table = "a | b\n1 | yes\n2 | no\n\nMore of it follows here.\n\na | b\n7 | up\n2 | no\n"
    files = {"t.txt": table.encode()}
    with Files(files) as read:
        at = table.rindex("2 | no")
        proof = read.proof("t.txt", at, at + 6)
    (moved,) = verify(proof, {"t.txt": b"A line.\n" + files["t.txt"]})
    assert (moved.state, moved.found.start) == (State.MOVED, at + 8)
    (gone,) = verify(proof, {"t.txt": table[:at].encode()})
    assert gone.state is State.GONE, "the other one is another row"


def test_of_tables_that_stand_twice_the_row_that_was_changed_is_told():
    """What stood around it is the same in both places; that there is one fewer says that it is no longer there."""
    table = "Boat of the quay | Fee in kronor\nDinghy of the north quay | 3\nCutter of the north quay | 12\n"
    text = f"{table}\n{'Something else stands here. ' * 9}\n\n{table}"
    with Files({"t.txt": text.encode()}) as read:
        at = text.rindex("Dinghy of the north quay | 3")
        proof = read.proof("t.txt", at, at + 28)
    (verdict,) = verify(proof, {"t.txt": f"{text[:at]}Dinghy of the north quay | 4{text[at + 28 :]}".encode()})
    assert (verdict.state, verdict.found.start) == (State.CHANGED, at)
    (verdict,) = verify(proof, {"t.txt": f"A line.\n{text}".encode()})
    assert (verdict.state, verdict.found.start) == (State.MOVED, at + 8)


def test_formats_are_read_by_the_same_parsers_as_in_a_build():
    page = b"<!doctype html><title>T</title><h1>Harbour</h1><p>The harbour was dug in <b>1874</b>.</p>"
    files = {"port.html": page}
    proof = proof_of("The harbour was dug in 1874.", "port.html", files)
    assert verify(proof, files)[0].state is State.INTACT
    assert verify(proof, {"port.html": page.replace(b"<b>1874</b>", b"1874")})[0].state is State.INTACT
    assert verify(proof, {"port.html": page.replace(b"<h1>", b"<p>New.</p><h1>")})[0].state is State.MOVED
    assert verify(proof, {"port.html": page.replace(b"1874", b"1974")})[0].state is State.CHANGED


def test_an_index_beside_the_texts_is_no_text(qa, corpus, tmp_path):
    copy = corpus / "index"
    qa.index.root.rename(copy)
    proof = proof_of(DUG)
    (corpus / "harbour.md").unlink()
    (verdict,) = verify(proof, corpus)
    assert verdict.state is State.GONE


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 400), st.text("ab1 .\n|", min_size=1, max_size=9))
def test_what_is_told_to_be_intact_has_its_words_at_its_address(seed, at, put):
    """The slow, obvious twin: whatever is written anywhere into the file, `intact` means that the words stand."""
    text = CORPUS["ledger.txt"]
    quotes = ("Paraffin replaced it in 1893, because it was cheaper by half.", ROW, "1895 | 22")
    proof = proof_of(quotes[seed % 3], "ledger.txt")
    at = min(at, len(text))
    now = text[:at] + put + text[at:]
    (verdict,) = verify(proof, {"ledger.txt": now.encode()})
    stands = now[proof.start : proof.end] == proof.quote
    assert (verdict.state is State.INTACT) <= stands
    if not proof.start <= at <= proof.end:
        assert (verdict.state is State.INTACT) == (at > proof.end)


@pytest.mark.parametrize(("given_", "field"), [
    (7, "JSON"), ("text", "JSON"), ({"citations": 3}, "citations"), ({"citations": [3]}, "citation"),
    ({"citations": [{"proof": 3}]}, "proof"), ({"question": "?"}, "quote"),
])  # fmt: skip
def test_what_is_no_answer_is_refused(given_, field):
    with pytest.raises(ProofError) as found:
        verify(given_, FILES)
    assert found.value.field == field


def test_an_error_says_in_which_citation_it_is(qa):
    values = qa.answer("When was the harbour dug?").to_dict()
    values["citations"][0]["proof"]["line"] = "three"
    with pytest.raises(ProofError, match=r"“line” of answer 2, citation 1 is 'three'"):
        verify([{"citations": []}, values], FILES)


def test_a_corpus_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(CorpusNotFoundError):
        verify([], tmp_path / "nothing")


def test_json_and_json_lines_are_read():
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert parse(b'[{"a": 1},\n {"a": 2}]') == [{"a": 1}, {"a": 2}]
    assert parse(b'{"a": 1}\n\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]
    for wrong in (b"", b"\xff", b"{", b'{"a": 1}\nno\n', b"[" * 100_000):
        with pytest.raises(ProofError):
            parse(wrong)


SALES = "# Sales\n\nIn thousands of kronor.\n\n{}\n\nAll of them without tax, as the board agreed.\n"
LIKE = [
    "fair value of forward contracts asset | 2472 | 7256",
    "fair value of forward contracts after a rise of ten percent | 20689 | 22062",
    "fair value of forward contracts after a fall of ten percent | 17859 | 19057",
]


def told_of(quote, before, now):
    """The state of a quote whose file held one list of lines and now holds another."""
    files = [{"a.txt": SALES.format("\n".join(lines)).encode()} for lines in (before, now)]
    return verify(proof_of(quote, "a.txt", files[0]), files[1])[0].state


def test_a_row_is_changed_where_the_next_one_begins_as_it_does():
    for at, words in ((0, "asset | 2472 | 7257"), (1, "ten percent | 20689 | 22063 | both")):
        now = [*LIKE]
        now[at] = f"{LIKE[at].partition(words.split(' |')[0])[0]}{words}"
        assert told_of(LIKE[at], LIKE, now) is State.CHANGED
    assert told_of(LIKE[0], LIKE, LIKE[1:]) is State.GONE


def test_a_short_quote_that_stood_once_and_stands_once_elsewhere_has_moved():
    before = ["What is a berth?", *(f"Line {n} of the harbour's book." for n in range(40))]
    assert told_of("What is a berth?", before, [*before[1:], before[0]]) is State.MOVED


def test_where_several_places_say_it_and_one_is_gone_what_stood_around_tells_which():
    lines = [f"Line {n} of the harbour's long and tedious book of berths." for n in range(20)]
    said = "Pay at the office."
    before = [*lines[:5], said, *lines[5:15], said, *lines[15:]]
    assert told_of(said, before, [*lines[:15], said, *lines[15:]]) is State.GONE
    assert told_of(said, before, [*lines[:3], *lines[6:15], said, *lines[15:]]) is State.GONE
    assert told_of(said, before, ["New.", *lines[:5], said, *lines[5:]]) is State.MOVED


def test_what_is_gone_from_its_place_and_stands_in_others_is_said_to_do_so():
    lines = [f"Line {n} of the harbour's long and tedious book of berths." for n in range(9)]
    files = {"a.txt": "\n".join([*lines[:3], "Pay here.", *lines[3:6], "Pay here.", *lines[6:]]).encode()}
    proof = proof_of("Pay here.", "a.txt", files)
    (verdict,) = verify(proof, {"a.txt": "\n".join([*lines[:6], "Pay here.", *lines[6:]]).encode()})
    assert (verdict.state, verdict.text) == (State.GONE, "Gone: a.txt holds these words only in other places.")


def test_what_stood_beside_a_quote_is_not_what_has_become_of_it():
    lines = [f"| 201{n} | 15.{n}% | 23.7% | 0.1% | 4.9% | 5.6% | 4{n}.2% |" for n in range(6)]
    files = [{"a.txt": "\n".join(some).encode()} for some in (lines, lines[:-1])]
    assert verify(proof_of(lines[-1], "a.txt", files[0]), files[1])[0].state is State.GONE


def test_twins_that_differ_in_white_space_do_not_stand_in_for_a_changed_row():
    row = "| Documents sent to the office for approval | Office{} | 5 days |"
    before = [row.format("      "), *(f"Line {n} of the harbour's book." for n in range(30)), row.format("   ")]
    assert told_of(before[0], before, [before[0].replace("5", "7"), *before[1:]]) is State.CHANGED


def test_words_of_another_file_stand_in_for_a_renamed_one_only_where_they_say_enough():
    files = {"a.txt": b"The harbour was dug by hand in a dry year. Pay here.\n"}
    other = {"b.txt": b"A wholly other text. The harbour was dug by hand in a dry year. Pay here. And more of it.\n"}
    long, short = (
        proof_of(quote, "a.txt", files) for quote in ("The harbour was dug by hand in a dry year.", "Pay here.")
    )
    assert [one.state for one in verify([long, short], other)] == [State.MOVED, State.MOVED]
    apart = {"b.txt": b"Nobody knows. Pay here. Or there.\nElse: The harbour was dug by hand in a dry year. Amen.\n"}
    assert [one.state for one in verify([long, short], apart)] == [State.MOVED, State.GONE]
