"""The shape of a Chat Completions body: https://platform.openai.com/docs/api-reference/chat/create."""

from local.bedrock.schemas import Field

ROLES = ("developer", "system", "user", "assistant", "tool", "function")
TOOL_NAME = r"[a-zA-Z0-9_-]+"

_TEXT = Field("string")
_NEEDED = Field("string", required=True)
_FLAG = Field("boolean")
_ANY = Field()
_OBJECT = Field("object")
_SHARE = Field("number", least=0, most=1)
_PENALTY = Field("number", least=-2, most=2)
_COUNT = Field("integer", least=1)
_BREAKPOINT = Field("object", members={"mode": Field("string", choices=("implicit", "explicit"))})
_NAME = Field("string", required=True, least=1, most=64, pattern=TOOL_NAME)


def _object(**members: Field) -> Field:
    return Field("object", members=members)


def _part(**members: Field) -> Field:
    return _object(type=_TEXT, prompt_cache_breakpoint=_BREAKPOINT, **members)


_IMAGE_URL = Field(
    "object",
    required=True,
    members={
        "url": _NEEDED,
        "detail": Field("string", choices=("auto", "low", "high", "original")),
    },
)
_PART = Field(
    "tagged",
    tags={
        "text": _part(text=_NEEDED),
        "image_url": _part(image_url=_IMAGE_URL),
        "input_audio": _part(
            input_audio=Field(
                "object",
                required=True,
                members={
                    "data": _NEEDED,
                    "format": Field("string", required=True, choices=("wav", "mp3")),
                },
            )
        ),
        "file": _part(
            file=Field(
                "object",
                required=True,
                members={"file_data": _TEXT, "file_id": _TEXT, "filename": _TEXT},
            )
        ),
        "refusal": _part(refusal=_NEEDED),
    },
)
_CALL = Field(
    "tagged",
    tags={
        "function": _object(
            id=_NEEDED,
            type=_TEXT,
            function=Field(
                "object", required=True, members={"name": _NEEDED, "arguments": _NEEDED}
            ),
        ),
        "custom": _object(
            id=_NEEDED,
            type=_TEXT,
            custom=Field("object", required=True, members={"name": _NEEDED, "input": _NEEDED}),
        ),
    },
)
_MESSAGE_MEMBERS = {
    "role": Field("string", required=True, choices=ROLES),
    "content": Field("text", items=_PART),
    "name": _TEXT,
    "refusal": _TEXT,
    "tool_calls": Field("array", least=1, items=_CALL),
    "tool_call_id": _TEXT,
    "audio": _OBJECT,
    "function_call": _OBJECT,
}

FUNCTION = _object(
    name=_NAME, description=_TEXT, parameters=_OBJECT, strict=_FLAG, defer_loading=_FLAG
)
"""A function tool's function."""

_TOOL = Field(
    "tagged",
    tags={
        "function": _object(type=_TEXT, function=FUNCTION._replace(required=True)),
        "custom": _object(
            type=_TEXT,
            custom=Field(
                "object",
                required=True,
                members={"name": _NAME, "description": _TEXT, "format": _OBJECT},
            ),
        ),
    },
)
_RESPONSE_FORMAT = Field(
    "tagged",
    tags={
        "text": _object(type=_TEXT),
        "json_object": _object(type=_TEXT),
        "json_schema": _object(
            type=_TEXT,
            json_schema=Field(
                "object",
                required=True,
                members={
                    "name": _NAME,
                    "description": _TEXT,
                    "schema": _OBJECT,
                    "strict": _FLAG,
                },
            ),
        ),
    },
)
_CHOSEN = Field("object", required=True, members={"name": _NEEDED})
_ALLOWED = Field(
    "object",
    required=True,
    members={
        "mode": Field("string", required=True, choices=("auto", "required")),
        "tools": Field(
            "array",
            required=True,
            items=_object(type=_TEXT, function=_CHOSEN),
        ),
    },
)
_TOOL_CHOICE = Field(
    "choice",
    choices=("none", "auto", "required"),
    tags={
        "function": _object(type=_TEXT, function=_CHOSEN),
        "custom": _object(type=_TEXT, custom=_CHOSEN),
        "allowed_tools": _object(type=_TEXT, allowed_tools=_ALLOWED),
    },
)
CACHE_OPTIONS = _object(
    mode=Field("string", choices=("implicit", "explicit")), ttl=Field("string", choices=("30m",))
)

_MEMBERS = {
    "messages": Field(
        "array", required=True, least=1, items=Field("object", members=_MESSAGE_MEMBERS)
    ),
    "model": _NEEDED,
    "store": _FLAG,
    "reasoning_effort": _TEXT,
    "metadata": _OBJECT,
    "frequency_penalty": _PENALTY,
    "logit_bias": _OBJECT,
    "logprobs": _FLAG,
    "top_logprobs": Field("integer", least=0, most=20),
    "max_tokens": _COUNT,
    "max_completion_tokens": _COUNT,
    "n": Field("integer", least=1, most=1),
    "modalities": Field("array", items=_TEXT),
    "prediction": _OBJECT,
    "audio": _OBJECT,
    "presence_penalty": _PENALTY,
    "response_format": _RESPONSE_FORMAT,
    "seed": Field("integer"),
    "service_tier": _TEXT,
    "stop": Field("text", items=_TEXT),
    "stream": _FLAG,
    "stream_options": _object(include_usage=_FLAG, include_obfuscation=_FLAG),
    "temperature": Field("number", least=0, most=2),
    "top_p": _SHARE,
    "tools": Field("array", least=1, most=128, items=_TOOL),
    "tool_choice": _TOOL_CHOICE,
    "parallel_tool_calls": _FLAG,
    "user": _TEXT,
    "functions": _ANY,
    "function_call": _ANY,
}

OPEN_BODY = Field(
    "object",
    members={
        **_MEMBERS,
        "messages": Field(
            "array",
            required=True,
            least=1,
            items=Field(
                "object",
                members={**_MESSAGE_MEMBERS, "reasoning": _TEXT, "reasoning_content": _TEXT},
            ),
        ),
    },
)
"""What the models that are neither GPT nor Grok take."""

OPENAI_BODY = Field(
    "object",
    members={
        **_MEMBERS,
        "prompt_cache_key": Field("string", most=64),
        "prompt_cache_options": CACHE_OPTIONS,
        "prompt_cache_retention": Field("string", choices=("in_memory", "24h")),
        "safety_identifier": Field("string", most=64),
        "verbosity": Field("string", choices=("low", "medium", "high")),
        "web_search_options": _OBJECT,
    },
)
"""What GPT and Grok take."""
