"""The form that a Chat Completions request wants of the answer."""

from router.dialects.checks import boolean, document, fields, invalid, members, name, text
from router.dialects.converse.draft import Draft
from router.dialects.converse.structured import JsonForm

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
    given = members(format_.get("json_schema"), where, JSON_SCHEMA, draft.changes)
    description, schema, strict = (given.get(key) for key in ("description", "schema", "strict"))
    return JsonForm(
        # Without a schema it is any object, as with OpenAI.
        schema=None if schema is None else document(schema, f"{where}.schema"),
        name=name(given.get("name"), f"{where}.name"),
        description="" if description is None else text(description, f"{where}.description"),
        strict=strict is not None and boolean(strict, f"{where}.strict"),
    )
