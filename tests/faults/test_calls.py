"""F2: the i-th call to the system fails, for every i, until a build goes through."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder
from stores import STORES, Naive, Store, write_corpus

from partnership_qa.errors import PartnershipQAError
from partnership_qa.index import build

DIE = -1


class Faults:
    """Counts the calls that reach the disk below a folder, and lets one of them fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, below: Path) -> None:
        self.below, self.calls, self.fail_at, self.kind = str(below), 0, 0, 0
        for name in ("replace", "mkdir", "unlink", "rmdir", "open", "truncate"):
            monkeypatch.setattr(os, name, self._wrapped(getattr(os, name)))
        fsync, real_open = os.fsync, io.open

        def sync(handle: int) -> None:
            self.count(self.below)
            fsync(handle)

        def opened(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
            if isinstance(file, int):
                return real_open(file, mode, *rest, **named)
            self.count(str(file))
            stream = real_open(file, mode, *rest, **named)
            return Written(stream, self) if set(mode) & set("wa") and str(file).startswith(self.below) else stream

        monkeypatch.setattr(os, "fsync", sync)
        monkeypatch.setattr(io, "open", opened)

    def _wrapped(self, call: Any) -> Any:
        def counted(path: Any, *rest: Any, **named: Any) -> Any:
            self.count(str(path))
            return call(path, *rest, **named)

        return counted

    def count(self, path: str) -> None:
        if not path.startswith(self.below):
            return
        self.calls += 1
        if self.calls == self.fail_at:
            if self.kind == DIE:
                os._exit(9)
            raise OSError(self.kind, os.strerror(self.kind), path)


class Written:
    """A file of which every write counts."""

    def __init__(self, stream: Any, faults: Faults) -> None:
        self._stream, self._faults = stream, faults

    def write(self, data: Any) -> int:
        self._faults.count(self._faults.below)
        return self._stream.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> Written:  # noqa: PYI034 - Self came with Python 3.11
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()


def _try_every_call(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, kind: int) -> tuple[int, list[str]]:
    """How many calls a rebuild makes, and what went wrong when one of them failed."""
    corpora = [write_corpus(folder / str(number), number) for number in (0, 1)]
    root, problems, states = folder / "index", [], []
    for number, corpus in enumerate(corpora):
        store.build(corpus, folder / f"alone-{number}")
        states.append(store.state(folder / f"alone-{number}"))
    faults = Faults(monkeypatch, root)
    number, done = 0, False
    while not done:
        number += 1
        faults.fail_at = 0
        store.build(corpora[0], root)
        faults.calls, faults.fail_at, faults.kind = 0, number, kind
        done = _build(store, corpora[1], root, kind, problems)
        done, faults.fail_at = done and (kind == DIE or faults.calls < number), 0
        try:
            if store.state(root) not in states:
                problems.append(f"call {number}: a mixture")
        except Exception as error:  # noqa: BLE001 - counted, whatever it is
            problems.append(f"call {number}: {error!r}")
        store.build(corpora[0], root)
        if store.state(root) != states[0]:
            problems.append(f"call {number}: the next build is not the corpus")
        if left := [path.name for path in root.rglob("*") if path.suffix in (".tmp", ".part")]:
            problems.append(f"call {number}: {left}")
    return number - 1, problems


def _build(store: Store, corpus: Path, root: Path, kind: int, problems: list[str]) -> bool:
    """Whether the build went through."""
    if kind == DIE:
        child = os.fork()
        if child == 0:
            store.build(corpus, root)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    try:
        store.build(corpus, root)
    except PartnershipQAError:
        return False
    except Exception as error:  # noqa: BLE001 - counted, whatever it is
        problems.append(f"not a typed error: {error!r}")
        return False
    return True


KINDS = {"input-output error": errno.EIO, "no space": errno.ENOSPC, "no permission": errno.EACCES, "death": DIE}


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
# Errors are told apart by nothing but their number: two kinds are tried always, all of them with the trials.
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[] if kind in ("no space", "death") else pytest.mark.trials) for kind in KINDS]
)
def test_f2_whichever_call_fails_the_index_is_the_old_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    calls, problems = _try_every_call(STORES["ours"], tmp_path, monkeypatch, KINDS[kind])
    assert problems == []
    assert calls >= 40


def test_a_store_that_writes_in_place_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _try_every_call(Naive(), tmp_path, monkeypatch, errno.ENOSPC)[1]


def test_a_first_build_that_fails_leaves_no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, root = write_corpus(tmp_path / "corpus", 0), tmp_path / "index"
    faults = Faults(monkeypatch, root)
    faults.fail_at, faults.kind = 30, errno.ENOSPC
    with pytest.raises(PartnershipQAError, match="No space left"):
        build(corpus, root, FakeEncoder())
    assert not [path.name for path in root.glob("gen-*")]
    build(corpus, root, FakeEncoder())
