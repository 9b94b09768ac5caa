"""The default encoder: sentence-transformers' vectors without torch, each depending on its text alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from partnership_qa.embedding import (
    DEFAULT_ENCODER,
    DEFAULT_WEIGHTS_SHA256,
    PRECISIONS,
    default_model_dir,
    load_encoder,
    same_weights,
    sha256_once,
)
from partnership_qa.embedding.onnx import GRAPH, INT8_GRAPH, OnnxEncoder, whole_numbers
from partnership_qa.embedding.sentence import SentenceEncoder
from partnership_qa.embedding.weights import loaded_once, tensor
from partnership_qa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
ODD = [
    "", " ", "a", "word " * 600, "a" * 300, "Väsby’s ferry-boats (12 kronor)", "cheap\t—\u2028not", "日本語の",
    "مرحبا بالعالم", "\0 control \x07", "[SEP] [CLS] [MASK] [PAD]", "ﬁ ligature Ａｂｃ", "e\u0301 İ ẞ",
]  # fmt: skip


def texts(count: int) -> Iterator[str]:
    """Texts of this project's own questions and documents, of many lengths."""
    words = (PROJECT / "ARCHITECTURE.md").read_text("utf-8").split()
    for number in range(count):
        begin = number * 37 % len(words)
        yield " ".join(words[begin : begin + 1 + number * 7 % 190])


def test_a_file_that_several_ask_for_is_hashed_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    first = sha256_once(file)
    file.write_bytes(b"other")
    assert sha256_once(file) != first


