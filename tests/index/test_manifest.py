"""The manifest: the same for the same index, and refused where it is forged."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.index.manifest import Manifest, RefusedEntry, SourceEntry

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnership_qa.index import Index


def test_what_is_written_is_read_back(index: Index) -> None:
    manifest = index.generation.manifest
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest
    assert Manifest.from_bytes(manifest.to_bytes()).digest == manifest.digest


def test_it_holds_no_time_and_no_path(index: Index) -> None:
    text = index.generation.manifest.to_bytes().decode()
    assert str(index.root.parent) not in text
    assert index.generation.name not in text


_TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.just('"sources": []\n "sources": []')
_COUNTS = st.integers(0, 2**40)
_SOURCES = st.builds(
    SourceEntry, _TEXTS, _TEXTS, _COUNTS, _COUNTS, _COUNTS, _COUNTS, st.lists(_COUNTS).map(tuple), _TEXTS, _COUNTS,
    _COUNTS,
)  # fmt: skip


@given(st.lists(_SOURCES, max_size=3), _TEXTS, st.lists(st.builds(RefusedEntry, _TEXTS, _TEXTS, _TEXTS), max_size=2))
def test_its_bytes_are_those_of_json_with_keys_in_order(
    sources: list[SourceEntry], encoder: str, refused: list[RefusedEntry]
) -> None:
    manifest = Manifest(5, encoder, "f", 3, 1, 1, tuple(sources), tuple(refused), 0, 0, {})
    plain = json.dumps(asdict(manifest), ensure_ascii=False, sort_keys=True, indent=1)
    assert manifest.to_bytes() == plain.encode()


def _forge(manifest: Manifest, change: Callable[[dict[str, Any]], object]) -> bytes:
    values = json.loads(manifest.to_bytes())
    change(values)
    return json.dumps(values).encode()


def _named(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda values: values["files"].update({name: values["files"]["vectors.npy"]})


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/passwd",
        "sources/../../x",
        "a\\b",
        "C:x",
        "model.pkl",
        "lexical/",
        "lexical/x.pkl",
        "sources.txt\n",
        "",
    ],
)
def test_a_file_that_no_index_has_is_refused(index: Index, name: str) -> None:
    with pytest.raises(ValueError, match="which no index has"):
        Manifest.from_bytes(_forge(index.generation.manifest, _named(name)))


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.update(format=999),
        lambda values: values.update(passages=-1),
        lambda values: values.update(passages="3"),
        lambda values: values.update(dimension=True),
        lambda values: values.update(encoder=None),
        lambda values: values.update(extra=1),
        lambda values: values.pop("sources"),
        lambda values: values.update(files=[]),
        lambda values: values["files"]["vectors.npy"].update(size=-1),
        lambda values: values["files"]["vectors.npy"].update(sha256="../x"),
        lambda values: values["sources"][0].update(name=3),
        lambda values: values["sources"][0].update(size=1.5),
        lambda values: values["sources"][0].update(pages=["a"]),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(index: Index, change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(ValueError, match=r"it|format"):
        Manifest.from_bytes(_forge(index.generation.manifest, change))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"format": 2}'])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of every kind
        Manifest.from_bytes(data)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["sources", "files", "passages", "encoder"]), _json))
def test_any_json_is_a_manifest_or_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of every kind
        Manifest.from_bytes(json.dumps({"format": 2, **values}).encode())
