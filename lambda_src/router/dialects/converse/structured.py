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
from router.dialects.converse.schemas import enforceable, rewritten
from router.dialects.converse.tools import NO_LONGER_OFFERED, spec
from router.dialects.converse.unwrapping import AS_TEXT, MEMBER, WRAPPER, Unwrapper, unwrap_answer

__all__ = ["JsonForm", "Unwrapper", "ask_json", "unwrap_answer"]

ANSWER = "json_answer"

_COMBINING = frozenset({"allOf", "anyOf", "oneOf"})
"""Claude takes none of these in a tool's schema itself: "input_schema does not support oneOf, allOf,
or anyOf at the top level"."""

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
    config = draft.body.get("toolConfig", {})
    if config.get("toolChoice"):
        # The answer is to be a call of the client's tools, to which the form does not apply.
        return
    schema = None if form.schema is None else document(form.schema, where)
    native = _native_schema(draft, schema, beside_tools=bool(config))
    if native is not None:
        _ask_natively(draft, native, form)
    elif schema is not None and (choice := _forcing_choice(draft)):
        _ask_by_tool(draft, schema, form, choice)
    else:
        _ask_by_instructions(draft, form)


def _native_schema(draft: Draft, schema: Json | None, *, beside_tools: bool) -> Json | None:
    """The schema for `outputConfig`, where the family has that and can be held to the schema."""
    if schema is None or draft.family.structured != "native":
        return None
    if beside_tools and not draft.family.structured_beside_tools:
        return None
    return enforceable(schema)


def _ask_natively(draft: Draft, schema: Json, form: JsonForm) -> None:
    definition = {"schema": json.dumps(schema, ensure_ascii=False, separators=(",", ":"))}
    if form.name:
        definition["name"] = form.name
    if form.description:
        definition["description"] = form.description
    draft.body["outputConfig"] = {
        "textFormat": {"type": "json_schema", "structure": {"jsonSchema": definition}}
    }


def _forcing_choice(draft: Draft) -> str:
    """The tool choice that has the answer given by tool; "" when the family takes none.

    Beside tools that the client offers it is ``any``: the model calls one of them, or answers.
    """
    family = draft.family
    if family.structured == "instructions" or not family.tools:
        return ""
    tools = draft.body.get("toolConfig", {}).get("tools", ())
    descriptions = [tool["toolSpec"].get("description") for tool in tools if "toolSpec" in tool]
    withheld = NO_LONGER_OFFERED in descriptions
    offered = any(description != NO_LONGER_OFFERED for description in descriptions)
    wanted = ("any",) if offered else ("tool",) if withheld else ("tool", "any")
    return next((choice for choice in wanted if choice in family.tool_choices), "")


def _ask_by_tool(draft: Draft, schema: Json, form: JsonForm, choice: str) -> None:
    draft.changes.add("response format asked for by a tool")
    config = draft.body.setdefault("toolConfig", {"tools": []})
    taken = {tool["toolSpec"]["name"] for tool in config["tools"] if "toolSpec" in tool}
    wrapped = schema.get("type") != "object" or not _COMBINING.isdisjoint(schema)
    name = WRAPPER if wrapped else ANSWER
    while name in taken:
        name += "_"
    description = f"{_PURPOSE} {form.description}".strip()
    given = _wrapped(schema) if wrapped else schema
    # Not strict: a schema that could be enforced is asked for natively.
    config["tools"].append({"toolSpec": spec(draft, name, description, given, strict=False)})
    config["toolChoice"] = {"any": {}} if choice == "any" else {"tool": {"name": name}}
    draft.answer_tool = name


def _wrapped(schema: Json) -> Json:
    """The schema of an object whose one member is what `schema` says."""
    return {
        "type": "object",
        "properties": {MEMBER: rewritten(schema, _moved)},
        "required": [MEMBER],
        "additionalProperties": False,
    }


def _moved(node: Json) -> Json:
    """A schema with its reference from the root, if it has one, led to where `_wrapped` puts that."""
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        node["$ref"] = f"#/properties/{MEMBER}{reference[1:]}"
    return node


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
    draft.instruct(words)
    draft.answer_tool = AS_TEXT
