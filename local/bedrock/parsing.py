"""Reading the JSON of a request."""

import json
from typing import Any

from local.bedrock.errors import ServiceError, invalid
from local.bedrock.rules.native import malformed


def parse(body: bytes) -> Any:
    """The body of an operation with a model of its own, such as Converse."""
    try:
        return _loads(body)
    except ValueError:
        raise ServiceError("SerializationException", "The request body isn't valid JSON.") from None


def parse_native(body: bytes) -> dict[str, Any]:
    """The body of InvokeModel, which is the model's own."""
    try:
        value = _loads(body)
    except ValueError:
        raise invalid(
            "Malformed input request, please reformat your input and try again."
        ) from None
    if not isinstance(value, dict):
        raise malformed("expected type: JSONObject")
    return value


def _loads(body: bytes) -> Any:
    """Parses JSON; raises ValueError also for half a surrogate pair, which is no text."""
    value = json.loads(body)
    if b"\\u" in body:
        json.dumps(value, ensure_ascii=False).encode()
    return _without_nulls(value) if b"null" in body else value


def _without_nulls(value: Any) -> Any:
    """The value without object members that are null: to the service they are not there."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
