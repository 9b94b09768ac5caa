"""Folders into documents: what is read byte for byte, and what is left out with a reason."""

from __future__ import annotations

import codecs
import contextlib
import os
import socket
import sys
from pathlib import Path

import pytest
from fakes import CORPUS
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.document import Document
from partnership_qa.errors import CorpusNotFoundError, EmptyCorpusError
from partnership_qa.sources import MAX_FILE_BYTES, Extractor, SourceFile, load_corpus, read_file
from partnership_qa.sources.encoding import NotTextError, decode


def _reasons(corpus: Path) -> dict[str, str]:
    return {entry.name: entry.reason for entry in load_corpus(corpus)[1]}


def test_documents_come_in_the_order_of_their_names_and_byte_for_byte(corpus: Path) -> None:
    documents, skipped = load_corpus(corpus)
    assert [document.name for document in documents] == sorted(CORPUS)
    assert {document.name: document.text for document in documents} == CORPUS
    assert skipped == []


@pytest.mark.parametrize("data", [b"a\r\nb\r\n", b"\xef\xbb\xbfmarked", b"a\rb\n", b"e\xcc\x81"])
def test_utf8_is_kept_as_it_stands(corpus: Path, data: bytes) -> None:
    (corpus / "a.txt").write_bytes(data)
    text = next(document.text for document in load_corpus(corpus)[0] if document.name == "a.txt")
    assert text.encode("utf-8") == data


def test_one_file_is_a_corpus(corpus: Path) -> None:
    assert [document.name for document in load_corpus(corpus / "ledger.txt")[0]] == ["ledger.txt"]


def test_no_corpus_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusNotFoundError, match="nowhere"):
        load_corpus(tmp_path / "nowhere")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EmptyCorpusError, match="Nothing to index"):
        load_corpus(tmp_path)


def test_a_folder_without_a_text_says_why_of_each_file(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b" \n")
    with pytest.raises(EmptyCorpusError, match=r"empty\.txt: it is empty"):
        load_corpus(tmp_path)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.txt", b"", "it is empty"),
        ("white.md", b" \r\n\t\n", "it is empty"),
        ("mark.txt", b"\xef\xbb\xbf", "it is empty"),
        ("nul.txt", b"a\0b", "NUL"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a picture"),
        ("filing.txt", b"%PDF-1.7\n1 0 obj", "a PDF"),
        ("noise.txt", bytes(range(128, 256)) * 20, "it is not UTF-8 text"),
        ("half.txt", b"\xff\xfea\0b", "marked as UTF-16"),
        ("picture.png", b"\x89PNG", "its kind is not known"),
        ("noname", b"words", "its kind is not known"),
    ],
)
def test_what_is_no_text_is_left_out_with_a_reason(corpus: Path, name: str, data: bytes, reason: str) -> None:
    (corpus / name).write_bytes(data)
    assert reason in _reasons(corpus)[name]


def test_hidden_files_are_passed_over_in_silence(corpus: Path) -> None:
    (corpus / ".git").mkdir()
    (corpus / ".git" / "note.txt").write_text("secret")
    (corpus / ".note.txt").write_text("secret")
    documents, skipped = load_corpus(corpus)
    assert len(documents) == 3
    assert skipped == []


def test_the_index_inside_the_corpus_is_not_read(corpus: Path) -> None:
    inside = corpus / "index"
    inside.mkdir()
    (inside / "sources.txt").write_text("Words of an index.")
    assert [d.name for d in load_corpus(corpus, leave_out=inside)[0]] == sorted(CORPUS)
    assert len(load_corpus(corpus)[0]) == 4


