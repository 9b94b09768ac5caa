"""Keys: what is kept of them, who may read that, and that a revoked one is found no more."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from partnership_qa.cli.app import app, run
from partnership_qa.errors import AccessKeyError
from partnership_qa.keys import Keys


def test_a_key_is_found_until_it_is_revoked(tmp_path):
    keys = Keys(tmp_path)
    made, token = keys.make("the wiki", writes=True)
    other, _ = keys.make("a script")
    assert keys.find(token) == made
    assert (made.writes, other.writes) == (True, False)
    assert keys.revoke("the wiki") == made
    assert keys.find(token) is None
    assert keys.all() == (other,)


def test_only_a_hash_is_kept_and_only_its_owner_reads_it(tmp_path):
    keys = Keys(tmp_path)
    _, token = keys.make("one")
    held = keys.file.read_text()
    assert token not in held
    assert token.rsplit("_", 1)[1] not in held
    assert hashlib.sha256(token.encode()).hexdigest() in held
    assert os.name != "posix" or keys.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("given", ["", "x", "pqa_00000000_" + "0" * 64, "\ud800", "é" * 1000])
def test_what_is_no_key_is_not_found(tmp_path, given):
    keys = Keys(tmp_path)
    keys.make("one")
    assert keys.find(given) is None


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")
def test_keys_that_others_may_write_are_not_trusted(tmp_path):
    keys = Keys(tmp_path)
    keys.make("one")
    keys.file.chmod(0o666)
    with pytest.raises(AccessKeyError, match="chmod 600"):
        keys.all()


@pytest.mark.parametrize("held", ["", "[]", '{"keys": [{"id": 1}]}', '{"keys": 1}', "[" * 100_000])
def test_a_damaged_file_is_said(tmp_path, held):
    keys = Keys(tmp_path)
    keys.make("one")
    keys.file.write_text(held)
    with pytest.raises(AccessKeyError, match="does not hold keys"):
        keys.all()


@pytest.mark.parametrize(("name", "what"), [("", "1 to 100"), ("x" * 101, "1 to 100"), ("one", "already")])
def test_a_name_that_cannot_be_used_is_said(tmp_path, name, what):
    keys = Keys(tmp_path)
    keys.make("one")
    with pytest.raises(AccessKeyError, match=what):
        keys.make(name)


def test_keys_are_made_listed_and_revoked_on_the_command_line(tmp_path, capsys):
    def said(*words):
        code = run(lambda standalone_mode: app(["keys", *words, "--home", str(tmp_path)], standalone_mode=False))
        return code, capsys.readouterr().out

    made = json.loads(said("make", "the wiki", "--writes", "--json")[1])
    assert Keys(tmp_path).find(made["key"]).name == "the wiki"
    code, listed = said("list")
    assert (code, made["key"] in listed) == (0, False)
    assert f"{made['id']}  reads and writes" in listed
    assert said("revoke", made["id"])[0] == 0
    assert said("revoke", made["id"])[0] == 2
