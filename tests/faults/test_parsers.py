"""I3: files that are meant to break their parsers, and parsers that hang, crash, reach out or write."""

from __future__ import annotations

import importlib.util
import io
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from fakes import FakeEncoder
from files import docx, epub, pdf, xlsx

from partnership_qa.index import build, open_index
from partnership_qa.sources import Skipped, SourceFile, extraction, load_corpus, read_file
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.extraction import Extractor, Limits

GOOD = b"<p>A good page stands here."
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the limits are those of POSIX")


def repacked(name: str, content: bytes, data: bytes = b"") -> bytes:
    """An office document with one of its parts exchanged."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data or docx())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, content if entry.filename == name else old.read(entry))
    return out.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 50}">' for n in range(12))
ENTITY_BOMB = (
    f"<?xml version='1.0'?><!DOCTYPE d [{ENTITIES}]><w:document {W}><w:body><w:p><w:r><w:t>&e11;</w:t></w:r></w:p>"
    "</w:body></w:document>"
)
SHEET = "xl/worksheets/sheet1.xml"
X = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ENTITY_SHEET = (
    f"<?xml version='1.0'?><!DOCTYPE d [{ENTITIES}]><worksheet {X}><sheetData><row r='1'><c r='A1' t='inlineStr'><is>"
    "<t>&e11;</t></is></c></row></sheetData></worksheet>"
)
FAR_CELLS = "".join(f'<row r="{n * 1000}"><c r="XFD{n * 1000}"><v>1</v></c></row>' for n in range(1, 1000))
DEEP_XML = (
    f"<w:document {W}><w:body>{'<w:sdt><w:sdtContent>' * 30_000}{'</w:sdtContent></w:sdt>' * 30_000}"
    "</w:body></w:document>"
)

BOMBS = {
    "bomb.docx": lambda: repacked("word/document.xml", b" " * 2**28),
    "entities.docx": lambda: repacked("word/document.xml", ENTITY_BOMB.encode()),
    "deep.docx": lambda: repacked("word/document.xml", DEEP_XML.encode()),
    "bomb.xlsx": lambda: repacked(SHEET, b" " * 2**28, xlsx({"S": [["a"]]})),
    "entities.xlsx": lambda: repacked(SHEET, ENTITY_SHEET.encode(), xlsx({"S": [["a"]]})),
    "far.xlsx": lambda: repacked(SHEET, f"<worksheet {X}><sheetData>{FAR_CELLS}</sheetData></worksheet>".encode(),
                                 xlsx({"S": [["a"]]})),
    "bomb.epub": lambda: epub({"a.xhtml": "<p>words " + " " * 2**28}),
    "deep.epub": lambda: epub({f"{n}.xhtml": "<body>" + "<div>" * 9_000 + f"words {n}" for n in range(5)}),
    "wide.csv": lambda: b"a," * 2**22,
    "rows.csv": lambda: b"1,2\n" * 2**20,
    "field.csv": lambda: b'"' + b"words " * 2**20,
    "parts.eml": lambda: b"From: a@b.c\n" + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 20_000 + b"\na\n",
    "quotes.eml": lambda: b"From: a@b.c\n\n" + b"\n".join(b">" * n + b" words" for n in range(1, 4_000)),
    "header.eml": lambda: b"From: a@b.c\nTo: " + b"a <a@b.c>,\n " * 500_000 + b"\n\nwords\n",
    "signs.eml": lambda: b"From: a@b.c\n\nwords\n" + b"-- \n" * 60_000,
    "many.mbox": lambda: b"From a\nFrom: a@b.c\n\nwords\n\n" * 5_000,
    "deep.html": lambda: b"<p>words" + b"<div>" * 100_000,
    "unclosed.html": lambda: b"<ul><li>word " * (5 * 2**20 // 13),
    "tables.html": lambda: b"<table><tr><td>word " * 8_000,
    "lists.html": lambda: b"<ul><li>word " * 10_000,
    "cells.html": lambda: b"<table>" + b"<tr><td colspan=1000 rowspan=1000>a<td>b" * 5_000,
    "many.pdf": lambda: pdf([["Some words."]], [b"<< /A 1 >>"] * 1_000_000),
    "round.pdf": lambda: pdf([["Some words."]]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"),
    "zeros.pdf": lambda: b"%PDF-1.7\n" + bytes(2**22),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_i3_a_file_that_explodes_is_read_or_refused_within_its_limits_and_the_rest_is_read(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(BOMBS[name]())
    (tmp_path / "z.html").write_bytes(GOOD)
    begun = time.monotonic()
    documents, skipped = load_corpus(tmp_path)
    assert time.monotonic() - begun < 100
    assert "z.html" in [document.name for document in documents]
    assert len(documents) + len(skipped) == 2
    assert all(len(document.text) < 2**24 for document in documents)
    if name.startswith(("bomb", "entities", "zeros", "far", "rows", "wide", "field")):
        assert [entry.name for entry in skipped] == [name]
    if name in ("deep.html", "unclosed.html"):
        assert [entry.reason for entry in skipped] == ["it is nested more than 10,000 elements deep"]
    if name.startswith("bomb"):
        assert "unpacks to" in skipped[0].reason


PARSERS = {
    "hangs": ("while True: pass", "longer than 1 s"),
    "sleeps": ("import time; time.sleep(60)", "longer than 1 s"),
    "crashes": ("import os; os.abort()", "crashed"),
    "leaves": ("import os; os._exit(0)", "crashed"),
    "takes memory": ("keep = [bytearray(2**20) for _ in range(10_000)]", "more memory"),
    "nests": ("f = lambda g: g(g); f(f)", "nested more deeply"),
    "fails": ("raise KeyError('x')", "its parser failed (KeyError)"),
    "exits": ("raise SystemExit(0)", "crashed"),
    "reaches out": ("import socket; socket.create_connection(('127.0.0.1', 9))", "failed (PermissionError)"),
    "asks for a name": ("import socket; socket.getaddrinfo('example.invalid', 80)", "failed (PermissionError)"),
    "starts a program": ("import subprocess; subprocess.run(['true'])", "failed (PermissionError)"),
    "writes": ("open(__file__ + '.trace', 'w')", "failed (PermissionError)"),
    "writes by descriptor": (
        "import os; os.write(os.open(__file__ + '.trace', os.O_WRONLY | os.O_CREAT), b'x')", "failed (OSError)"
    ),
    "gives too much": (
        "import sys; sys.modules['partnership_qa.sources.worker'].MAX_CHARACTERS = 40",
        "characters, which is more than is read",
    ),
}  # fmt: skip


WORDS = pdf([["These are the words of a file that a parser reads."]])


def parser(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Put a module before pypdfium2 that runs code when a page is read; the process finds what this one would."""
    real = Path(importlib.util.find_spec("pypdfium2").origin)
    (folder / "pypdfium2").mkdir(parents=True)
    (folder / "pypdfium2" / "__init__.py").write_text(
        f"__path__.append({str(real.parent)!r})\n"
        f"exec(compile(open({str(real)!r}).read(), {str(real)!r}, 'exec'))\n"
        "from pypdfium2 import raw\nload = raw.FPDFText_LoadPage\n"
        "def patched(page):\n    print('this is no answer', flush=True)\n"
        f"    {code}\n    return load(page)\n"
        "raw.FPDFText_LoadPage = patched\n"
    )
    monkeypatch.syspath_prepend(folder)


