"""Requests as OpenAI's clients may send them: together they use every feature that the router serves."""

import base64
from typing import Any

from router.dialects.converse.reasoning import details
from router.dialects.converse.reasoning import seal as sealed_item

from local.bedrock import inventory
from local.bedrock.encoders import embeddings
from local.bedrock.models import Model
from local.bedrock.seals import seal
from tests.support.openai_answers import CHAT, EMBEDDINGS, RESPONSES
from tests.support.whole_router import PIXEL

Json = dict[str, Any]

_NAMES = ("claude-opus-5-5", "nova-lite", "gpt-oss-20b", "gpt-6.1-sol", "grok-4.7")


def _id(model: Model) -> str:
    return model.id if model.on_demand else f"{model.geographies[0]}.{model.id}"


MODELS = (*_NAMES, *[_id(model) for model in inventory.MODELS.values() if model.chats])
"""All models of the simulated account that chat, some of them by the catalog's names."""

EMBEDDING_MODELS = tuple(
    _id(model) for model in inventory.MODELS.values() if embeddings.embeds(model)
)

OTHER_NAMES = ("gpt-4o", "no.such-model", "openai/gpt-4o", "", "model with spaces", "é", "a" * 3000)
"""Names of models that there are not."""

IMAGE = f"data:image/gif;base64,{base64.b64encode(PIXEL).decode()}"
REMOTE_IMAGE = "https://media.test/pixel.gif"
REMOTE_TEXT = "https://media.test/notes.txt"
CSV = f"data:text/csv;base64,{base64.b64encode(b'a,b').decode()}"
WAV = base64.b64encode(b"RIFF    WAVEfmt ").decode()

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "Where"},
        "days": {"type": "array", "items": {"type": "integer"}},
    },
    "required": ["city", "days"],
    "additionalProperties": False,
}

_THOUGHT = {"reasoningText": {"text": "Hm.", "signature": seal("Hm.")}}

GRAMMAR = {"syntax": "lark", "definition": 'start: "x"'}


def _call(call_id: str, name: str, arguments: str = '{"city":"Rome"}') -> Json:
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


_FUNCTION = {"name": "weather", "description": "Tells it", "parameters": SCHEMA, "strict": True}

CHATS: tuple[Json, ...] = (
    {
        "messages": [
            {"role": "system", "content": "Be brief.", "name": "ops"},
            {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
            {"role": "user", "content": "Hi", "name": "ann"},
            {"role": "assistant", "content": None, "refusal": "No."},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "Still no."}]},
            {"role": "user", "content": [{"type": "text", "text": "Why?"}]},
        ],
        "max_completion_tokens": 64,
        "temperature": 1,
        "top_p": 0.5,
        "stop": ["\n\n", "END"],
        "stream": True,
        "stream_options": {"include_usage": True, "include_obfuscation": False},
        "n": 1,
        "user": "u",
        "metadata": {"a": "b"},
        "store": False,
        "verbosity": "low",
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "logprobs": False,
    },
    {
        "messages": [
            {"role": "user", "content": "Weather in Rome and Oslo?"},
            {
                "role": "assistant",
                "content": "Let me see.",
                "tool_calls": [_call("call_1", "weather"), _call("call_2", "weather", "")],
            },
            {"role": "tool", "tool_call_id": "call_2", "content": "Rain."},
            {
                "role": "tool",
                "tool_call_id": "call_1",
                "content": [{"type": "text", "text": "Sun."}],
            },
            {"role": "user", "content": "And?"},
        ],
        "tools": [
            {"type": "function", "function": _FUNCTION},
            {"type": "function", "function": {"name": "clock"}},
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning_effort": "none",
        "seed": 7,
    },
    {
        "messages": [
            {"role": "user", "content": "Patch it."},
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "c", "type": "custom", "custom": {"name": "patch", "input": "x"}}
                ],
            },
            {"role": "tool", "tool_call_id": "c", "content": ""},
        ],
        "tools": [
            {
                "type": "custom",
                "custom": {
                    "name": "patch",
                    "description": "Patches",
                    "format": {"type": "grammar", "grammar": GRAMMAR},
                },
            },
            {"type": "function", "function": {"name": "files.read", "parameters": {}}},
        ],
        "tool_choice": {
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "auto",
                "tools": [{"type": "custom", "custom": {"name": "patch"}}],
            },
        },
        "reasoning_effort": "none",
        "stream": True,
    },
    {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What are these?", "cache_control": None},
                    {"type": "image_url", "image_url": {"url": IMAGE, "detail": "low"}},
                    {"type": "image_url", "image_url": {"url": REMOTE_IMAGE}},
                    {"type": "file", "file": {"filename": "a.csv", "file_data": CSV}},
                ],
            }
        ],
        "max_tokens": 100,
    },
    {
        "messages": [{"role": "user", "content": "Plan a trip, as JSON."}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "trip", "description": "d", "schema": SCHEMA, "strict": True},
        },
        "service_tier": "default",
        "stream": True,
    },
    {
        "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "function_call": {"name": "weather", "arguments": "{}"}},
            {"role": "function", "name": "weather", "content": "Sun."},
        ],
        "functions": [{"name": "weather", "description": "d", "parameters": SCHEMA}],
        "function_call": "auto",
        "frequency_penalty": 0.5,
        "presence_penalty": -1,
        "logit_bias": {"50256": -100},
        "response_format": {"type": "json_object"},
    },
    {
        "messages": [
            {"role": "user", "content": "Think."},
            {
                "role": "assistant",
                "content": "Done.",
                "reasoning_content": "Hm.",
                "reasoning_details": [details({"reasoningContent": _THOUGHT}, "claude-4-5", 0)],
            },
            {"role": "user", "content": "Think again."},
        ],
        "reasoning": {"effort": "high", "exclude": False, "enabled": True},
        "include_reasoning": True,
        "max_completion_tokens": 4000,
        "top_k": 5,
        "min_p": 0.1,
        "stream": True,
    },
    {
        "messages": [
            {
                "role": "system",
                "content": [
                    {"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral"}}
                ],
            },
            {"role": "user", "content": "Hi", "cache_control": {"type": "ephemeral", "ttl": "5m"}},
        ],
        "tools": [
            {
                "type": "function",
                "function": {"name": "f", "parameters": {"type": "object"}},
                "cache_control": {"type": "ephemeral", "ttl": "1h"},
            }
        ],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "cache_control": {"type": "ephemeral"},
        "system": "Be exact.",
        "reasoning": {"max_tokens": 2000},
    },
)

