"""A signature of an index: who made it is told, and what is missing, wrong or by another key is refused."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa import home
from partnership_qa.errors import CorpusIndexError, IndexNotFoundError, IndexSignatureError, UnsignedChangeError
from partnership_qa.evaluation import card as cards
from partnership_qa.evaluation.risk import Asked
from partnership_qa.index import (
    build,
    check_signature,
    list_generations,
    open_index,
    open_signed,
    rollback,
    sign,
    sign_file,
)
from partnership_qa.index.generations import pointer
from partnership_qa.index.signing import NAMESPACE, signature_file
from partnership_qa.qa import QA
from partnership_qa.web import environment, serve
from partnership_qa.web.desk import Desk

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is missing: install OpenSSH")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """The keys of Anna and of Olof, who is no allowed signer, and the file of those who are."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("anna", "olof"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name], check=True)
    (folder / "allowed").write_text("anna@example.org " + (folder / "anna.pub").read_text())
    return folder


@pytest.fixture
def built(index):
    return index.root


def refused(keys, root, reason, match=None):
    for load in (check_signature, open_signed):
        with pytest.raises(IndexSignatureError, match=match) as caught:
            load(root, keys / "allowed")
        assert caught.value.reason == reason


def test_a_signed_index_is_loaded_and_its_signer_named(built, keys):
    signed = sign(built, keys / "anna")
    assert signed.digest == pointer(built).digest
    assert check_signature(built, keys / "allowed").signer == "anna@example.org"
    assert open_signed(built, keys / "allowed").generation == open_index(built).generation


def test_an_index_without_a_signature_is_refused(built, keys):
    refused(keys, built, "missing", "is not signed")


def test_a_signature_by_another_key_is_refused(built, keys):
    sign(built, keys / "olof")
    refused(keys, built, "other key", "is signed by another key")


@pytest.mark.parametrize("spoil", [
    lambda data: data[:-80] + data[-60:], lambda data: b"", lambda data: b"not a signature",
    lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
])  # fmt: skip
def test_a_damaged_signature_is_refused(built, keys, spoil):
    file = sign(built, keys / "anna").file
    file.write_bytes(spoil(file.read_bytes()))
    refused(keys, built, "wrong", "is not what was signed")


def test_the_signature_of_another_index_is_refused(built, keys, corpus):
    old = sign(built, keys / "anna").file
    (corpus / "tides.txt").write_text("The tide turns at noon.\n")
    build(corpus, built, FakeEncoder())
    refused(keys, built, "missing")
    shutil.copy(old, signature_file(built, pointer(built).digest))
    refused(keys, built, "wrong")


def test_a_signature_for_another_purpose_is_refused(built, keys):
    digest = pointer(built).digest
    made = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-n", "file", "-f", keys / "anna"], input=f"{digest}\n".encode(),
        capture_output=True, check=True,
    )  # fmt: skip
    file = signature_file(built, digest)
    file.parent.mkdir()
    file.write_bytes(made.stdout)
    refused(keys, built, "wrong")


def test_a_link_in_the_place_of_a_signature_is_refused(built, keys, tmp_path):
    file = sign(built, keys / "anna").file
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    refused(keys, built, "wrong", "is not a file")


def test_a_signature_goes_on_to_count_after_going_back_and_for_an_equal_index(built, keys, corpus, tmp_path):
    file = sign(built, keys / "anna").file
    build(corpus, tmp_path / "equal", FakeEncoder())
    (corpus / "tides.txt").write_text("The tide turns at noon.\n")
    build(corpus, built, FakeEncoder())
    assert [one.signed for one in list_generations(built)] == [False, True]
    rollback(built)
    assert check_signature(built, keys / "allowed").signer == "anna@example.org"
    shutil.copytree(file.parent, tmp_path / "equal" / file.parent.name)
    assert check_signature(tmp_path / "equal", keys / "allowed").signer == "anna@example.org"


def test_it_can_be_checked_by_hand(built, keys):
    signed = sign(built, keys / "anna")
    done = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", keys / "allowed", "-I", "anna@example.org", "-n", NAMESPACE,
         "-s", signed.file], input=f"{signed.digest}\n".encode(), capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, b"Good" in done.stdout) == (0, True)


def test_a_key_or_a_list_of_signers_that_is_none_is_refused_and_nothing_is_written(built, keys, tmp_path):
    (tmp_path / "no key").write_text("nothing")
    for key in (tmp_path / "no key", tmp_path / "nowhere"):
        with pytest.raises(IndexSignatureError, match="ssh-keygen does not sign") as caught:
            sign(built, key)
        assert caught.value.reason == "unusable"
    assert not signature_file(built, "").parent.exists()
    sign(built, keys / "anna")
    with pytest.raises(IndexSignatureError, match="no file of allowed signers"):
        check_signature(built, tmp_path / "nowhere")
    with pytest.raises(IndexSignatureError, match="another key"):
        check_signature(built, tmp_path / "no key")


