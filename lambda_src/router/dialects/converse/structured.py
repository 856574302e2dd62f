"""Answers that are JSON: asked for in the best way the model's family has, and read back.

``native``: `outputConfig`, which holds the model to the schema.
https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html
``tool``: the answer is the input of a tool that the model is made to call.
``instructions``: the system prompt asks for it; the answer may come in a fence of Markdown.
"""

import json
from typing import NamedTuple

from router.dialects.checks import Json, document
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import NO_LONGER_OFFERED, spec
from router.dialects.converse.unwrapping import AS_TEXT, MEMBER, WRAPPER, Unwrapper, unwrap_answer

__all__ = ["JsonForm", "Unwrapper", "ask_json", "unwrap_answer"]

ANSWER = "json_answer"

_PURPOSE = "Gives the final answer to the user. Call it once, when nothing else is left to do."


class JsonForm(NamedTuple):
    """What the answer must be."""

    schema: Json | None = None
    """None asks for any JSON object."""
    name: str = ""
    description: str = ""
    strict: bool = False


def ask_json(draft: Draft, form: JsonForm, where: str) -> None:
    """Asks for an answer of that form; comes after the tools and before reasoning.

    Sets `draft.answer_tool` where the answer then has to go through `unwrap_answer` or `Unwrapper`.
    """
    choice = draft.body.get("toolConfig", {}).get("toolChoice", {})
    if choice:
        # The answer is to be a call of the client's tools, to which the form does not apply.
        return
    schema = None if form.schema is None else document(form.schema, where)
    if schema is not None and draft.family.structured == "native":
        _ask_natively(draft, schema, form)
    elif schema is not None and draft.family.structured == "tool" and (kind := _force(draft)):
        _ask_by_tool(draft, schema, form, kind)
    else:
        _ask_by_instructions(draft, form)


def _ask_natively(draft: Draft, schema: Json, form: JsonForm) -> None:
    definition = {"schema": json.dumps(schema, ensure_ascii=False, separators=(",", ":"))}
    if form.name:
        definition["name"] = form.name
    if form.description:
        definition["description"] = form.description
    draft.body["outputConfig"] = {
        "textFormat": {"type": "json_schema", "structure": {"jsonSchema": definition}}
    }


def _force(draft: Draft) -> str:
    """The kind of tool choice that has the answer given by tool; "" when the family takes none.

    Beside tools that the client offers it is ``any``: the model calls one of them, or answers.
    """
    offered = any(
        tool["toolSpec"].get("description") != NO_LONGER_OFFERED
        for tool in draft.body.get("toolConfig", {}).get("tools", ())
        if "toolSpec" in tool
    )
    kind = "any" if offered else "tool"
    return kind if draft.family.tools and kind in draft.family.tool_choices else ""


def _ask_by_tool(draft: Draft, schema: Json, form: JsonForm, kind: str) -> None:
    draft.changes.add("response format asked for by a tool")
    config = draft.body.setdefault("toolConfig", {"tools": []})
    taken = {tool["toolSpec"]["name"] for tool in config["tools"] if "toolSpec" in tool}
    wrapped = schema.get("type") != "object"
    name = WRAPPER if wrapped else ANSWER
    while name in taken:
        name += "_"
    description = f"{_PURPOSE} {form.description}".strip()
    given = _wrapped(schema) if wrapped else schema
    config["tools"].append({"toolSpec": spec(draft, name, description, given, strict=form.strict)})
    config["toolChoice"] = {"any": {}} if kind == "any" else {"tool": {"name": name}}
    draft.answer_tool = name


def _wrapped(schema: Json) -> Json:
    """The schema of an object whose one member is what `schema` says."""
    return {
        "type": "object",
        "properties": {MEMBER: _moved(schema)},
        "required": [MEMBER],
        "additionalProperties": False,
    }


_VALUES = frozenset({"const", "default", "enum", "examples"})
"""Keywords of JSON Schema whose values are no schemas."""


def _moved(node: object) -> object:
    """A schema's references from its root, made to start where `_wrapped` puts the schema."""
    if isinstance(node, list):
        return [_moved(item) for item in node]
    if not isinstance(node, dict):
        return node
    moved = {key: value if key in _VALUES else _moved(value) for key, value in node.items()}
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        moved["$ref"] = f"#/properties/{MEMBER}{reference[1:]}"
    return moved


def _ask_by_instructions(draft: Draft, form: JsonForm) -> None:
    draft.changes.add("response format asked for by instructions")
    words = "Answer with nothing but one JSON value: no explanation, no Markdown, no code fence."
    if form.schema is None:
        words = words.replace("JSON value", "JSON object")
    else:
        schema = json.dumps(form.schema, ensure_ascii=False, separators=(",", ":"))
        words = f"{words} It must be valid by this JSON Schema:\n{schema}"
    if form.description:
        words = f"{words}\nIt is: {form.description}"
    if draft.family.system:
        draft.body.setdefault("system", []).append({"text": words})
    else:
        draft.body["messages"][0]["content"].insert(0, {"text": words})
    draft.answer_tool = AS_TEXT
