"""The guard sees and refuses what leaves this machine, lets pass what does not, and a whole run has no attempt."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa import home, qa
from partnership_qa.airgap import Guard, airgap
from partnership_qa.sources import Extractor
from partnership_qa.sources.extraction import is_worker

# Reserved for documentation (RFC 5737, 3849), so that nothing is there.
AWAY = ("192.0.2.1", 9)
AWAY_6 = ("2001:db8::1", 9, 0, 0)


def over(kind, family=socket.AF_INET):
    return socket.socket(family, kind)


def connected():
    with over(socket.SOCK_STREAM) as one:
        one.connect(AWAY)


def connected_6():
    with over(socket.SOCK_STREAM, socket.AF_INET6) as one:
        one.connect(AWAY_6)


def sent():
    with over(socket.SOCK_DGRAM) as one:
        one.sendto(b"1", AWAY)


def listening():
    with over(socket.SOCK_STREAM) as one:
        one.bind(("0.0.0.0", 0))  # every address


WAYS = [
    ("socket.connect", connected), ("socket.connect", connected_6), ("socket.sendto", sent), ("socket.bind", listening),
    ("socket.getaddrinfo", lambda: socket.getaddrinfo("example.org", 443)),
    ("socket.gethostbyname", lambda: socket.gethostbyname("example.org")),
    ("subprocess.Popen", lambda: subprocess.run([sys.executable, "-c", ""], check=True)),
    ("subprocess.Popen", lambda: subprocess.run([sys.executable, "-I", "-c", "import partnership_qa"], check=True)),
    ("os.system", lambda: os.system("true")),
    ("os.posix_spawn", lambda: os.posix_spawn("/bin/true", ["true"], {})),
]  # fmt: skip


@pytest.mark.parametrize(("event", "way"), WAYS)
def test_every_way_out_is_refused_and_noted(event, way):
    with Guard() as guard, pytest.raises(PermissionError, match=event):
        way()
    assert [attempt.event for attempt in guard.attempts] == [event]
    assert guard.attempts[0].by.startswith(__name__)


def test_what_a_library_swallows_is_noted_all_the_same():
    with Guard() as guard, contextlib.suppress(OSError):
        socket.create_connection(("example.org", 443))
    assert [(one.event, one.target) for one in guard.attempts] == [("socket.getaddrinfo", "example.org")]


def test_within_this_machine_it_may_be_called_and_is_counted():
    with Guard() as guard, socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(("localhost", server.getsockname()[1])):
            pass
        first, second = socket.socketpair()
        first.close()
        second.close()
    assert guard.attempts == []
    assert guard.loopback >= 3


def test_the_process_that_reads_files_may_be_started_and_is_counted():
    with Guard() as guard, Extractor() as extractor:
        assert "Kemi" in extractor.extract(b"Harbour,Fee\nKemi,12\n", ".csv").text
    assert (guard.attempts, guard.workers) == ([], 1)
    assert not is_worker([sys.executable, "-I", "-c", "import os"])


def test_outside_a_guard_nothing_is_refused():
    with Guard() as guard:
        pass
    assert subprocess.run([sys.executable, "-c", ""], check=True).returncode == 0
    assert guard.attempts == []


SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader
from partnership_qa import airgap, home, qa
encoder = FakeEncoder()
home.load_encoder, home.load_reader, qa.load_calibration = lambda: encoder, FakeReader, lambda: FAKE_CALIBRATION
print(json.dumps(airgap.airgap().to_dict()))
"""


def test_a_whole_run_has_no_attempt_even_where_a_proxy_is_named():
    env = os.environ | {"http_proxy": f"http://{AWAY[0]}:3128", "no_proxy": "example.org"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, Path(__file__).parent], capture_output=True, text=True, check=True, env=env
    )
    values = json.loads(done.stdout)
    assert (values["right"], values["failure"], values["attempts"], values["workers"]) == (True, "", [], 1)
    assert [step["name"].split()[0] for step in values["steps"]] == [
        "imported", "built", "answered", "verified", "served",
    ]  # fmt: skip
    assert values["loopback"] > 0, "the page was asked"


def test_a_quote_that_its_file_does_not_hold_ends_the_run(monkeypatch):
    build = home.build_index

    def changed_since(corpus, index):
        report = build(corpus, index)
        for text in corpus.glob("*.txt"):
            text.write_text("Something else.")
        return report

    monkeypatch.setattr("pkgutil.walk_packages", lambda *_places: iter(()))
    monkeypatch.setattr(home, "build_index", changed_since)
    monkeypatch.setattr(home, "load_encoder", FakeEncoder)
    monkeypatch.setattr(home, "load_reader", FakeReader)
    monkeypatch.setattr(qa, "load_calibration", lambda: FAKE_CALIBRATION)
    watch = airgap()
    assert not watch.right
    assert "0 files of the index and " in watch.failure
    assert "quotes are not what they should be" in watch.failure