def test_without_ssh_keygen_it_says_so(built, keys, monkeypatch):
    sign(built, keys / "anna")
    monkeypatch.setenv("PATH", "")
    refused(keys, built, "unusable", "ssh-keygen is not installed")


def test_load_asks_for_a_signature_where_it_is_told_to_and_builds_nothing_then(built, keys, monkeypatch, tmp_path):
    monkeypatch.setattr(home, "load_reader", FakeReader)
    with pytest.raises(IndexSignatureError):
        home.load(built, encoder=FakeEncoder(), allowed_signers=keys / "allowed")
    sign(built, keys / "anna")
    assert home.load(built, encoder=FakeEncoder(), allowed_signers=keys / "allowed").index.root == built
    monkeypatch.setattr(home, "default_places", lambda: [(tmp_path / "none", tmp_path / "corpus")] * 2)
    with pytest.raises(IndexNotFoundError):
        home.load(encoder=FakeEncoder(), allowed_signers=keys / "allowed")
    assert not (tmp_path / "none").exists()


def test_a_page_that_asks_for_signatures_takes_up_no_other_version_and_changes_no_text(built, keys, corpus, qa):
    sign(built, keys / "anna")
    desk = Desk(
        open_signed(built, keys / "allowed"), lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration),
        allowed_signers=keys / "allowed",
    )  # fmt: skip
    (corpus / "tides.txt").write_text("The tide at Vadso turns at noon.\n")
    for change in (lambda: desk.change({"tides.txt": b"x"}), desk.read_again, desk.go_back):
        with pytest.raises(UnsignedChangeError):
            change()
    before = desk.qa().index.generation.name
    build(corpus, built, FakeEncoder())
    assert desk.qa().index.generation.name == before, "the new version is not signed"
    sign(built, keys / "anna")
    assert desk.qa().index.generation.name == pointer(built).name


def test_serve_refuses_an_index_that_nobody_signed(built, keys, monkeypatch):
    environment.prepare()
    from partnership_qa.web import server

    for listening in ("_open", "start"):
        monkeypatch.setattr(server, listening, lambda *_args, **_options: pytest.fail("it was opened"))
    with pytest.raises(IndexSignatureError):
        serve(index=built, allowed_signers=keys / "allowed")


@pytest.fixture
def carded(qa):
    """An index with a risk card whose threshold is 0.4."""
    asked = [Asked("row", 0.9, True)] * 60 + [Asked("row", 0.3, False)] * 40
    card = cards.card_of(asked, 0.3, digest=qa.index.generation.manifest.digest)
    cards.keep(card, qa.index.root)
    return qa, card.threshold


def test_the_threshold_of_a_card_counts_where_an_allowed_signer_signed_it(carded, keys):
    qa, threshold = carded
    sign_file(qa.index.root, cards.CARD, keys / "anna")
    assert cards.with_card(qa, keys / "allowed").calibration.threshold == threshold
    assert cards.kept(qa.index, keys / "allowed") == cards.kept(qa.index)


@pytest.mark.parametrize(
    ("signer", "reason", "spoil"),
    [(None, "missing", ""), ("olof", "other key", ""), ("anna", "missing", " ")],
)
def test_a_card_that_is_not_signed_or_was_changed_is_refused(carded, keys, signer, reason, spoil):
    qa, _ = carded
    sign(qa.index.root, keys / "anna")  # of the texts: it says nothing of the card
    if signer:
        sign_file(qa.index.root, cards.CARD, keys / signer)
    file = qa.index.root / cards.CARD
    file.write_text(file.read_text() + spoil)
    with pytest.raises(IndexSignatureError, match=r"RISK\.json|not named") as told:
        cards.with_card(qa, keys / "allowed")
    assert told.value.reason == reason
    assert cards.kept(qa.index) is not None, "without signers it counts"


def test_a_signature_of_the_card_is_none_of_another_file_or_of_the_index(carded, keys):
    qa, _ = carded
    root = qa.index.root
    copied = sign_file(root, cards.CARD, keys / "anna").file.read_bytes()
    signature_file(root, pointer(root).digest).write_bytes(copied)
    refused(keys, root, "wrong")


def test_an_index_without_a_card_says_so_whoever_may_sign(qa, keys):
    with pytest.raises(CorpusIndexError, match="has no risk card"):
        cards.with_card(qa, keys / "allowed")


def test_one_question_is_answered_from_a_signed_index_alone(built, keys, monkeypatch):
    monkeypatch.setattr(home, "load_encoder", FakeEncoder)
    monkeypatch.setattr(home, "load_reader", FakeReader)
    monkeypatch.setattr("partnership_qa.qa.load_calibration", lambda: FAKE_CALIBRATION)
    with pytest.raises(IndexSignatureError):
        home.answer("When was the harbour dug?", index=built, allowed_signers=keys / "allowed")
    sign(built, keys / "anna")
    assert home.answer("When was the harbour dug?", index=built, allowed_signers=str(keys / "allowed")).answered
