"""How the OpenAI routes word what is wrong with the shape of a body.

GPT and Grok answer as OpenAI's own API does; the other models as the Rust library that reads their
requests (``unknown field `x```), which is also how Responses tells of a mistake inside a parameter.
"""

from collections.abc import Callable
from typing import Any

from local.bedrock.openai.errors import OpenAIError, invalid_value
from local.bedrock.schemas import Violation

Wording = Callable[[Violation], OpenAIError]

_TYPES = {
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "a boolean",
    "array": "an array",
    "object": "an object",
}
_RUST_TYPES = {
    "string": "a string",
    "number": "f64",
    "integer": "i64",
    "boolean": "a boolean",
    "array": "a sequence",
    "object": "a map",
}
_FOUND = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)

_BOUNDS = {
    "number-low": ("decimal below minimum value", "a value >= {0:g}", "{1:g}"),
    "number-high": ("decimal above maximum value", "a value <= {0:g}", "{1:g}"),
    "integer-low": ("integer below minimum value", "a value >= {0:g}", "{1}"),
    "integer-high": ("integer above maximum value", "a value <= {0:g}", "{1}"),
    "string-low": ("empty string", "a string with minimum length {0:g}", "an empty string"),
    "string-high": (
        "string too long",
        "a string with maximum length {0:g}",
        "a string with length {1}",
    ),
    "array-low": ("empty array", "an array with minimum length {0:g}", "an empty array"),
    "array-high": (
        "array too long",
        "an array with maximum length {0:g}",
        "an array with length {1}",
    ),
}
_BOUND_CODES = {
    "number-low": "decimal_below_min_value",
    "number-high": "decimal_above_max_value",
    "integer-low": "integer_below_min_value",
    "integer-high": "integer_above_max_value",
    "string-low": "empty_string",
    "string-high": "string_above_max_length",
    "array-low": "empty_array",
    "array-high": "array_above_max_length",
}


def path(violation: Violation) -> str:
    """``messages[0].content``."""
    text = ""
    for part in violation.path:
        if part.startswith("<"):
            continue
        text += f"[{part}]" if part.isdigit() else f".{part}"
    return text.removeprefix(".")


def in_openai_words(violation: Violation) -> OpenAIError:
    """A violation as OpenAI's API words it."""
    where, detail = path(violation), violation.detail
    match violation.problem:
        case "missing":
            message = f"Missing required parameter: '{where}'."
            code = "missing_required_parameter"
        case "extra":
            message, code = f"Unknown parameter: '{where}'.", "unknown_parameter"
        case "type":
            message = (
                f"Invalid type for '{where}': expected {_TYPES[detail[0]]}, but got "
                f"{_TYPES.get(_kind(detail[1]), 'null')} instead."
            )
            code = "invalid_type"
        case "choice":
            return invalid_value(where, detail[1], detail[0])
        case "tag":
            return invalid_value(f"{where}.type".removeprefix("."), detail[0], tuple(detail[1]))
        case "pattern":
            message = (
                f"Invalid '{where}': string does not match pattern. Expected a string that matches "
                f"the pattern '^{detail[0]}$'."
            )
            code = "invalid_value"
        case bound:
            problem, expected, found = (words.format(*detail) for words in _BOUNDS[bound])
            message = f"Invalid '{where}': {problem}. Expected {expected}, but got {found} instead."
            code = _BOUND_CODES[bound]
    return OpenAIError(message, code=code, param=where)


def in_rust_words(violation: Violation) -> OpenAIError:
    """A violation as the library that reads the other models' requests words it."""
    return OpenAIError(deserializing(violation))


def deserializing(violation: Violation) -> str:
    """What that library says of a whole body, here and in a Converse call's own fields."""
    return (
        "Failed to deserialize the JSON body into the target type: "
        f"{path(violation)}: {in_rust(violation)}"
    )


def in_rust(violation: Violation) -> str:
    """What that library says of one value."""
    detail = violation.detail
    match violation.problem:
        case "missing":
            return f"missing field `{detail}`"
        case "extra":
            return f"unknown field `{detail}`"
        case "type":
            found = _kind(detail[1])
            return f"invalid type: {found or 'null'}, expected {_RUST_TYPES[detail[0]]}"
        case "choice":
            return f"unknown variant `{detail[1]}`, expected one of {_backquoted(detail[0])}"
        case "tag":
            return f"unknown variant `{detail[0]}`, expected one of {_backquoted(tuple(detail[1]))}"
    return in_openai_words(violation).message


def _backquoted(values: tuple[Any, ...]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _kind(value: Any) -> str:
    return next((kind for found, kind in _FOUND if isinstance(value, found)), "")
