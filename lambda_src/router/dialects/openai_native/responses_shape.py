"""The shape of a Responses body: https://platform.openai.com/docs/api-reference/responses/create."""

from collections.abc import Mapping
from typing import Any

from router.dialects.checks import Json, invalid, type_of
from router.dialects.converse.draft import Draft
from router.dialects.openai_native import fitting
from router.dialects.openai_native.fitting import BREAKPOINT, EFFORT, TOKENS, TOOL_NAME, VERBOSITY
from router.dialects.openai_native.schema import (
    Check,
    flag,
    free_list,
    free_object,
    list_of,
    name,
    object_of,
    one_of,
    string,
    string_or,
    tagged,
)
from router.dialects.openai_responses.items import REFUSED
from router.dialects.openai_responses.tools import HOSTED

ENCRYPTED_REASONING = "reasoning.encrypted_content"


def _image(value: Json, where: str, draft: Draft) -> None:
    _IMAGE(value, where, draft)
    fitting.fit_image(value, "image_url", f"{where}.image_url", draft)


_PART: dict[str, Check] = {"prompt_cache_breakpoint": BREAKPOINT}

_IMAGE = object_of(
    {"type": string, "image_url": string},
    {"detail": one_of("auto", "low", "high", "original"), **_PART},
)

_INPUT_PARTS: dict[str, Check] = {
    "input_text": object_of({"type": string, "text": string}, _PART),
    "input_image": _image,
    "input_file": object_of(
        {"type": string, "file_data": string}, {"filename": string, "detail": string, **_PART}
    ),
}

_OUTPUT_PARTS: dict[str, Check] = {
    "output_text": object_of(
        {"type": string, "text": string}, {"annotations": free_list, "logprobs": free_list}
    ),
    "refusal": object_of({"type": string, "refusal": string}),
}

_THOUGHTS = list_of(object_of({"type": string, "text": string}))


def _item(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    common = {"type": string, "id": string, "status": string}
    return object_of(required, {**common, **(optional or {})})


def _call(content: str) -> Check:
    return _item(
        {"call_id": name, "name": name, content: string},
        {"namespace": string, "caller": free_object, "async": flag},
    )


_OUTPUT = _item(
    {"call_id": name, "output": string_or(list_of(tagged(_INPUT_PARTS)))}, {"caller": free_object}
)

_TOOL_OPTIONS: dict[str, Check] = {
    "allowed_callers": free_list,
    "defer_loading": flag,
    "description": string,
}

_OWN_TOOLS: dict[str, Check] = {
    "function": object_of(
        {"type": string, "name": TOOL_NAME},
        {
            **_TOOL_OPTIONS,
            "async": flag,
            "output_schema": free_object,
            "parameters": free_object,
            "strict": flag,
        },
    ),
    "custom": object_of(
        {"type": string, "name": TOOL_NAME},
        {
            **_TOOL_OPTIONS,
            "format": tagged(
                {
                    "text": object_of({"type": string}),
                    "grammar": object_of(
                        {"type": string, "syntax": one_of("lark", "regex"), "definition": name}
                    ),
                }
            ),
        },
    ),
}

TOOLS: dict[str, Check] = {
    **_OWN_TOOLS,
    "namespace": object_of(
        {
            "type": string,
            "name": TOOL_NAME,
            "description": string,
            "tools": list_of(tagged(_OWN_TOOLS)),
        }
    ),
    "apply_patch": free_object,
    "computer": free_object,
    "tool_search": free_object,
}
"""The tools that the client runs, by type. The route runs none of its own."""


def _tool(value: Any, where: str, draft: Draft) -> None:
    kind = type_of(value)
    if kind in HOSTED and kind not in TOOLS:
        raise invalid(
            f"{where}.type", f"is {kind}, which Amazon Bedrock does not run: {HOSTED[kind]}"
        )
    tagged(TOOLS)(value, where, draft)


ITEMS: dict[str, Check] = {
    "message": _item(
        {
            "role": one_of("user", "assistant", "system", "developer"),
            "content": string_or(list_of(tagged({**_INPUT_PARTS, **_OUTPUT_PARTS}))),
        },
        {"phase": string},
    ),
    "function_call": _call("arguments"),
    "function_call_output": _OUTPUT,
    "custom_tool_call": _call("input"),
    "custom_tool_call_output": _OUTPUT,
    "reasoning": _item({"summary": _THOUGHTS}, {"content": _THOUGHTS, "encrypted_content": string}),
    "item_reference": object_of({"id": name}, {"type": string}),
    "additional_tools": _item({"tools": list_of(_tool)}, {"role": string}),
    **dict.fromkeys(
        (
            "apply_patch_call",
            "apply_patch_call_output",
            "compaction",
            "computer_call",
            "computer_call_output",
            "tool_search_call",
            "tool_search_output",
        ),
        free_object,
    ),
}
"""The items of a conversation, by type."""


def _input_item(value: Any, where: str, draft: Draft) -> None:
    if not isinstance(value, dict):
        raise invalid(where, "must be an object")
    kind = item_type(value)
    if kind not in ITEMS:
        raise invalid(f"{where}.type", REFUSED.get(kind) or f"must be one of {', '.join(ITEMS)}")
    ITEMS[kind](value, where, draft)
    if kind == "item_reference":
        # Clients may leave it out; the route goes by it.
        value["type"] = kind


def item_type(item: Json) -> str:
    """An item's type, which messages and references may leave out; "" when it has none."""
    if item.get("type") is None:
        return "message" if "role" in item else "item_reference" if "id" in item else ""
    return type_of(item)


_NAMED = object_of({"type": string, "name": name})

_CHOICE = tagged(
    {
        "function": _NAMED,
        "custom": _NAMED,
        "allowed_tools": object_of(
            {"type": string, "mode": one_of("auto", "required"), "tools": list_of(_NAMED)}
        ),
    }
)


def _tool_choice(value: Any, where: str, draft: Draft) -> None:
    if value not in ("none", "auto", "required"):
        _CHOICE(value, where, draft)


_FORMAT = tagged(
    {
        "text": object_of({"type": string}),
        "json_object": object_of({"type": string}),
        "json_schema": object_of(
            {"type": string, "name": TOOL_NAME, "schema": free_object},
            {"description": string, "strict": flag},
        ),
    }
)

PARAMETERS: dict[str, Check] = {
    **fitting.PARAMETERS,
    "background": flag,
    "client_metadata": free_object,
    "context_management": free_list,
    "include": list_of(
        one_of(
            "code_interpreter_call.outputs",
            "computer_call_output.output.image_url",
            "file_search_call.results",
            "message.input_image.image_url",
            ENCRYPTED_REASONING,
            "web_search_call.action.sources",
            "web_search_call.results",
        )
    ),
    "input": string_or(list_of(_input_item, least=1)),
    "instructions": string,
    "max_output_tokens": TOKENS,
    "max_tool_calls": TOKENS,
    "previous_response_id": name,
    "reasoning": object_of(
        {},
        {
            "context": string,
            "effort": EFFORT,
            "generate_summary": one_of("auto", "concise", "detailed"),
            "summary": one_of("auto", "concise", "detailed"),
        },
    ),
    "stream_options": object_of({}, {"include_obfuscation": flag}),
    "text": object_of({}, {"format": _FORMAT, "verbosity": VERBOSITY}),
    "tool_choice": _tool_choice,
    "tools": list_of(_tool),
    "truncation": one_of("auto", "disabled"),
}
"""The parameters of the route, and what each may be."""
