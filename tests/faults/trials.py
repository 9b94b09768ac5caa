"""Rebuilds that are killed, interrupted, run side by side or out of space; prints what happened as JSON.

    python tests/faults/trials.py kill --trials 200 --readers 4
    python tests/faults/trials.py read --trials 50 --readers 4 --threads 8 --reads 5000
    python tests/faults/trials.py damage --trials 420
    python tests/faults/trials.py kill --trials 1000 --readers 2 --passages 100500

Each trial forks from this process, which has all modules loaded, so that hundreds of them take a minute. Whatever
happens, an index must open as the whole old or the whole new corpus, and the next build must leave no debris.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
from functools import partial
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Threads of a library do not survive a fork; a child that waits for them would hang.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
# ruff: noqa: E402 - the fakes stand in folders that are no packages
sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader
from stores import LARGE_STORES, STORES, InPlace, Large, Naive, Store, write_corpus, write_large_corpus

from partnership_qa.errors import PartnershipQAError
from partnership_qa.index import blobs, dense, open_index
from partnership_qa.qa import QA

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TYPED, UNTYPED = 3, 4


class Trials:
    """An index over corpus 0 and the states that corpora 0, 1, … have when they are built alone."""

    def __init__(self, store: Store, seed: int, corpora: int = 2, passages: int = 0) -> None:
        self.store, self.random = store, random.Random(seed)
        self.patience = 600 if passages else 60  # seconds
        self.folder = Path(tempfile.mkdtemp(prefix="faults-"))
        self.root = self.folder / "index"
        write = partial(write_large_corpus, passages=passages) if passages else write_corpus
        self.corpora = [write(self.folder / f"corpus-{n}", n) for n in range(corpora)]
        self.states: dict[str, int] = {}
        for number, corpus in enumerate(self.corpora):
            store.build(corpus, self.folder / f"alone-{number}")
            self.states[store.state(self.folder / f"alone-{number}")] = number
        if passages:  # it takes long, and an index may be copied
            shutil.copytree(self.folder / "alone-0", self.root)
        store.build(self.corpora[0], self.root)
        self.counts = {"trials": 0, "old": 0, "new": 0, "typed_errors": 0}
        self.problems: list[str] = []

    def typical_seconds(self) -> float:
        """How long a rebuild takes in a process of its own, its fork included: the median of nine."""
        seconds = []
        for trial in range(9):
            begun = time.perf_counter()
            os.waitpid(self.fork(lambda corpus=self.corpora[1 - trial % 2]: self.store.build(corpus, self.root)), 0)
            seconds.append(time.perf_counter() - begun)
        self.store.build(self.corpora[0], self.root)
        return sorted(seconds)[4]

    def fork(self, act: Callable[[], None]) -> int:
        """Process id of a child that acts and exits: 0, or by the kind of error."""
        child = os.fork()
        if child:
            return child
        try:
            signal.alarm(self.patience)  # a child that hangs is killed, and counts as an error
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            act()
        except PartnershipQAError:
            os._exit(TYPED)
        except BaseException:  # noqa: BLE001 - counted, whatever it is
            os._exit(UNTYPED)
        os._exit(0)

    def which(self, what: str) -> int | None:
        """Number of the corpus that the index holds whole; a problem is noted where it holds none."""
        try:
            state = self.store.state(self.root)
        except Exception as error:  # noqa: BLE001 - counted, whatever it is
            self.problems.append(f"{what}: cannot be opened: {error!r}"[:300])
            return None
        if state not in self.states:
            self.problems.append(f"{what}: a mixture of corpora")
        return self.states.get(state)

    def settle(self, what: str, old: int, new: int) -> None:
        """After a fault: the index is the old or the new one, and the next build succeeds and leaves no debris."""
        self.counts["trials"] += 1
        found = self.which(what)
        self.counts["new" if found == new else "old"] += found is not None
        if found is not None and found not in (old, new):
            self.problems.append(f"{what}: neither the old nor the new corpus")
        self.store.build(self.corpora[old], self.root)
        self.which(f"{what}, then built again")
        debris = [p.name for p in self.root.rglob("*") if p.name.endswith((".tmp", ".part")) or p.name == ".writer"]
        if debris or len(list(self.root.glob("gen-*"))) > 2 or len(list(self.root.glob("originals/*"))) > 2:
            self.problems.append(f"{what}: debris {debris}")

    def close(self) -> dict[str, object]:
        shutil.rmtree(self.folder, ignore_errors=True)
        return {**self.counts, "problems": self.problems[:5], "problem_count": len(self.problems)}


def kill(trials: Trials, count: int, readers: int) -> None:
    """kill -9 at a moment uniform in [0, 1.2 T], while readers open the index and ask it."""
    stop = trials.folder / "stop"
    pipes, _ = _readers(trials, stop, readers)
    longest = 1.2 * trials.typical_seconds()
    for trial in range(count):
        old, new = trial % 2, 1 - trial % 2
        trials.store.build(trials.corpora[old], trials.root)
        child = trials.fork(lambda new=new: trials.store.build(trials.corpora[new], trials.root))
        time.sleep(trials.random.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        trials.settle(f"kill {trial}", old, new)
    stop.touch()
    _collect(trials, pipes)


def kill_on(trials: Trials, count: int, readers: int, seconds: float) -> None:
    """As `kill`, of builds between which nothing is set right: what a killed one leaves, the next finds.

    After every twentieth a build must succeed and leave no debris. No trial begins after so many seconds.
    """
    stop = trials.folder / "stop"
    pipes, _ = _readers(trials, stop, readers)
    longest, holds, begun = 1.2 * trials.typical_seconds(), 0, time.monotonic()
    for trial in range(count):
        if time.monotonic() - begun > seconds:
            break
        child = trials.fork(lambda new=1 - holds: trials.store.build(trials.corpora[new], trials.root))
        time.sleep(trials.random.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        trials.counts["finished"] = trials.counts.get("finished", 0) + (code == 0)
        if code not in (0, -signal.SIGKILL):
            trials.problems.append(f"kill {trial}: the build ended by itself with {code}")
        if trial % 20 == 19:
            trials.settle(f"kill {trial}", holds, 1 - holds)
            print(json.dumps({**trials.counts, "problems": len(trials.problems)}), file=sys.stderr, flush=True)
            continue
        trials.counts["trials"] += 1
        found = trials.which(f"kill {trial}")
        if code == 0 and found == holds:
            trials.problems.append(f"kill {trial}: the build had ended, and its corpus is not there")
        trials.counts["new" if found == 1 - holds else "old"] += found is not None
        holds = holds if found is None else found
    stop.touch()
    _collect(trials, pipes)


def _readers(trials: Trials, stop: Path, count: int, threads: int = 1) -> tuple[list[int], Sequence[int]]:
    """Pipes of processes that read, the first of them in several threads, and how often each has read so far."""
    reads = RawArray("q", count)
    return [_reader(trials, stop, reads, number, 1 if number else threads) for number in range(count)], reads


def _reader(trials: Trials, stop: Path, reads: Any, number: int, threads: int) -> int:
    """Pipe that gives the counts of a process that opens and asks, in so many threads, until it is told to stop."""
    readable, writable = os.pipe()
    if os.fork():
        os.close(writable)
        return readable
    problems: list[str] = []
    found = {"opens": 0, "answers": 0}
    counting = threading.Lock()
    parent = os.getppid()

    def read() -> None:
        while not stop.exists() and os.getppid() == parent:
            try:
                state = trials.store.state(trials.root)
                answers = 0 if isinstance(trials.store, (Naive, InPlace)) else _ask(trials)
            except Exception as error:  # noqa: BLE001 - counted, whatever it is
                problems.append(f"a reader could not open: {error!r}"[:300])
                continue
            if state not in trials.states:
                problems.append("a reader saw a mixture of corpora")
            with counting:
                found["opens"] += 1
                found["answers"] += answers
                reads[number] = found["opens"]

    others = [threading.Thread(target=read) for _ in range(threads - 1)]
    for other in others:
        other.start()
    read()
    for other in others:
        other.join()
    with os.fdopen(writable, "w") as stream:
        json.dump({**found, "problems": problems[:20]}, stream)
    os._exit(0)


def _collect(trials: Trials, pipes: list[int]) -> None:
    for pipe in pipes:
        with os.fdopen(pipe) as stream:
            found = json.loads(stream.read() or '{"opens": 0, "answers": 0, "problems": ["a reader died"]}')
        for name in ("opens", "answers"):
            trials.counts[name] = trials.counts.get(name, 0) + found[name]
        trials.problems += found["problems"]


def read(trials: Trials, count: int, readers: int, threads: int, least: int) -> None:
    """Rebuild after rebuild while processes read, one of them in several threads, until they have read enough."""
    stop = trials.folder / "stop"
    pipes, reads = _readers(trials, stop, readers, threads)
    while trials.counts["trials"] < count or sum(reads) < least:
        trials.store.build(trials.corpora[1 - trials.counts["trials"] % 2], trials.root)
        trials.counts["trials"] += 1
    stop.touch()
    _collect(trials, pipes)


def damage(trials: Trials, count: int) -> None:
    """In five of seven trials one bit of a file is another, in two a file is cut; every file has its turn."""
    trials.counts |= {"flips": 0, "cuts": 0, "refused_by_name": 0, "refused": 0, "unnoticed": 0, "wrong": 0}
    trials.store.build(trials.corpora[1], trials.root)
    kept = min(trials.root.glob("gen-*"), default=None)  # of the generation before nothing is read
    files = [path for path in sorted(trials.root.rglob("*")) if path.is_file() and path.stat().st_size]
    files = [path for path in files if kept not in path.parents]
    unread = hashlib.sha256((trials.corpora[0] / "four.txt").read_bytes()).hexdigest()
    files = [path for path in files if path.name != unread]
    for trial in range(count):
        file, cut = files[trial % len(files)], trial % 7 >= 5
        data = bytearray(whole := file.read_bytes())
        place = trials.random.randrange(len(data))
        if cut:
            del data[place:]
        else:
            data[place] ^= 1 << trials.random.randrange(8)
        file.write_bytes(data)
        trials.counts["trials"] += 1
        trials.counts["cuts" if cut else "flips"] += 1
        trials.counts[_seen(trials, file)] += 1
        file.write_bytes(whole)


def _seen(trials: Trials, file: Path) -> str:
    """What opening an index with a damaged file comes to."""
    try:
        state = trials.store.state(trials.root)
    except Exception as error:  # noqa: BLE001 - counted, whatever it is
        return "refused_by_name" if getattr(error, "file", None) == file else "refused"
    if trials.states.get(state) == 1:
        return "unnoticed"
    trials.problems.append(f"{file.name}: answered from damaged bytes")
    return "wrong"


def _ask(trials: Trials) -> int:
    """Ask one question of the index; the answer must be a sentence of its own corpus."""
    index = open_index(trials.root)
    found = QA.assemble(index, FakeEncoder(), FakeReader(), FAKE_CALIBRATION).answer("What has lamp number 5 burnt?")
    for citation in found.citations:
        if index.sources[citation.document].text[citation.start : citation.end] != citation.quote:
            raise AssertionError("a wrong quote")
    if "lamp number 5" not in found.text:
        raise AssertionError(f"a wrong answer: {found.text}")
    if isinstance(trials.store, Large):
        number = trials.states.get(index.generation.manifest.digest)
        if f"In build {number} the lamp" not in found.text:
            raise AssertionError(f"an answer of another corpus than {number}: {found.text}")
    return 1


def interrupt(trials: Trials, count: int) -> None:
    """SIGINT and SIGTERM in turn, at a random moment."""
    longest = 1.2 * trials.typical_seconds()
    for trial in range(count):
        child = trials.fork(lambda: trials.store.build(trials.corpora[1], trials.root))
        time.sleep(trials.random.uniform(0, longest))
        os.kill(child, signal.SIGINT if trial % 2 else signal.SIGTERM)
        os.waitpid(child, 0)
        trials.settle(f"signal {trial}", 0, 1)


def full(trials: Trials, count: int) -> None:
    """A limit on the size of a file, at sizes from nothing to more than is needed."""
    largest = max(p.stat().st_size for p in trials.root.rglob("*") if p.is_file())
    for trial in range(count):
        limit = int(1.1 * largest * trial / count)

        def build(limit: int = limit) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            trials.store.build(trials.corpora[1], trials.root)

        code = os.waitstatus_to_exitcode(os.waitpid(trials.fork(build), 0)[1])
        trials.counts["typed_errors"] += code == TYPED
        if code not in (0, TYPED):
            trials.problems.append(f"limit {limit}: no typed error (exit {code})")
        trials.settle(f"limit {limit}", 0, 1)


def memory(trials: Trials, count: int) -> None:
    """A limit on the address space, from what the process has to 128 MiB more, while building and while opening."""

    def limited(act: Callable[[], object], more: int) -> None:
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + more, held + more))
        act()

    for trial in range(count):
        more = 2**27 * trial // count
        acts = partial(trials.store.build, trials.corpora[1], trials.root), partial(trials.store.state, trials.root)
        for act in acts:
            child = trials.fork(lambda act=act, more=more: limited(act, more))
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            trials.counts["typed_errors"] += code == TYPED
            if code not in (0, TYPED):
                trials.problems.append(f"{more} bytes: no typed error (exit {code})")
        trials.settle(f"{more} bytes", 0, 1)


def together(trials: Trials, count: int, builders: int) -> None:
    """Builders at once, each with a corpus of its own: the last state is one of theirs."""
    for trial in range(count):
        children = [
            trials.fork(lambda corpus=corpus: trials.store.build(corpus, trials.root))
            for corpus in trials.corpora[:builders]
        ]  # fmt: skip
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        if any(code not in (0, TYPED) for code in codes):
            trials.problems.append(f"round {trial}: exits {codes}")
        trials.counts["trials"] += 1
        trials.counts["typed_errors"] += codes.count(TYPED)
        trials.which(f"round {trial}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fault", choices=["kill", "read", "damage", "interrupt", "full", "memory", "together"])
    parser.add_argument("--store", choices=STORES, default="ours")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--readers", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="of the first reader")
    parser.add_argument("--reads", type=int, default=0, help="at least so many, however many rebuilds they take")
    parser.add_argument("--builders", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--as-large", action="store_true", help="store small indexes as those of a million passages")
    parser.add_argument("--passages", type=int, default=0, help="of corpora that are large in earnest, for `kill`")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="after which none of these trials begins")
    given = parser.parse_args()
    if given.passages:
        trials = Trials(LARGE_STORES[given.store], given.seed, 2, given.passages)
        kill_on(trials, given.trials, given.readers, given.seconds)
        print(json.dumps(trials.close()))
        return
    if given.as_large:
        blobs.MAPPED_FROM, dense.FLAT_UP_TO = 1, 8
    trials = Trials(STORES[given.store], given.seed, max(2, given.builders))
    if given.fault == "kill":
        kill(trials, given.trials, given.readers)
    elif given.fault == "read":
        read(trials, given.trials, given.readers, given.threads, given.reads)
    elif given.fault == "together":
        together(trials, given.trials, given.builders)
    else:
        {"interrupt": interrupt, "full": full, "damage": damage, "memory": memory}[given.fault](trials, given.trials)
    print(json.dumps(trials.close()))


if __name__ == "__main__":
    main()
