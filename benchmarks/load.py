"""Many users at once over loopback, a rebuild in the middle: `python benchmarks/load.py --users 64 --questions 20`.

Every answer is compared with those that the two generations give without load; the only failure that counts as honest
is 503, "queue is full", and its user asks again. The rebuild begins when a third of the questions are answered. Shown:
answers, wrong ones, failures, seconds per answer at the median and at the 95th of 100, and the memory of the server
before, at the end, and when it has come to rest. The exit code is 1 where an answer was wrong, a failure another, the
rebuild did not come through, or more than 50 MiB of memory did not come back.

`--fakes` takes the encoder and the reader of the tests: what is measured then is the page alone, and it starts at once.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

PROJECT = Path(__file__).resolve().parents[1]
SCRIPT = """
import sys
from partnership_qa import build_index
from partnership_qa.web import serve
build_index(sys.argv[1], sys.argv[2])
serve(index=sys.argv[2])
"""
QUESTIONS = (
    "How much did Microsoft invest in 2019?",
    "What stake does Microsoft hold in OpenAI?",
    "What are the key concerns?",
    "What is the impact of the GitHub Copilot launch?",
    "Who is the CEO of Microsoft?",
    "Who painted the Mona Lisa?",
    "What became the exclusive cloud provider for OpenAI's API?",
    "Which developments could shape this relationship?",
)
FAKE_QUESTIONS = (
    "When was the harbour dug?",
    "What is the fee of the Cutter boat?",
    "What three things are forbidden on the quay?",
    "When did the new lens arrive?",
    "Who kept the light from 1901?",
    "Who painted the Mona Lisa?",
)
OLD_TEXT = "The moon of Vadso was full."
NEW_TEXT = "The tide table of Vadso was printed in 1911 by a carpenter."
MEMORY_MIB = 50
RETRY_SECONDS = 0.2


def call(client: httpx.Client, name: str, data: list[object]) -> tuple[int, object]:
    """Status and result of one named endpoint; what a page or `gradio_client` does, without their comfort."""
    joined = client.post(f"/gradio_api/call/{name}", json={"data": data})
    if joined.status_code != 200:
        return joined.status_code, None
    stream = client.get(f"/gradio_api/call/{name}/{joined.json()['event_id']}").text
    found = re.search(r"event: complete\ndata: (.*)", stream)
    return (200, json.loads(found[1])[0]) if found else (500, stream[-200:])


def comparable(answer: object) -> object:
    """An answer without what depends on how many passages compete: its scores."""
    assert isinstance(answer, dict)
    return answer["answered"], answer["text"], [(c["document"], c["start"], c["end"]) for c in answer["citations"]]


class Tally:
    """What came of all the questions."""

    def __init__(self, wanted: int) -> None:
        self.seconds: list[float] = []
        self.wrong: list[str] = []
        self.failures: dict[int, int] = {}
        self.third = threading.Event()
        self._wanted = wanted
        self._lock = threading.Lock()

    def answered(self, seconds: float, wrong: str) -> None:
        """Count an answer."""
        with self._lock:
            self.seconds.append(seconds)
            if wrong:
                self.wrong.append(wrong)
            if 3 * len(self.seconds) >= self._wanted:
                self.third.set()

    def failed(self, status: int) -> None:
        """Count a failure."""
        with self._lock:
            self.failures[status] = self.failures.get(status, 0) + 1


def user(number: int, address: str, questions: int, right: dict[str, list[object]], tally: Tally) -> None:
    """One visitor: a question after another, each as soon as the one before is answered."""
    asked = list(right)
    with httpx.Client(base_url=address, timeout=300) as client:
        for turn in range(questions):
            question = asked[(number + turn) % len(asked)]
            began = time.perf_counter()
            status, answer = call(client, "ask", [question])
            while status == 503:  # busy, as the page says itself
                tally.failed(status)
                time.sleep(RETRY_SECONDS)
                status, answer = call(client, "ask", [question])
            if status != 200:
                tally.failed(status)
                continue
            fits = comparable(answer) in right[question]
            tally.answered(time.perf_counter() - began, "" if fits else f"{question} -> {answer}")


def memory(pid: int) -> float:
    """Resident memory of a process in MiB."""
    text = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found[1]) / 1024 if found else 0.0


def expected(client: httpx.Client, questions: tuple[str, ...]) -> dict[str, list[object]]:
    """The right answers, without load."""
    return {question: [comparable(call(client, "ask", [question])[1])] for question in questions}


def both_generations(client: httpx.Client, questions: tuple[str, ...]) -> dict[str, list[object]]:
    """The right answers of the two indexes that the rebuild lies between; the first of them is in use in the end."""
    right: dict[str, list[object]] = {question: [] for question in questions}
    for text in (NEW_TEXT, OLD_TEXT):
        status, said = call(client, "rebuild", [text, "tides.txt", "add", None])
        if status != 200:
            raise SystemExit(f"The rebuild failed without load: {status} {said}")
        for question, answers in expected(client, questions).items():
            right[question] += answers
    return right


def at_rest(pid: int) -> float:
    """Memory once it has not changed for five seconds, or after a minute."""
    seen = memory(pid)
    for _ in range(12):
        time.sleep(5)
        before, seen = seen, memory(pid)
        if abs(before - seen) < 1:
            break
    return seen


def measure(address: str, pid: int, users: int, questions: int, asked: tuple[str, ...]) -> bool:
    """Run the load and print what came of it; whether all was well."""
    tally = Tally(users * questions)
    with httpx.Client(base_url=address, timeout=300) as client:
        right = both_generations(client, asked)
        before = memory(pid)
        began = time.perf_counter()
        with ThreadPoolExecutor(users) as pool:
            jobs = [pool.submit(user, n, address, questions, right, tally) for n in range(users)]
            tally.third.wait(600)
            answered = len(tally.seconds)
            rebuilt, _ = call(client, "rebuild", [NEW_TEXT, "tides.txt", "add", None])
            meanwhile = len(tally.seconds) - answered
            for job in jobs:
                job.result()
        took = time.perf_counter() - began
        at_end = memory(pid)
        found = call(client, "ask", ["When was the tide table of Vadso printed?"])[1]
    fresh = isinstance(found, dict) and bool(found["answered"])
    report(tally, users, questions, took)
    print(
        f"rebuild in the middle: {rebuilt}, {meanwhile} answers meanwhile; new text answered from afterwards: {fresh}"
    )
    left = at_rest(pid)
    print(f"memory: {before:.0f} MiB before, {at_end:.0f} at the end, {left:.0f} at rest")
    honest = not set(tally.failures) - {503} and len(tally.seconds) == users * questions
    return not tally.wrong and honest and rebuilt == 200 and fresh and left - before <= MEMORY_MIB


def report(tally: Tally, users: int, questions: int, took: float) -> None:
    """Print the figures."""
    ordered = sorted(tally.seconds)
    p50, p95 = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{users} users x {questions} questions in {took:.1f} s: {len(ordered)} answers, {len(tally.wrong)} wrong")
    print(f"failures by status: {tally.failures or 'none'} (503 is busy, and was asked again)")
    print(f"seconds per answer: p50 {p50:.2f}, p95 {p95:.2f}; {len(ordered) / took:.1f} answers a second")
    for line in tally.wrong[:5]:
        print("wrong:", line[:300])


def main() -> int:
    """Start the page in a process of its own and load it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=64)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--fakes", action="store_true", help="encoder and reader of the tests instead of the real ones")
    options = parser.parse_args()
    real = ["-c", SCRIPT, str(PROJECT / "corpus")]
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
        [sys.executable, *([PROJECT / "tests" / "browser" / "serve_fakes.py"] if options.fakes else real), folder],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")},
    ) as server:  # fmt: skip
        assert server.stdout
        address = next(match[0] for line in server.stdout if (match := re.search(r"http://[\d.]+:\d+", line)))
        asked = FAKE_QUESTIONS if options.fakes else QUESTIONS
        try:
            return 0 if measure(address, server.pid, options.users, options.questions, asked) else 1
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())
