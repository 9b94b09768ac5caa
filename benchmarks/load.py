"""Many users at once over loopback, a rebuild in the middle: `python benchmarks/load.py --users 64 --questions 20`.

Every answer is compared with the one that the same index gives without load; the only failure that counts as honest is
503, "queue is full". Printed: answers, wrong ones, failures, seconds per answer at the median and at the 95th of 100,
and the memory of the server before, at the end, and a minute later.
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

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
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
NEW_TEXT = "The tide table of Vadso was printed in 1911 by a carpenter."


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

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.wrong: list[str] = []
        self.failures: dict[int, int] = {}
        self._lock = threading.Lock()

    def add(self, seconds: float, status: int, wrong: str) -> None:
        """Count one question."""
        with self._lock:
            if status != 200:
                self.failures[status] = self.failures.get(status, 0) + 1
                return
            self.seconds.append(seconds)
            if wrong:
                self.wrong.append(wrong)


def user(number: int, address: str, questions: int, right: dict[str, list[object]], tally: Tally) -> None:
    """One visitor: a question after another, each a little later than the answer before."""
    with httpx.Client(base_url=address, timeout=300) as client:
        for turn in range(questions):
            question = QUESTIONS[(number + turn) % len(QUESTIONS)]
            began = time.perf_counter()
            status, answer = call(client, "ask", [question])
            fits = status != 200 or comparable(answer) in right[question]
            tally.add(time.perf_counter() - began, status, "" if fits else f"{question} -> {answer}")


def memory(pid: int) -> float:
    """Resident memory of a process in MiB."""
    text = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found[1]) / 1024 if found else 0.0


def expected(client: httpx.Client) -> dict[str, list[object]]:
    """The right answers, without load."""
    return {question: [comparable(call(client, "ask", [question])[1])] for question in QUESTIONS}


def measure(address: str, pid: int, users: int, questions: int) -> bool:
    """Run the load and print what came of it; whether all was well."""
    tally = Tally()
    with httpx.Client(base_url=address, timeout=300) as client:
        # The answers of both generations: the one in use, and the one that the rebuild makes.
        right = expected(client)
        call(client, "rebuild", [NEW_TEXT, "tides.txt", "add", None])
        for question, answers in expected(client).items():
            right[question] += answers
        call(client, "rebuild", [CORPUS.joinpath("openai-microsoft-partnership.txt").read_text("utf-8"),
                                 "openai-microsoft-partnership.txt", "replace", None])  # fmt: skip
        before = memory(pid)
        began = time.perf_counter()
        with ThreadPoolExecutor(users + 1) as pool:
            jobs = [pool.submit(user, n, address, questions, right, tally) for n in range(users)]
            time.sleep(2)
            rebuilt, _ = call(client, "rebuild", [NEW_TEXT, "tides.txt", "add", None])
            for job in jobs:
                job.result()
        took = time.perf_counter() - began
        at_end = memory(pid)
        found = call(client, "ask", ["When was the tide table of Vadso printed?"])[1]
    time.sleep(20)
    report(tally, users, questions, took, rebuilt, found)
    print(f"memory: {before:.0f} MiB before, {at_end:.0f} at the end, {memory(pid):.0f} twenty seconds later")
    return not tally.wrong and not set(tally.failures) - {503}


def report(tally: Tally, users: int, questions: int, took: float, rebuilt: int, found: object) -> None:
    """Print the figures."""
    ordered = sorted(tally.seconds)
    p50, p95 = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{users} users x {questions} questions in {took:.1f} s: {len(ordered)} answers, {len(tally.wrong)} wrong")
    print(f"failures by status: {tally.failures or 'none'}; rebuild in the middle: {rebuilt}")
    print(f"new text answered from afterwards: {isinstance(found, dict) and found['answered']}")
    print(f"seconds per answer: p50 {p50:.2f}, p95 {p95:.2f}; {len(ordered) / took:.1f} answers a second")
    for line in tally.wrong[:5]:
        print("wrong:", line[:300])


def main() -> int:
    """Start the page in a process of its own and load it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=64)
    parser.add_argument("--questions", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
        [sys.executable, "-c", SCRIPT, CORPUS, folder], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")},
    ) as server:  # fmt: skip
        assert server.stdout
        address = next(match[0] for line in server.stdout if (match := re.search(r"http://[\d.]+:\d+", line)))
        try:
            return 0 if measure(address, server.pid, options.users, options.questions) else 1
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())
