"""The shape of a Chat Completions body: https://platform.openai.com/docs/api-reference/chat/create."""

from router.dialects.checks import Json, invalid
from router.dialects.converse.draft import Draft
from router.dialects.openai_native import fitting
from router.dialects.openai_native.fitting import BREAKPOINT, EFFORT, TOKENS, TOOL_NAME, VERBOSITY
from router.dialects.openai_native.schema import (
    Check,
    flag,
    free_object,
    list_of,
    name,
    number,
    object_of,
    one_of,
    string,
    string_or,
    tagged,
    whole,
)

_LARGEST_SEED = 2**63 - 1

_IMAGE = object_of({"url": string}, {"detail": one_of("auto", "low", "high", "original")})


def _image_url(value: Json, where: str, draft: Draft) -> None:
    _IMAGE(value, where, draft)
    fitting.fit_image(value, "url", f"{where}.url", draft)


def _part(**content: Check) -> Check:
    return object_of({"type": string, **content}, {"prompt_cache_breakpoint": BREAKPOINT})


_TEXT = _part(text=string)
_FILE = _part(file=object_of({"file_data": string}, {"filename": string}))
_REFUSAL = _part(refusal=string)


def _content(**parts: Check) -> Check:
    return string_or(list_of(tagged(parts)))


_CALL = tagged(
    {
        "function": object_of(
            {"id": name, "function": object_of({"name": name, "arguments": string})},
            {"type": string},
        ),
        "custom": object_of(
            {"id": name, "type": string, "custom": object_of({"name": name, "input": string})}
        ),
    },
    untagged="function",
)


def _call(value: Json, where: str, draft: Draft) -> None:
    _CALL(value, where, draft)
    # Which clients leave out, and the route wants.
    value.setdefault("type", "function")


_ASSISTANT = object_of(
    {"role": string},
    {
        "content": _content(text=_TEXT, refusal=_REFUSAL),
        "name": string,
        "refusal": string,
        "tool_calls": list_of(_call),
    },
)


def _assistant(value: Json, where: str, draft: Draft) -> None:
    _ASSISTANT(value, where, draft)
    # Clients write an empty list for no calls, which the route refuses.
    if value.get("tool_calls") == []:
        del value["tool_calls"]
    if not (value.keys() & {"content", "tool_calls"} or value.get("refusal")):
        raise invalid(f"{where}.content", "must be given where there are no tool calls")


_INSTRUCTIONS = object_of({"role": string, "content": _content(text=_TEXT)}, {"name": string})

MESSAGES: dict[str, Check] = {
    "assistant": _assistant,
    "developer": _INSTRUCTIONS,
    "system": _INSTRUCTIONS,
    "tool": object_of(
        {"role": string, "tool_call_id": name, "content": _content(text=_TEXT)}, {"name": string}
    ),
    "user": object_of(
        {
            "role": string,
            "content": _content(text=_TEXT, image_url=_part(image_url=_image_url), file=_FILE),
        },
        {"name": string},
    ),
}

_NAMED = object_of({"name": name})

_TOOL = tagged(
    {
        "function": object_of(
            {
                "type": string,
                "function": object_of(
                    {"name": TOOL_NAME},
                    {"description": string, "parameters": free_object, "strict": flag},
                ),
            }
        ),
        "custom": object_of(
            {
                "type": string,
                "custom": object_of(
                    {"name": TOOL_NAME}, {"description": string, "format": free_object}
                ),
            }
        ),
    }
)

_CHOSEN = tagged({"function": object_of({"type": string, "function": _NAMED})})

_CHOICE = tagged(
    {
        "function": _CHOSEN,
        "custom": object_of({"type": string, "custom": _NAMED}),
        "allowed_tools": object_of(
            {
                "type": string,
                "allowed_tools": object_of(
                    {"mode": one_of("auto", "required"), "tools": list_of(_CHOSEN)}
                ),
            }
        ),
    }
)


def _tool_choice(value: object, where: str, draft: Draft) -> None:
    if value not in ("none", "auto", "required"):
        _CHOICE(value, where, draft)


PARAMETERS: dict[str, Check] = {
    **fitting.PARAMETERS,
    "frequency_penalty": number(-2, 2),
    "logit_bias": free_object,
    "logprobs": flag,
    "max_completion_tokens": TOKENS,
    "max_tokens": TOKENS,
    "messages": list_of(tagged(MESSAGES, key="role"), least=1),
    "modalities": list_of(one_of("text", "audio")),
    "n": whole(1, 128),
    "presence_penalty": number(-2, 2),
    "reasoning_effort": EFFORT,
    "response_format": tagged(
        {
            "text": object_of({"type": string}),
            "json_schema": object_of(
                {
                    "type": string,
                    "json_schema": object_of(
                        {"name": TOOL_NAME},
                        {"description": string, "schema": free_object, "strict": flag},
                    ),
                }
            ),
        }
    ),
    "seed": whole(-_LARGEST_SEED, _LARGEST_SEED),
    "stop": string_or(list_of(string)),
    "stream_options": object_of({}, {"include_obfuscation": flag, "include_usage": flag}),
    "tool_choice": _tool_choice,
    "tools": list_of(_TOOL),
    "verbosity": VERBOSITY,
}
"""The parameters of the route, and what each may be."""
