"""I1, I2, I4, X6, D1: texts, files, questions and indexes that somebody meant harm with, or nobody thought of."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import random
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fakes import CORPUS, FakeEncoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnership_qa.errors import CorpusError, CorpusIndexError, PartnershipQAError, QuestionError
from partnership_qa.index import build, open_index

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnership_qa.index import Index
    from partnership_qa.qa import QA

TEXTS: dict[str, bytes] = {
    "empty": b"",
    "white": b" \n\t\r\n",
    "mark": b"\xef\xbb\xbfMarked words.",
    "crlf": b"One.\r\nTwo.\r\n",
    "cr": b"One.\rTwo.\r",
    "nul": b"One.\0Two.",
    "one bad byte": b"Words. " * 50 + b"\xff" + b" words." * 50,
    "half bad bytes": bytes(random.Random(1).randrange(256) for _ in range(4000)),
    "utf-16 without a mark": "Words.".encode("utf-16-le"),
    "lone surrogates": "Words \ud800.".encode("utf-8", "surrogatepass"),
    "right to left": "\u202eשלום עולם.\u202c Words.".encode(),
    "combining marks": ("e" + "\u0301" * 2000 + " word.").encode(),
    "joined emoji": ("👩‍👩‍👧‍👦" * 300).encode(),
    "one long line": b"word " * 60_000,
    "no spaces": b"x" * 100_000,
    "many sentences": b"a." * 30_000,
    "the same line": b"The same line.\n" * 2000,
    "special tokens": b"<|endoftext|> [CLS] [SEP] [MASK] are words.",
    "only signs": "…—?!".encode(),
    "controls": b"\x01\x02 words \x1b[31m red \x07.",
}


LARGE_TEXTS = {
    "one long line": b"word " * 1_000_000,
    "no spaces": b"x" * 1_000_000,
    "many sentences": b"a." * 1_000_000,
    "the same line": b"The same line.\n" * 10_000,
    "one long row": b"| " + b"a | " * 100_000 + b"\n|" + b"---|" * 100_000 + b"\n| " + b"b | " * 100_000,
}


@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(text, id=name) for name, text in TEXTS.items()),
        *(pytest.param(text, id=f"large: {name}", marks=pytest.mark.trials) for name, text in LARGE_TEXTS.items()),
    ],
)
def test_i1_a_text_is_indexed_with_exact_offsets_or_left_out_with_a_reason(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "good.txt").write_text("A good text stands beside it.")
    (tmp_path / "corpus" / "odd.txt").write_bytes(text)
    report = build(tmp_path / "corpus", tmp_path / "index", FakeEncoder())
    index = open_index(tmp_path / "index")
    if "odd.txt" not in index.sources:
        assert [entry.name for entry in report.skipped if entry.reason] == ["odd.txt"]
        return
    for passage in index.passages:
        assert index.sources[passage.document].text[passage.start : passage.end] == passage.text


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
def test_i2_of_odd_files_none_is_followed_opened_or_waited_for(
    corpus: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.txt").write_text("The secret word is xyzzy.")
    (corpus / "out.txt").symlink_to(tmp_path / "secret.txt")
    (corpus / "round.txt").symlink_to("round.txt")
    (corpus / "zero.txt").symlink_to("/dev/zero")
    (corpus / "gone.md").symlink_to("nowhere.md")
    os.mkfifo(corpus / "pipe.txt")
    (corpus / "picture.png").write_bytes(b"\x89PNG")
    (corpus / "packed.txt").write_bytes(b"\x1f\x8b\x08")
    (corpus / "filing.txt").write_bytes(b"%PDF-1.7")
    (corpus / "LEDGER.txt").write_text("The same name in capitals.")
    (corpus / "a\nb<img src=x>.txt").write_text("An odd name.")
    (corpus / "\u202etxt.dab.txt").write_text("A name that reads backwards.")
    (corpus / "zip.md").write_bytes(b"PK\3\4\0\0")
    (corpus / "folder.txt").mkdir()
    (corpus / "up").symlink_to(corpus.parent)
    Path(os.fsdecode(os.fsencode(corpus) + b"/\xff.txt")).write_text("A name that is no text.")
    monkeypatch.chdir(corpus)  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.txt")
    with (corpus / "sparse.txt").open("wb") as stream:
        stream.truncate(2**31)
    begun = time.monotonic()
    report = build(corpus, root, FakeEncoder())
    assert time.monotonic() - begun < 10
    assert len(report.skipped) == 13
    assert set(report.added) == {*CORPUS, "LEDGER.txt", "a\nb<img src=x>.txt", "\u202etxt.dab.txt"}
    assert "xyzzy" not in "".join(source.text for source in open_index(root).sources.values())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_i2_a_file_that_may_not_be_read_is_left_out(corpus: Path, root: Path) -> None:
    (corpus / "ledger.txt").chmod(0)
    assert [entry.name for entry in build(corpus, root, FakeEncoder()).skipped] == ["ledger.txt"]


@pytest.mark.trials
def test_i2_of_a_hundred_thousand_small_files_each_is_accounted_for(corpus: Path, root: Path) -> None:
    for number in range(100_000):
        (corpus / f"{number}.txt").touch()
    report = build(corpus, root, FakeEncoder())
    assert (len(report.added), len(report.skipped)) == (3, 100_000)


QUESTIONS = [
    "", " \n\t", "?", "a", "x" * 2001, "word " * 20_000, "the of and to is", "🙂🙂🙂", "Wann wurde der Hafen gegraben?",
    "'; DROP TABLE passages; --", "(.*)+$[", "{0.__class__.__init__}", "%s%n%x", "\0", "When was\0 it dug?",
    "<|endoftext|>", "\ud800", "\u202ewhen", "[CLS] [SEP]",
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_i4_a_question_is_answered_declined_or_refused(qa: QA, question: str) -> None:
    begun = time.monotonic()
    try:
        found = qa.answer(question)
    except QuestionError:
        assert not question.replace("\0", " ").strip() or len(question) > 2000
    else:
        assert found.text
        json.dumps(found.to_dict())
    assert time.monotonic() - begun < 1


@settings(max_examples=500, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=200))
def test_i4_any_question_is_answered_declined_or_refused(qa: QA, question: str) -> None:
    try:
        found = qa.answer(question)
    except QuestionError:
        assert not question.replace("\0", " ").strip()
        return
    for citation in found.citations:
        assert qa.index.sources[citation.document].text[citation.start : citation.end] == citation.quote


def _forge(index: Index, file: str, data: bytes, change: Callable[[dict[str, Any]], object] | None = None) -> None:
    """Put a file into the index and make every hash fit, as somebody who can write to it could."""
    folder = index.root / index.generation.name
    if not file.startswith(("/", "..")):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(data)
    values = json.loads((folder / "manifest.json").read_bytes())
    values["files"][file] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    if change is not None:
        change(values)
    manifest = json.dumps(values).encode()
    (folder / "manifest.json").write_bytes(manifest)
    pointer = {"generation": folder.name, "manifest": hashlib.sha256(manifest).hexdigest(), "corpus": "", "kept": []}
    line = json.dumps(pointer).encode()
    (index.root / "CURRENT").write_bytes(line + b"\n" + hashlib.sha256(line).hexdigest().encode() + b"\n")


class Bomb:
    """Unpickling it leaves a trace."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.putenv, ("PQA_UNPICKLED", "1"))