@pytest.mark.parametrize("what", PARSERS)
def test_a_parser_that_misbehaves_is_ended_and_the_next_file_is_read(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, reason = PARSERS[what]
    parser(tmp_path / "fake", monkeypatch, code)
    begun = time.monotonic()
    with Extractor(Limits(seconds=30 if what == "takes memory" else 1, memory=2**30)) as extractor:
        with pytest.raises(NotTextError) as caught:
            extractor.extract(WORDS, ".pdf")
        assert reason in str(caught.value)
        assert extractor.extract(GOOD, ".html").text == "A good page stands here.\n"
    assert time.monotonic() - begun < 30
    assert (
        not list((tmp_path / "fake").rglob("*.trace")) or not next((tmp_path / "fake").rglob("*.trace")).stat().st_size
    )


@pytest.mark.parametrize("fails", ["raise MemoryError", "os.abort()"])
def test_a_file_is_read_whatever_was_read_before_it(
    fails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a large scan left the process too little memory for the next."""
    parser(
        tmp_path / "fake",
        monkeypatch,
        f"import os, sys\n    sys.seen = getattr(sys, 'seen', 0) + 1\n    if sys.seen > 1: {fails}",
    )
    with Extractor() as extractor:
        one, two = (extractor.extract(WORDS, ".pdf").text for _ in range(2))
    assert one.startswith("These are the words")
    assert two == one


def test_a_file_at_which_its_parser_always_fails_is_refused_and_tried_twice_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser(tmp_path / "fake", monkeypatch, "print('tried', file=sys.stderr); raise KeyError('x')")
    started = []
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **more: started.append(args) or real(*args, **more))
    with Extractor() as extractor:
        assert extractor.extract(GOOD, ".html").text == "A good page stands here.\n"
        for count in (2, 3):
            with pytest.raises(NotTextError, match="its parser failed"):
                extractor.extract(WORDS, ".pdf")
            assert len(started) == count


def test_i3_tables_in_tables_are_read_in_time_that_grows_with_their_number() -> None:
    """Seconds are the processor's own; with a look at all inner tables from each of them it takes ten."""
    with Extractor(Limits(seconds=3)) as extractor:
        assert extractor.extract(BOMBS["tables.html"](), ".html").text.count("word") == 8_000


def test_what_a_parser_prints_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parser(tmp_path / "fake", monkeypatch, "pass")
    with Extractor() as extractor:
        assert extractor.extract(WORDS, ".pdf").text.startswith("These are the words")


def test_one_process_reads_many_files_and_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    popen = subprocess.Popen

    def counted(*arguments, **named):
        started.append(popen(*arguments, **named))
        return started[-1]

    monkeypatch.setattr(extraction.subprocess, "Popen", counted)
    for number in range(30):
        (tmp_path / f"{number}.html").write_bytes(GOOD)
    assert len(load_corpus(tmp_path)[0]) == 30
    assert len(started) == 1
    assert started[0].returncode is not None


def test_a_corpus_of_texts_alone_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction.subprocess, "Popen", None)
    (tmp_path / "a.txt").write_text("Words.")
    assert len(load_corpus(tmp_path)[0]) == 1


def test_a_parser_that_hangs_ends_though_its_parent_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parser(tmp_path / "fake", monkeypatch, "while True: pass")
    code = """if True:
        import sys
        from partnership_qa.sources.extraction import Extractor, Limits
        extractor = Extractor(Limits(seconds=1))
        extractor._started()
        print(extractor._process.pid, flush=True)
        extractor.extract(b"%PDF-", ".pdf")
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        time.sleep(0.5)
        parent.kill()
    for _ in range(200):
        try:
            os.kill(child, 0)
            if Path(f"/proc/{child}/stat").read_text().split(")")[1].split()[0] == "Z":
                return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.1)
    pytest.fail("the parser still runs")


def test_a_module_in_the_working_folder_is_not_taken_for_a_parser(tmp_path: Path) -> None:
    (tmp_path / "selectolax.py").write_text("raise SystemExit('taken')")
    (tmp_path / "json.py").write_text("raise SystemExit('taken')")
    code = "import os, sys; os.chdir(sys.argv[1]); from partnership_qa.sources.extraction import Extractor; " \
        "print(Extractor().extract(b'<p>Words.', '.html').text)"  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", f"import sys; sys.path.remove(''); {code}", tmp_path]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "Words.\n\n"


def test_a_refused_file_is_reported_and_not_tried_again_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, root = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.html").write_bytes(GOOD)
    (corpus / "b.pdf").write_bytes(b"no PDF")
    first = build(corpus, root, FakeEncoder())
    assert [(entry.name, entry.reason) for entry in first.skipped] == [("b.pdf", "it is no PDF file")]
    with monkeypatch.context() as patched:
        patched.setattr(extraction.subprocess, "Popen", None)
        again = build(corpus, root, FakeEncoder())
    assert (again.skipped, again.digest) == (first.skipped, first.digest)
    (corpus / "b.pdf").write_bytes(pdf([["Now it is one."]]))
    assert build(corpus, root, FakeEncoder()).added == ("b.pdf",)
    assert open_index(root).sources["b.pdf"].pages == (0,)


def test_a_file_that_is_no_text_is_skipped_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"words")
    with Extractor() as extractor:
        found = read_file(SourceFile("a.docx", tmp_path / "a.docx"), extractor)
    assert isinstance(found, Skipped)
    assert "no DOCX file" in found.reason
