"""Encoders: weights are checked before they are used; vectors depend on their text alone."""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes import FakeEncoder

from partnership_qa.embedding import default_model_dir, load_encoder, sentence, sha256_file
from partnership_qa.embedding.sentence import SentenceEncoder
from partnership_qa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    data = b"x" * 3_000_000
    (tmp_path / "file").write_bytes(data)
    assert sha256_file(tmp_path / "file") == hashlib.sha256(data).hexdigest()


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"No model\.safetensors"):
        SentenceEncoder(tmp_path, "x")


def test_other_weights_than_the_expected_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(ModelError, match="are not those of x"):
        SentenceEncoder(tmp_path, "x", "0" * 64)


def test_an_encoder_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No encoder at"):
        load_encoder(str(tmp_path / "nowhere"))


def test_the_fake_gives_unit_vectors_that_depend_on_the_words_alone() -> None:
    encoder = FakeEncoder()
    one, same, other = encoder.encode(["The ferry sails.", "sails the FERRY", "A lamp."])
    np.testing.assert_array_equal(one, same)
    assert abs(float(one @ one) - 1) < 1e-6
    assert float(one @ other) < 0.9


@cache
def by_torch() -> SentenceEncoder:
    return SentenceEncoder(default_model_dir(), "default by torch")


@pytest.mark.slow
class TestTheRealEncoder:
    def test_a_vector_is_the_same_to_the_last_bit_whatever_stands_beside_it(self) -> None:
        encoder = by_torch()
        texts = ["One sentence.", "Another, which is a good deal longer than the first was.", ""]
        together = encoder.encode(texts)
        for text, vector in zip(texts, together, strict=True):
            np.testing.assert_array_equal(encoder.encode([text])[0], vector)
        np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)

    def test_a_vector_is_the_same_to_the_last_bit_however_many_threads_there_are(self) -> None:
        import torch

        encoder, texts, threads = by_torch(), ["One sentence of some length. " * n for n in range(1, 20)], []
        for count in (1, 2):
            torch.set_num_threads(count)
            threads.append(encoder.encode(texts))
            assert torch.get_num_threads() == count
        np.testing.assert_array_equal(*threads)

    def test_pieces_add_up_over_white_space(self) -> None:
        encoder = by_torch()
        one, two = "Väsby’s ferry-boats (12 kronor)", "unbelievably cheap\t—\u2028not"
        assert encoder.count_pieces(f"{one} \n{two}") == encoder.count_pieces(one) + encoder.count_pieces(two)

    def test_nothing_is_cut_off_when_pieces_are_counted(self) -> None:
        assert by_torch().count_pieces("word " * 1000) == 1000


class Recorded:
    """In the place of a model: where it was put, and how many threads used it."""

    def __init__(self, device: str) -> None:
        self.device, self.threads, self.max_seq_length = device, set(), 256
        self.preprocess = str

    def get_embedding_dimension(self) -> int:
        return 2

    def encode(self, texts: list[str], **settings: object) -> np.ndarray:
        self.threads.add(threading.get_ident())
        return np.array([[1.0, 0.0]] * len(texts), dtype=np.float32)


@pytest.mark.parametrize(("sees", "device", "way"), [(True, "cuda", ":cuda"), (False, "cpu", "")])
def test_a_gpu_is_used_where_torch_sees_one_and_the_fingerprint_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sees: bool, device: str, way: str
) -> None:
    torch = pytest.importorskip("torch")
    made: list[Recorded] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: sees)
    monkeypatch.setattr(sentence, "_load_model", lambda folder, device: made.append(Recorded(device)) or made[-1])
    monkeypatch.setattr(sentence, "_piece_tokenizer", lambda model: None)
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    encoder = SentenceEncoder(tmp_path, "x")
    assert made[0].device == device
    assert encoder.fingerprint == hashlib.sha256(b"weights").hexdigest() + way
    assert encoder.encode(["a"] * 9).shape == (9, 2)
    assert len(made[0].threads) == 1 or device == "cpu"