def _outside(rows: bytes) -> bytes:
    """Rows of passages of which the second begins far behind all texts."""
    head = len(rows) - len(np.load(io.BytesIO(rows))) * 32
    return rows[: head + 32] + (2**40).to_bytes(8, "little") + rows[head + 40 :]


def _array(header: str) -> bytes:
    head = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head


OF_VECTORS = _array("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 64), }")
OF_OBJECTS = _array("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }")
OF_MANY = _array("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }")

FORGERIES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a pickle of its own": ("model.pkl", lambda _: pickle.dumps(Bomb())),
    "a path upwards": ("../../passwd", lambda _: b""),
    "an absolute path": ("/etc/passwd", lambda _: b""),
    "no vectors": ("vectors.npy", lambda _: b"junk" * 100),
    "vectors that claim 2**40 numbers": ("vectors.npy", lambda _: OF_VECTORS),
    "a pickled array": ("lexical/data.npy", lambda _: OF_OBJECTS + pickle.dumps([Bomb()])),
    "an array that claims 2**40 numbers": ("lexical/data.npy", lambda _: OF_MANY),
    "words that fit no array": ("lexical/vocabulary.json", lambda _: b'{"a": 99}'),
    "a nest of brackets": ("lexical/vocabulary.json", lambda _: b"[" * 100_000 + b"\n"),
    "passages of no array": ("passages/rows.npy", lambda _: b"junk" * 100),
    "passages that lie outside the texts": ("passages/rows.npy", _outside),
    "units of other passages": ("passages/units.npy", lambda units: units[: len(units) // 2]),
    "labels that are not there": ("passages/labels.bin", lambda _: b""),
    "fewer texts": ("sources.txt", lambda _: b""),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_x6_a_forged_index_whose_hashes_fit_is_refused(index: Index, name: str) -> None:
    file, data = FORGERIES[name]
    there = index.root / index.generation.name / file
    _forge(index, file, data(there.read_bytes() if there.is_file() and ".." not in file else b""))
    begun = time.monotonic()
    with pytest.raises(CorpusIndexError):
        open_index(index.root)
    assert time.monotonic() - begun < 5
    assert "PQA_UNPICKLED" not in os.environ


def test_x6_a_generation_that_is_a_link_is_refused(index: Index, tmp_path: Path) -> None:
    folder = index.root / index.generation.name
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CorpusIndexError):
        open_index(index.root)


FAKES = """
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader
from partnership_qa.index import build, open_index
from partnership_qa.qa import QA
digest = build(corpus, root, FakeEncoder()).digest
qa = QA.assemble(open_index(root), FakeEncoder(), FakeReader(), FAKE_CALIBRATION)
"""
SHIPPED = """
import partnership_qa
digest = partnership_qa.build_index(corpus, root).digest
qa = partnership_qa.load(root)
"""
ASK = """
asked = ("When was the harbour dug?", "What is forbidden?", "Gold?")
print(json.dumps([digest, *(qa.answer(question).to_dict() for question in asked)]))
"""


@pytest.mark.parametrize(
    ("models", "trials"),
    [
        pytest.param(FAKES, 4, id="fakes-4"),
        pytest.param(FAKES, 20, id="fakes-20", marks=pytest.mark.trials),
        pytest.param(SHIPPED, 20, id="shipped-20", marks=[pytest.mark.trials, pytest.mark.slow]),
    ],
)
def test_d1_the_same_texts_give_the_same_index_and_the_same_bytes_of_an_answer_in_any_process(
    corpus: Path, root: Path, models: str, trials: int
) -> None:
    code = f"import json, sys\nfrom pathlib import Path\ncorpus, root = map(Path, sys.argv[1:])\n{models}{ASK}"
    answers = set()
    for trial in range(trials):
        names = list(CORPUS)
        random.Random(trial).shuffle(names)
        copy = root.parent / f"copy-{trial}"
        for name in names:  # the order in which a folder lists its files is that of their making
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((corpus / name).read_bytes())
        environment = {
            **os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]),
            "PYTHONHASHSEED": str(trial),
            "OMP_NUM_THREADS": str(1 + trial % 2),
        }  # fmt: skip
        command = [sys.executable, "-c", code, copy, root.parent / f"index-{trial}"]
        answers.add(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert len(answers) == 1


def test_a_question_of_another_type_is_refused(qa: QA) -> None:
    with pytest.raises(PartnershipQAError):
        qa.answer(3)


def test_a_corpus_of_bad_files_alone_is_a_typed_error(tmp_path: Path, root: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\0")
    with pytest.raises(CorpusError, match="NUL"):
        build(tmp_path / "bad.txt", root, FakeEncoder())
    assert not np.any([path.name.startswith("gen-") for path in tmp_path.rglob("*")])
