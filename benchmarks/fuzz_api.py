"""Does anything that a program may send to `/v1` end in a server's error? Requests are made from the OpenAPI page.

    pip install schemathesis
    python benchmarks/fuzz_api.py [--corpus FOLDER] [--requests 350] [--seed 1]

An index of the corpus is built and served with the models that ship, and schemathesis sends what the page's schema
allows and what it does not: `--requests` is how many it makes of each address at most. Chance alone names no model and
no document that there is, and asks nothing that a text answers; so six in ten bodies that are whole get the model, a
question of the corpus and no choice of documents, and keep all else that chance gave them. Printed are, by address, how
many requests came to which status, how many were answered with quotes, and how many of these were streamed. Leaves with
1 where a status is 500 or above, or where an address that answers never did.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
LOG = "PARTNERSHIP_QA_FUZZ_LOG"  # where the process of schemathesis notes what came of each request
OFTEN = 0.6
ANSWERS = ("POST /ask", "POST /chat/completions")  # below the base of the schema, /v1
QUESTIONS = (
    "May the Tenant park vans?", "How long does the Term run?", "What is the rent?", "Who attended the meeting?",
    "What does error E3 mean?", "How is the filter cleaned?", "When was the proposal adopted?", "And in 2023?",
    "Who painted the Mona Lisa?",
)  # fmt: skip


def _mended(body: Any) -> Any:
    """A body that asks something of the index that there is, as chance has it; any other as it is."""
    rng = random.Random(json.dumps(body, sort_keys=True, default=repr))
    if not isinstance(body, dict) or rng.random() >= OFTEN:
        return body
    question = rng.choice(QUESTIONS)
    if isinstance(body.get("messages"), list) and "model" in body:
        said = [*body["messages"], {"role": "user", "content": question}]
        return body | {"model": "partnership-qa", "messages": said, "documents": []}
    if "answers" in body:
        return body | {"collection": None}
    for name in ("question", "query"):
        if name in body:
            return body | {name: question, "documents": [], "collection": None}
    return body


def _hooks() -> None:
    """What schemathesis does with each body and each answer; called in its process."""
    import schemathesis

    @schemathesis.hook
    def map_body(context: Any, body: Any) -> Any:  # noqa: ARG001 - the names are schemathesis's
        return _mended(body)

    @schemathesis.hook
    def after_call(context: Any, case: Any, response: Any) -> None:  # noqa: ARG001
        text = response.content.decode("utf-8", "replace")
        answered = response.status_code == 200 and ('"answered":true' in text or '"answered": true' in text)
        streamed = answered and text.startswith("data:")
        with Path(os.environ[LOG]).open("a", encoding="utf-8") as log:
            log.write(json.dumps([case.operation.label, response.status_code, answered, streamed]) + "\n")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _answers(address: str, seconds: float = 180) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(urllib.error.URLError), urllib.request.urlopen(address, timeout=5):
            return True
        time.sleep(0.5)
    return False


def fuzzed(folder: Path, corpus: Path, requests: int, seed: int) -> list[tuple[str, int, bool, bool]]:
    """Serve an index and send it requests; of each its address, status, whether it was answered, and streamed."""
    from partnership_qa import build_index

    build_index(corpus, folder / "index")
    port, log = _free_port(), folder / "requests.jsonl"
    log.touch()
    told = os.environ | {"PARTNERSHIP_QA_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1"}
    serve = [sys.executable, "-m", "partnership_qa", "serve", "--index", str(folder / "index"), "--port", str(port)]
    with (folder / "server.log").open("w", encoding="utf-8") as out:
        server = subprocess.Popen(serve, env=told, stdout=out, stderr=out, start_new_session=True)
    try:
        page = f"http://127.0.0.1:{port}/v1/openapi.json"
        if not _answers(page):
            raise SystemExit(f"The server does not answer: {(folder / 'server.log').read_text('utf-8')[-500:]}")
        told |= {LOG: str(log), "SCHEMATHESIS_HOOKS": Path(__file__).stem}
        told["PYTHONPATH"] = os.pathsep.join((str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")))
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", page, "--checks", "not_a_server_error", "--max-examples",
            str(requests), "--seed", str(seed), "--request-timeout", "120", "--suppress-health-check", "all",
        ]  # fmt: skip
        subprocess.run(command, env=told, cwd=folder, check=False)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
    return [tuple(json.loads(line)) for line in log.read_text("utf-8").splitlines()]


def main() -> int:
    """Send, count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=PROJECT / "tests" / "questions" / "own" / "corpus")
    parser.add_argument("--requests", type=int, default=350)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows = fuzzed(Path(name), a.corpus.resolve(), a.requests, a.seed)
    print(f"\n{len(rows)} requests")
    for label in sorted({row[0] for row in rows}):
        own = [row for row in rows if row[0] == label]
        statuses = ", ".join(f"{count} x {status}" for status, count in sorted(Counter(row[1] for row in own).items()))
        print(f"{label:30} {statuses}; answered {sum(row[2] for row in own)}, streamed {sum(row[3] for row in own)}")
    wrong = sum(row[1] >= 500 for row in rows)
    silent = [label for label in ANSWERS if not any(row[0] == label and row[2] for row in rows)]
    print(f"{wrong} of them in an error of the server" + "".join(f"; {label} never answered" for label in silent))
    return 1 if wrong or silent else 0


if __name__ == "__main__":
    sys.exit(main())
elif os.environ.get(LOG):
    _hooks()