_FUNCTION_TOOL = {"type": "function", **_FUNCTION}

CONVERSATIONS: tuple[Json, ...] = (
    {"input": "Hi"},
    {
        "instructions": "Be brief.",
        "input": [
            {"role": "developer", "content": "Be kind."},
            {"type": "message", "role": "system", "content": "Be exact."},
            {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "completed",
                "content": [
                    {"type": "output_text", "text": "Yes?", "annotations": []},
                    {"type": "refusal", "refusal": "No."},
                ],
            },
            {"role": "user", "content": "Why?"},
        ],
        "stream": True,
        "stream_options": {"include_obfuscation": False},
        "max_output_tokens": 64,
        "store": False,
        "metadata": {"a": "b"},
        "truncation": "disabled",
        "text": {"format": {"type": "text"}, "verbosity": "low"},
        "user": "u",
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "temperature": 1,
    },
    {
        "input": [
            {"role": "user", "content": "Weather?"},
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [{"type": "summary_text", "text": "Hm."}],
                "encrypted_content": sealed_item([{"reasoningContent": _THOUGHT}], "claude-4-5"),
            },
            {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "call_1",
                "name": "weather",
                "arguments": '{"city":"Rome"}',
                "status": "completed",
            },
            {
                "type": "custom_tool_call",
                "call_id": "call_2",
                "name": "patch",
                "namespace": "files",
                "input": "x",
            },
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": "ok"},
            {
                "type": "function_call_output",
                "call_id": "call_1",
                "output": [{"type": "input_text", "text": "Sun."}],
            },
        ],
        "tools": [
            _FUNCTION_TOOL,
            {
                "type": "namespace",
                "name": "files",
                "description": "Files",
                "tools": [
                    {"type": "custom", "name": "patch", "format": {"type": "grammar", **GRAMMAR}},
                    {"type": "function", "name": "read", "parameters": SCHEMA, "strict": False},
                ],
            },
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": False,
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
        "stream": True,
    },
    {
        "input": [
            {"type": "additional_tools", "tools": [{"type": "custom", "name": "note"}]},
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What are these?"},
                    {"type": "input_image", "image_url": IMAGE, "detail": "auto"},
                    {"type": "input_image", "image_url": REMOTE_IMAGE},
                    {"type": "input_file", "filename": "a.csv", "file_data": CSV},
                ],
            },
        ],
        "store": False,
    },
    {
        "input": "Plan a trip, as JSON.",
        "text": {
            "format": {"type": "json_schema", "name": "trip", "schema": SCHEMA, "strict": True}
        },
        "tools": [_FUNCTION_TOOL, {"type": "custom", "name": "patch"}],
        "tool_choice": {
            "type": "allowed_tools",
            "mode": "auto",
            "tools": [{"type": "function", "name": "weather"}],
        },
        "service_tier": "default",
        "stream": True,
    },
    {
        "input": [
            {
                "role": "user",
                "content": [
                    {
                        "type": "input_text",
                        "text": "Long.",
                        "cache_control": {"type": "ephemeral", "ttl": "1h"},
                    },
                    {"type": "input_file", "file_url": REMOTE_TEXT},
                ],
            },
        ],
        "tools": [
            {
                "type": "function",
                "name": "weather",
                "parameters": None,
                "cache_control": {"type": "ephemeral", "scope": "global"},
                "output_schema": {"type": "object"},
            }
        ],
        "tool_choice": {"type": "function", "name": "weather"},
        "cache_control": {"type": "ephemeral"},
        "client_metadata": {},
        "top_k": 5,
        "stop": "END",
        "seed": 1,
    },
)

EMBEDDED: tuple[Json, ...] = (
    {"input": "Hi"},
    {
        "input": ["Hi", "né", " \n"],
        "encoding_format": "base64",
        "user": "u",
        "dimensions": None,
    },
    {"input": ["Hi"] * 5, "input_type": "search_query", "encoding_format": "float"},
    {"input": "Hi", "dimensions": 1024, "normalize": True, "truncate": "END"},
)

REQUESTS: dict[str, tuple[Json, ...]] = {
    CHAT: CHATS,
    RESPONSES: CONVERSATIONS,
    EMBEDDINGS: EMBEDDED,
}
"""By path; without `model`."""


def models_for(path: str) -> tuple[str, ...]:
    """The models that a path is for."""
    return EMBEDDING_MODELS if path == EMBEDDINGS else MODELS