def test_a_file_that_is_too_large_is_not_opened(corpus: Path) -> None:
    with (corpus / "huge.txt").open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)
    assert "larger than 64 MiB" in _reasons(corpus)["huge.txt"]


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
class TestLinksAndPipes:
    def test_a_link_that_leaves_the_corpus_is_not_followed(self, corpus: Path, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_text("secret")
        (corpus / "link.txt").symlink_to(tmp_path / "secret.txt")
        (corpus / "zero.txt").symlink_to("/dev/zero")
        (corpus / "up").symlink_to(tmp_path)
        assert {*_reasons(corpus).values()} == {"it is a link that leaves the corpus"}

    def test_a_link_inside_the_corpus_is_read(self, corpus: Path) -> None:
        (corpus / "again.txt").symlink_to(corpus / "ledger.txt")
        assert "again.txt" in [document.name for document in load_corpus(corpus)[0]]

    def test_links_that_lead_to_themselves_end(self, corpus: Path) -> None:
        (corpus / "round.txt").symlink_to(corpus / "round.txt")
        (corpus / "folder").symlink_to(corpus)
        (corpus / "gone.txt").symlink_to(corpus / "nowhere.txt")
        assert sorted(_reasons(corpus)) == ["folder", "gone.txt", "round.txt"]

    def test_pipes_and_sockets_are_not_opened(self, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        os.mkfifo(corpus / "pipe.txt")
        monkeypatch.chdir(corpus)  # the name of a socket may not be long
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket.txt")
            assert {*_reasons(corpus).values()} == {"it is not a regular file"}

    def test_a_name_that_is_no_text_is_left_out(self, corpus: Path) -> None:
        Path(os.fsdecode(os.fsencode(corpus) + b"/\xff.txt")).write_text("Words.")
        assert "not valid text" in _reasons(corpus)["\ufffd.txt"]

    @pytest.mark.parametrize("name", ["a\nb.txt", "<img src=x>.txt", "\u202etxt.txt", "a b.txt", "Ä.txt", "..txt.txt"])
    def test_odd_names_are_names(self, corpus: Path, name: str) -> None:
        (corpus / name).write_text("Words.")
        documents, skipped = load_corpus(corpus)
        assert (name in [document.name for document in documents]) == (not name.startswith("."))
        assert skipped == []


GERMAN = "Die Fähre fährt täglich außer Sonntag über den Fluss; für Räder zahlt man drei Kronen, für Kälber fünf. " * 4
RUSSIAN = "Паром ходит каждый день, кроме воскресенья, и перевозит людей, лошадей и повозки через широкую реку. " * 4


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        (codecs.BOM_UTF16_LE + "Grüße".encode("utf-16-le"), "Grüße", "UTF-16"),
        (codecs.BOM_UTF16_BE + "Grüße".encode("utf-16-be"), "Grüße", "UTF-16"),
        (codecs.BOM_UTF32_LE + "Grüße".encode("utf-32-le"), "Grüße", "UTF-32"),
        (GERMAN.encode("cp1252"), GERMAN, "guessed"),
        (RUSSIAN.encode("cp1251"), RUSSIAN, "guessed"),
        (RUSSIAN.encode("koi8-r"), RUSSIAN, "guessed"),
    ],
)
def test_other_encodings_are_read_and_reported(data: bytes, text: str, note: str) -> None:
    found, remark = decode(data)
    assert found == text
    assert note in remark


def test_without_what_guesses_encodings_the_package_that_does_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "charset_normalizer", None)
    with pytest.raises(NotTextError, match=r"not UTF-8 text \(byte 1\).* or pip install charset-normalizer$"):
        decode("Väsby".encode("latin-1"))


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_utf8_is_decoded_without_a_note(text: str) -> None:
    with contextlib.suppress(NotTextError):  # text may happen to open as a picture does
        assert decode(text.encode("utf-8")) == (text, "")


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text, _ = decode(data)
    except NotTextError:
        return
    assert "\0" not in text


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs a file that says its size is 0")
def test_a_file_that_holds_more_than_it_says_is_read_to_its_end() -> None:
    with Extractor() as extractor:
        document = read_file(SourceFile("status.txt", Path("/proc/self/status")), extractor)
    assert isinstance(document, Document)
    assert len(document.text) > 500
    assert "VmRSS" in document.text
