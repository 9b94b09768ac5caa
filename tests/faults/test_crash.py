"""F1, F6, F7, F8, F9, F10: builds that are killed, interrupted, run side by side or out of space.

Each trial is first shown to fail against a store that writes in place; see `trials.py`, which also runs by hand.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeEncoder
from stores import write_corpus

from partnership_qa.errors import CorpusIndexError
from partnership_qa.index import build, open_index

pytestmark = [pytest.mark.trials, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]

HERE = Path(__file__).parent


def _run(fault: str, *options: str, store: str = "ours") -> dict[str, int]:
    command = [sys.executable, HERE / "trials.py", fault, "--store", store, *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


RANDOM_MOMENTS = [
    ("kill", ["--readers", "2"]),
    ("interrupt", []),
    ("full", []),
    ("memory", []),
    ("read", ["--readers", "2", "--threads", "2"]),
    ("together", ["--builders", "2"]),
    ("together", ["--builders", "8"]),
    ("kill", ["--readers", "2", "--as-large"]),
    ("full", ["--as-large"]),
    ("read", ["--readers", "2", "--threads", "2", "--as-large"]),
]


@pytest.mark.parametrize(("fault", "options"), RANDOM_MOMENTS)
def test_a_few_trials_of_each_kind_find_nothing(fault: str, options: list[str]) -> None:
    found = _run(fault, "--trials", "5", *options)
    assert (found["problems"], found["trials"]) == ([], 5)


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "options"), [one for one in RANDOM_MOMENTS if "--as-large" not in one[1]])
def test_a_store_that_writes_in_place_is_found_out(fault: str, options: list[str]) -> None:
    """Or else these trials would prove nothing."""
    assert _run(fault, "--trials", "40", *options, store="naive")["problem_count"] > 0


@pytest.mark.parametrize("store", ["ours", "naive"])
def test_f1_large_corpora_of_which_a_part_changes(store: str) -> None:
    """Builds that take most of their passages from the generation before; any size can be given on the command line."""
    found = _run("kill", "--trials", "40", "--readers", "2", "--passages", "2000", store=store)
    assert (found["problem_count"] > 0) == (store == "naive")
    assert found["trials"] == 40


@pytest.mark.slow
def test_f1_killed_two_hundred_times_while_four_readers_ask() -> None:
    found = _run("kill", "--trials", "200", "--readers", "4")
    assert found["problems"] == []
    assert found["old"] + found["new"] == 200
    assert min(found["old"], found["new"]) > 0
    assert found["opens"] == found["answers"] > 1000


def test_f3_f4_of_420_damages_all_are_refused_by_name() -> None:
    found = _run("damage", "--trials", "420")
    large = _run("damage", "--trials", "420", "--as-large")
    assert (large["flips"], large["cuts"], large["refused_by_name"]) == (300, 120, 420)
    assert (found["flips"], found["cuts"], found["refused_by_name"]) == (300, 120, 420)


def test_f3_f4_a_store_without_checksums_answers_from_damaged_bytes() -> None:
    found = _run("damage", "--trials", "420", store="naive")
    assert found["wrong"] > 0


@pytest.mark.slow
def test_f6_fifty_rebuilds_while_four_processes_and_eight_threads_read() -> None:
    found = _run("read", "--trials", "50", "--readers", "4", "--threads", "8", "--reads", "5000")
    assert found["problems"] == []
    assert found["trials"] >= 50
    assert found["opens"] == found["answers"] >= 5000


@pytest.mark.slow
@pytest.mark.parametrize("builders", ["2", "8"])
def test_f7_builders_at_once_leave_the_work_of_one(builders: str) -> None:
    found = _run("together", "--trials", "20", "--builders", builders)
    assert (found["problems"], found["trials"]) == ([], 20)


@pytest.mark.slow
def test_f8_at_every_limit_on_the_size_of_a_file_the_old_index_answers() -> None:
    found = _run("full", "--trials", "20")
    assert found["problems"] == []
    assert found["typed_errors"] >= 15
    assert found["new"] >= 1


@pytest.mark.slow
def test_f10_interrupted_at_a_random_moment_the_index_is_intact() -> None:
    found = _run("interrupt", "--trials", "10")
    assert (found["problems"], found["trials"]) == ([], 10)


def test_a_builder_that_is_killed_leaves_no_lock_that_others_wait_for(tmp_path: Path) -> None:
    """What made these trials hang at times: a progress bar's lock that forked processes share."""
    code = """if True:
        import faulthandler, os, signal, sys
        from pathlib import Path
        from stores import STORES, write_corpus
        folder = Path(sys.argv[1])
        STORES["ours"].build(write_corpus(folder / "a", 0), folder / "index")
        import tqdm
        lock = tqdm.tqdm.get_lock()
        if (child := os.fork()) == 0:
            lock.acquire()
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        faulthandler.dump_traceback_later(20, exit=True)
        STORES["ours"].build(write_corpus(folder / "b", 1), folder / "index")
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code, tmp_path], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_f10_a_command_that_is_interrupted_says_so_by_its_exit_code(tmp_path: Path, number: int, code: int) -> None:
    """Of a process that a signal ended a shell shows 128 more than its number."""
    program = """if True:
        import sys, time
        from fakes import FakeEncoder
        from partnership_qa import cli, home
        class Slow(FakeEncoder):
            def encode(self, texts, progress=None):
                print("embedding", flush=True)
                time.sleep(60)
        home.load_encoder = Slow
        cli.main()
    """
    first = build(write_corpus(tmp_path / "old", 0), tmp_path / "index", FakeEncoder())
    command = [sys.executable, "-c", program, "build", write_corpus(tmp_path / "new", 1), "--index", tmp_path / "index"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), *sys.path])}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout.readline() == b"embedding\n"
        child.send_signal(number)
        assert child.wait(timeout=60) == code
    assert open_index(tmp_path / "index").generation.name == first.generation


def test_f8_on_a_full_disk_the_old_index_answers(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        root = disk / "index"
        first = build(write_corpus(tmp_path / "small", 0), root, FakeEncoder())
        large = write_corpus(tmp_path / "large", 1)
        (large / "more.txt").write_text("".join(f"Sentence number {n} of many.\n" for n in range(20_000)))
        with pytest.raises(CorpusIndexError, match="No space left"):
            build(large, root, FakeEncoder())
        assert open_index(root).generation.name == first.generation
        build(write_corpus(tmp_path / "small", 2), root, FakeEncoder())
        assert not [path.name for path in root.iterdir() if path.suffix in (".tmp", ".part")]
    finally:
        subprocess.run(["umount", disk], check=True)
