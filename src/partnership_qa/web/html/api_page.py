"""An OpenAPI document as a page of its own: no script, nothing from elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .rendering import render


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    kind: str
    needed: bool
    words: str


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    path: str
    summary: str
    words: str
    fields: tuple[_Field, ...]
    example: str
    answers: tuple[tuple[str, str], ...]


def api_page(described: dict[str, Any]) -> str:
    """The page that shows an OpenAPI document."""
    prefix = described["servers"][0]["url"]
    schemas = described["components"]["schemas"]
    operations = [
        _operation(method, prefix + path, one, schemas)
        for path, methods in described["paths"].items()
        for method, one in methods.items()
    ]
    info = described["info"]
    return "<!doctype html>" + render(
        "api.html", title=info["title"], version=info["version"], words=info["description"], prefix=prefix,
        operations=operations,
    )  # fmt: skip


def _operation(method: str, path: str, one: dict[str, Any], schemas: dict[str, Any]) -> _Operation:
    fields = [_field(given["name"], given["schema"], needed=given["required"]) for given in one.get("parameters", ())]
    content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = f"curl {{address}}{path}"
    if content:
        schema = schemas[content["schema"]["$ref"].rsplit("/", 1)[-1]]
        needed = schema.get("required", ())
        given = {name: _example(schema["properties"][name], schemas) for name in needed}
        fields += [_field(name, of, needed=name in needed) for name, of in schema["properties"].items()]
        example = f"curl {{address}}{path} -H 'content-type: application/json' -d '{json.dumps(given)}'"
    answers = tuple((status, answer["description"]) for status, answer in one["responses"].items())
    words = one.get("description", "")
    shown = example.replace("{address}", "http://127.0.0.1:7860")
    return _Operation(method.upper(), path, one["summary"], words, tuple(fields), shown, answers)


def _field(name: str, schema: dict[str, Any], *, needed: bool) -> _Field:
    limits = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "characters up to"),
                          ("maxItems", "items up to"), ("default", "default"))
        if schema.get(key) is not None
    ]  # fmt: skip
    words = " ".join(filter(None, (schema.get("description", ""), f"({', '.join(limits)})" if limits else "")))
    return _Field(name, _kind(schema), needed, words)


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("type", "value"))


def _example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """A value that fits a field: its own example, or the least there is."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        of = schemas[schema["$ref"].rsplit("/", 1)[-1]]
        return {name: _example(of["properties"][name], schemas) for name in of.get("required", ())}
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], schemas)
    if "enum" in schema:
        return "user" if "user" in schema["enum"] else schema["enum"][0]
    if schema.get("type") == "array":
        return [_example(schema["items"], schemas)]
    return {"object": {}, "string": "…"}.get(schema.get("type", ""))
