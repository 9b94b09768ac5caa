"""Two versions of the package side by side: time of a question and memory of a process, in one run and in turn.

    git worktree add /tmp/before TAG
    python benchmarks/versions.py /tmp/before/src src ../shared/eval/xquad INDEX --questions 80

Each version runs in a process of its own on an index of the same texts, and they take turns every ten questions, so
that a machine whose speed drifts slows both alike. Prints median and 95th percentile of `QA.answer` in milliseconds,
their ratios to the first version's, and the resident memory after the last question.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import IO

TURN = 10
WORKER = """
import json, sys, time
from pathlib import Path
from partnership_qa import load
qa = load(Path(sys.argv[1]))
qa.answer("warm up")
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    spent = []
    for question in json.loads(line):
        begun = time.perf_counter()
        qa.answer(question)
        spent.append(time.perf_counter() - begun)
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    print(json.dumps([spent, pages * 4096]), flush=True)
"""


def started(source: Path, index: Path) -> subprocess.Popen[str]:
    """A process of one version, loaded and warm."""
    environment = os.environ | {"PYTHONPATH": str(source.resolve()), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", WORKER, str(index.resolve())]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def asked(process: subprocess.Popen[str], questions: list[str]) -> tuple[list[float], int]:
    """Seconds of each question, and the process's memory in bytes."""
    told, heard = _pipes(process)
    told.write(json.dumps(questions) + "\n")
    told.flush()
    spent, memory = json.loads(heard.readline())
    return spent, memory


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="folder that holds one version of partnership_qa")
    parser.add_argument("after", type=Path)
    parser.add_argument("set_dir", type=Path)
    parser.add_argument("index", type=Path, help="of the set's corpus")
    parser.add_argument(
        "--index-before", type=Path, help="one that the first version can open, if it is of another format"
    )
    parser.add_argument("--questions", type=int, default=80)
    a = parser.parse_args()
    lines = (a.set_dir / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in random.Random(0).sample(lines, min(a.questions, len(lines)))]
    versions = {"before": started(a.before, a.index_before or a.index), "after": started(a.after, a.index)}
    times: dict[str, list[float]] = {name: [] for name in versions}
    memory = dict.fromkeys(versions, 0)
    for process in versions.values():
        _pipes(process)[1].readline()
    for at in range(0, len(questions), TURN):
        for name, process in versions.items():
            spent, memory[name] = asked(process, questions[at : at + TURN])
            times[name] += spent
    shown = {}
    for name, values in times.items():
        values.sort()
        shown[name] = [values[len(values) // 2] * 1e3, values[int(len(values) * 0.95)] * 1e3]
        p50, p95 = shown[name]
        ratios = f"{p50 / shown['before'][0]:.2f} and {p95 / shown['before'][1]:.2f} times"
        print(f"{name:7} p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  {ratios}  {memory[name] / 2**20:.0f} MiB")
    for process in versions.values():
        process.kill()


if __name__ == "__main__":
    main()
