"""An index in Milvus gives the hits and answers of one on disk, and a build of it happens whole or not at all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

pytest.importorskip("pymilvus", reason="an index in Milvus needs pymilvus")
pytest.importorskip("milvus_lite", reason="tested with Milvus Lite")

from partnership_qa.errors import CorpusIndexError, IndexCorruptError, IndexNotFoundError
from partnership_qa.home import build_index, load
from partnership_qa.index import open_index
from partnership_qa.milvus import build_milvus, current_generation, open_milvus
from partnership_qa.milvus.rows import address_of
from partnership_qa.qa import QA

if TYPE_CHECKING:
    from partnership_qa.index import Store

pytestmark = pytest.mark.filterwarnings("ignore")  # of pymilvus, about itself
QUESTIONS = (
    "Who kept the light from 1901?", "What things are forbidden on the quay?", "How heavy is the lens?",
    "When was the harbour dug?", "the the the", "Who is the mayor of Atlantis?",
)  # fmt: skip


def qa_of(index: Store) -> QA:
    return QA.assemble(index, FakeEncoder(), FakeReader(), FAKE_CALIBRATION)


def address(folder: Path) -> str:
    return f"milvus:{folder / 'index.db'}#texts"


@pytest.fixture
def texts(tmp_path: Path, corpus: Path) -> Path:
    return Path(shutil.copytree(corpus, tmp_path / "texts"))


def test_hits_and_answers_are_those_of_an_index_on_disk(tmp_path: Path, texts: Path) -> None:
    build_index(texts, tmp_path / "local", encoder=FakeEncoder())
    build_milvus(texts, address(tmp_path), FakeEncoder())
    here, there = qa_of(open_index(tmp_path / "local")), qa_of(open_milvus(address(tmp_path)))
    assert list(there.index.passages) == list(here.index.passages)
    for question in QUESTIONS:
        for documents in ((), (here.index.passages[0].document,)):
            expected, found = (qa.search(question, k=6, documents=documents) for qa in (here, there))
            assert [hit.number for hit in found] == [hit.number for hit in expected]
            assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], abs=1e-6)
            assert [hit.lexical or 0 for hit in found] == pytest.approx(
                [hit.lexical or 0 for hit in expected], abs=1e-5
            )
        answer, other = here.answer(question).to_dict(), there.answer(question).to_dict()
        assert other.pop("confidence") == pytest.approx(answer.pop("confidence"), abs=1e-6)
        if answer["answered"]:
            for cited in (*answer["citations"], *other["citations"]):
                # Milvus does not keep which versions read the files, and then none is stated.
                taken = cited["proof"]["extraction"]
                taken["programs"] = [name.split()[0] for name in taken["programs"]]
            assert other == answer


def test_words_are_known_as_they_are_on_disk(tmp_path: Path, texts: Path) -> None:
    build_index(texts, tmp_path / "local", encoder=FakeEncoder())
    build_milvus(texts, address(tmp_path), FakeEncoder())
    here, there = open_index(tmp_path / "local").lexical, open_milvus(address(tmp_path)).lexical
    first = np.arange(open_index(tmp_path / "local").generation.manifest.sources[0].passages)
    for term in ("light", "quay", "harbour", "zebra"):
        assert there.holds(term) == here.holds(term)
        assert there.holds(term, first) == here.holds(term, first)


def test_only_what_changed_is_embedded_again(tmp_path: Path, texts: Path) -> None:
    first = build_milvus(texts, address(tmp_path), FakeEncoder())
    assert first.embedded == first.passages
    (texts / "new.md").write_text("# Boats\n\nThe ferry Petrel carries forty people.\n", encoding="utf-8")
    second = build_milvus(texts, address(tmp_path), FakeEncoder())
    assert (second.added, second.embedded) == (("new.md",), 1)
    assert qa_of(open_milvus(address(tmp_path))).search("ferry Petrel", k=1)[0].passage.document == "new.md"
    (texts / "new.md").unlink()
    third = build_milvus(texts, address(tmp_path), FakeEncoder())
    assert (third.removed, third.embedded) == (("new.md",), 0)
    assert "new.md" not in open_milvus(address(tmp_path)).sources


def test_after_changes_it_is_an_index_that_was_built_from_scratch(tmp_path: Path, texts: Path) -> None:
    build_milvus(texts, address(tmp_path), FakeEncoder())
    (texts / "new.md").write_text("# Boats\n\nThe ferry Petrel carries forty people to the quay.\n", encoding="utf-8")
    build_milvus(texts, address(tmp_path), FakeEncoder())
    build_index(texts, tmp_path / "local", encoder=FakeEncoder())
    here, there = qa_of(open_index(tmp_path / "local")), qa_of(open_milvus(address(tmp_path)))
    for question in QUESTIONS:
        expected, found = (qa.search(question, k=8) for qa in (here, there))
        assert [hit.number for hit in found] == [hit.number for hit in expected]


# Milvus Lite lets one process at a time have its file open: each step is a process of its own.
STEP = """
import json, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
sys.path.insert(0, sys.argv[1] + "/milvus")
import test_milvus_index as here
from partnership_qa.milvus import build_milvus, rows
left = int(sys.argv[4])
write = rows.Rows.write
def counted(self, kind, part):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    write(self, kind, part)
rows.Rows.write = counted
build_milvus(Path(sys.argv[2]), sys.argv[3], here.FakeEncoder())
print(json.dumps(here.found(sys.argv[3])))
"""


def found(place: str) -> list[dict[str, object]]:
    """What is found for each question."""
    reading = qa_of(open_milvus(place))
    return [hit.to_dict() for question in QUESTIONS for hit in reading.search(question, k=8)]


def step(texts: Path, place: str, writes: int) -> subprocess.CompletedProcess[str]:
    """Build in another process, which is killed after so many writes."""
    command = [sys.executable, "-c", STEP, str(Path(__file__).parents[1]), str(texts), place, str(writes)]
    return subprocess.run(command, capture_output=True, check=False, text=True)


@pytest.mark.parametrize("writes", [0, 1, 2, 3, 5])
def test_a_build_that_is_killed_leaves_the_index_as_it_was(tmp_path: Path, texts: Path, writes: int) -> None:
    place, before = address(tmp_path), json.loads(step(texts, address(tmp_path), 100).stdout)
    (texts / "new.md").write_text("# Boats\n\nThe ferry Petrel carries forty people.\n", encoding="utf-8")
    next(file for file in sorted(texts.rglob("*.md")) if file.name != "new.md").unlink()
    assert step(texts, place, writes).returncode == -9
    assert found(place) == before
    build_milvus(texts, place, FakeEncoder())
    build_index(texts, tmp_path / "local", encoder=FakeEncoder())
    here, there = qa_of(open_index(tmp_path / "local")), qa_of(open_milvus(place))
    assert list(there.index.passages) == list(here.index.passages)
    for question in QUESTIONS:
        assert [h.number for h in there.search(question, k=8)] == [h.number for h in here.search(question, k=8)]


def test_readers_see_the_index_before_a_build_or_after_it(tmp_path: Path, texts: Path) -> None:
    build_milvus(texts, address(tmp_path), FakeEncoder())
    changing = texts / "state.md"
    allowed, wrong, seen = {0}, [], set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                store = open_milvus(address(tmp_path))
                said = {p.text for p in store.passages if p.document == "state.md"}
                hits = {h.passage.text for h in qa_of(store).search("ferry trip number", k=3)}
            except IndexCorruptError as error:
                if "open it again" not in str(error):
                    wrong.append(str(error))
                continue
            hits = {text for text in hits if "ferry" in text}
            if len(said) > 1 or hits - said:
                wrong.append(f"{said} {hits}")
            seen.update(said)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 21):
        changing.write_text(f"# State\n\nThe ferry made trip number {number}.\n", encoding="utf-8")
        allowed.add(number)
        build_milvus(texts, address(tmp_path), FakeEncoder())
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert seen


def test_what_has_been_replaced_twice_says_so(tmp_path: Path, texts: Path) -> None:
    build_milvus(texts, address(tmp_path), FakeEncoder())
    old = open_milvus(address(tmp_path))
    for number in range(2):
        (texts / f"new{number}.md").write_text("The ferry Petrel. " * (40 + 400 * number), encoding="utf-8")
        build_milvus(texts, address(tmp_path), FakeEncoder())
    with pytest.raises(IndexCorruptError, match="has been replaced: open it again"):
        list(old.passages)


def test_an_address_stands_wherever_a_folder_may(tmp_path: Path, texts: Path) -> None:
    report = build_index(texts, address(tmp_path), encoder=FakeEncoder())
    reading = load(address(tmp_path), encoder=FakeEncoder(), reader=FakeReader())
    assert len(reading.index.passages) == report.passages
    assert reading.index.generation.name == current_generation(address(tmp_path)) == report.generation


def test_addresses() -> None:
    assert address_of("milvus:a/b.db").file == Path("a/b.db")
    assert address_of("milvus:http:/host:19530#laws").uri == "http://host:19530"
    assert (address_of("milvus:http://host:19530#laws").name, address_of("milvus:x.db").name) == (
        "laws",
        "partnership_qa",
    )
    with pytest.raises(CorpusIndexError, match="No address of Milvus"):
        address_of("milvus:x.db#no good")


def test_nothing_built_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError):
        open_milvus(address(tmp_path))
