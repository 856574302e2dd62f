"""The form that a Chat Completions request wants of the answer."""

from router.dialects.checks import fields, invalid, members
from router.dialects.converse.draft import Draft
from router.dialects.converse.structured import JsonForm
from router.dialects.openai_parts import json_form

TEXT = fields("type")
JSON_SCHEMA_FORMAT = fields("type", "json_schema")
JSON_SCHEMA = fields("name", "description", "schema", "strict")


def read_response_format(draft: Draft, value: object) -> JsonForm | None:
    """The form in the request's `response_format`; None for plain text."""
    kind = value.get("type") if isinstance(value, dict) else None
    if value is None:
        return None
    if kind in ("text", "json_object"):
        members(value, "response_format", TEXT, draft.changes)
        return JsonForm() if kind == "json_object" else None
    if kind != "json_schema":
        raise invalid("response_format.type", "must be text, json_object or json_schema")
    format_ = members(value, "response_format", JSON_SCHEMA_FORMAT, draft.changes)
    where = "response_format.json_schema"
    return json_form(members(format_.get("json_schema"), where, JSON_SCHEMA, draft.changes), where)