def test_of_several_threads_that_load_one_does() -> None:
    calls, together = [], threading.Barrier(4)

    @loaded_once
    def load(name: str) -> object:
        calls.append(name)
        return object()

    def ask(found: list[object]) -> None:
        together.wait()
        found.append(load("x"))

    found: list[object] = []
    threads = [threading.Thread(target=ask, args=(found,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == ["x"]
    assert len(set(map(id, found))) == 1


def test_fingerprints_tell_weights_from_ways() -> None:
    assert same_weights("aa", "aa:onnx-1")
    assert same_weights("aa:cuda", "aa:onnx-1")
    assert not same_weights("aa:onnx-1", "ab:onnx-1")


def test_a_damaged_table_of_weights_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    for data in (b"\x04\0\0\0\0\0\0\0{}  ", b"\xff" * 64):
        file.write_bytes(data)
        with pytest.raises(ModelError, match="holds no tensor x"):
            tensor(file, "x")


def test_other_weights_than_the_graph_is_for_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(ModelError, match="are not those of"):
        OnnxEncoder(tmp_path, DEFAULT_ENCODER, DEFAULT_WEIGHTS_SHA256)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").symlink_to(default_model_dir() / "model.safetensors")
    with pytest.raises(ModelError, match=r"tokenizer in .* cannot be read"):
        OnnxEncoder(tmp_path, DEFAULT_ENCODER, DEFAULT_WEIGHTS_SHA256)


def test_an_installer_may_put_links_in_the_place_of_files(tmp_path: Path) -> None:
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).symlink_to(default_model_dir() / name)
    linked = OnnxEncoder(tmp_path, DEFAULT_ENCODER, DEFAULT_WEIGHTS_SHA256)
    np.testing.assert_array_equal(linked.encode(["a ferry"]), load_encoder().encode(["a ferry"]))


def test_a_vector_is_the_same_to_the_last_bit_whatever_stands_beside_it() -> None:
    encoder, given = load_encoder(), ["One sentence.", "Another, a good deal longer than the first was.", ""]
    for text, vector in zip(given, encoder.encode(given), strict=True):
        np.testing.assert_array_equal(encoder.encode([text])[0], vector)


def test_a_vector_is_the_same_to_the_last_bit_however_many_threads_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    given, made = list(texts(12)), []
    for count in ("1", "2", "5"):
        monkeypatch.setenv("OMP_NUM_THREADS", count)
        made.append(load_encoder().encode(given))
    np.testing.assert_array_equal(made[0], made[1])
    np.testing.assert_array_equal(made[0], made[2])


def test_progress_counts_every_text_and_an_error_in_it_ends_the_work() -> None:
    seen: list[tuple[int, int]] = []
    load_encoder().encode(["one", "two", "three"], lambda *at: seen.append(at))
    assert seen == [(1, 3), (2, 3), (3, 3)]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_encoder().encode(["one", "two", "three"], stop)


def test_nothing_is_cut_off_when_pieces_are_counted() -> None:
    assert load_encoder().count_pieces("word " * 1000) == 1000


@pytest.mark.parametrize(("name", "int8"), [(GRAPH, False), (INT8_GRAPH, True)])
def test_the_graph_holds_no_weights_and_is_what_its_script_makes(name: str, int8: bool) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx, which writes graphs, is not installed")
    code = (
        "import sys; sys.path.insert(0, 'training'); import encoder_graph as g;"
        "w = g.default_model_dir() / g.WEIGHTS;"
        f"sys.stdout.buffer.write(g.make(w, int8={int8}).SerializeToString(deterministic=True))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=PROJECT).stdout
    shipped = (PROJECT / "src/partnership_qa/embedding" / name).read_bytes()
    assert onnx.load_from_string(made) == onnx.load_from_string(shipped)
    assert len(shipped) < 50_000


@pytest.mark.parametrize(
    "count", [pytest.param(80, marks=pytest.mark.slow), pytest.param(2000, marks=pytest.mark.trials)]
)
def test_vectors_are_those_of_sentence_transformers_in_every_component(count: int) -> None:
    by_torch = SentenceEncoder(default_model_dir(), "default by torch")
    given = [*ODD, *texts(count - len(ODD))]
    ours, theirs = load_encoder().encode(given), by_torch.encode(given)
    assert len(given) == count
    assert float(np.abs(ours - theirs).max()) < 1e-5
    assert [load_encoder().count_pieces(text) for text in ODD] == [by_torch.count_pieces(text) for text in ODD]


@pytest.mark.slow
def test_an_encoder_in_a_copied_folder_is_run_by_sentence_transformers(tmp_path: Path) -> None:
    shutil.copytree(default_model_dir(), tmp_path / "model")
    copied = load_encoder(str(tmp_path / "model"))
    assert isinstance(copied, SentenceEncoder)
    assert copied.fingerprint == DEFAULT_WEIGHTS_SHA256
    assert same_weights(copied.fingerprint, load_encoder().fingerprint)


class TestInt8:
    """The default encoder in whole numbers of eight bits."""

    def test_its_vectors_are_near_those_of_full_precision_and_of_length_one(self) -> None:
        given = [*ODD, *texts(12)]
        full, int8 = (load_encoder(name).encode(given) for name in PRECISIONS.values())
        np.testing.assert_allclose(np.linalg.norm(int8, axis=1), 1, atol=1e-5)
        assert float((full * int8).sum(axis=1).min()) > 0.97
        assert float(np.abs(full - int8).max()) > 1e-3  # another precision, and not the same by another name

    def test_its_vectors_are_the_same_to_the_last_bit_whatever_stands_beside_them(self) -> None:
        encoder, given = load_encoder(PRECISIONS["int8"]), ["One sentence.", "Another, a good deal longer than it.", ""]
        for text, vector in zip(given, encoder.encode(given), strict=True):
            np.testing.assert_array_equal(encoder.encode([text])[0], vector)

    def test_weights_become_whole_numbers_that_no_processor_sums_wrongly(self) -> None:
        matrix = np.array([[0.4, -1.0, 0.25], [0, 0, 0]], dtype=np.float32)
        numbers, scale = whole_numbers(matrix)
        assert numbers.T.tolist() == [[25, -63, 16], [0, 0, 0]]
        np.testing.assert_allclose(numbers.T * scale[:, None], matrix, atol=float(scale.max()) / 2)
        assert 2 * 255 * int(np.abs(numbers).max()) < 2**15

    def test_it_has_a_fingerprint_of_its_own_over_the_same_weights(self) -> None:
        full, int8 = (load_encoder(name) for name in PRECISIONS.values())
        assert full.fingerprint != int8.fingerprint
        assert same_weights(full.fingerprint, int8.fingerprint)
        assert (int8.name, int8.max_pieces) == (f"{DEFAULT_ENCODER}:int8", full.max_pieces)

    def test_there_is_no_other_precision(self) -> None:
        with pytest.raises(ModelError, match="No precision is called 'int4': give fp32 or int8"):
            OnnxEncoder(default_model_dir(), "x", DEFAULT_WEIGHTS_SHA256, "int4")
