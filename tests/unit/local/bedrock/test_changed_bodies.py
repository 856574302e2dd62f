"""A body that is right but for a thing or two is taken or refused, never answered with an error of ours."""

import base64
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock.messages import Request
from local.bedrock.seals import redact, seal
from local.bedrock.service import Simulator
from tests.support.changed_json import changed, places
from tests.support.simulated_bedrock import read, simulator

Json = dict[str, Any]

_PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08").decode()
_SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"$ref": "#/$defs/city"},
        "days": {"type": "array", "items": {"enum": [1, 2]}, "minItems": 1},
        "when": {"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]},
    },
    "required": ["city", "days", "when"],
    "additionalProperties": False,
    "$defs": {"city": {"type": "string"}},
}
_POINT = {"cachePoint": {"type": "default", "ttl": "1h"}}
_TOOLS = {
    "tools": [
        {"toolSpec": {"name": "look", "description": "Looks", "inputSchema": {"json": _SCHEMA}}}
    ],
    "toolChoice": {"auto": {}},
}
_GUARD = {"guardrailIdentifier": "simguardrail1", "guardrailVersion": "1", "trace": "enabled"}


def _thinking(**content: Any) -> Json:
    return {"reasoningContent": content}


def _conversation(thought: Json, *media: Json) -> list[Json]:
    use = {"toolUse": {"toolUseId": "t1", "name": "look", "input": {"city": "Rome"}}}
    seen = {"toolResult": {"toolUseId": "t1", "content": [{"text": "a"}, {"json": {"b": 1}}]}}
    return [
        {"role": "user", "content": [{"text": "Plan a trip"}, *media]},
        {"role": "assistant", "content": [thought, use]},
        {"role": "user", "content": [seen, {"text": "call look"}]},
    ]


_DOCUMENT = {"document": {"format": "pdf", "name": "a (1)", "source": {"bytes": "aGk="}}}
_IMAGE = {"image": {"format": "png", "source": {"bytes": _PNG}}}
_FORMAT = {
    "type": "json_schema",
    "structure": {"jsonSchema": {"schema": json.dumps(_SCHEMA), "name": "trip"}},
}

CONVERSED: dict[str, Json] = {
    "us.anthropic.claude-haiku-4-5-20251001-v1:0": {
        "messages": _conversation(
            _thinking(reasoningText={"text": "Hm", "signature": seal("Hm")}),
            _IMAGE,
            _DOCUMENT,
            _POINT,
        ),
        "system": [{"text": "Be kind."}, _POINT],
        "toolConfig": _TOOLS,
        "outputConfig": {"textFormat": _FORMAT},
        "inferenceConfig": {"maxTokens": 2000, "stopSequences": ["x"]},
        "additionalModelRequestFields": {
            "thinking": {"type": "enabled", "budget_tokens": 1024},
            "tool_choice": {"disable_parallel_tool_use": True},
        },
        "guardrailConfig": _GUARD,
        "serviceTier": {"type": "priority"},
    },
    "us.amazon.nova-2-lite-v1:0": {
        "messages": [{"role": "user", "content": [{"text": "hi"}, _IMAGE]}],
        "toolConfig": _TOOLS,
        "additionalModelRequestFields": {
            "reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"},
            "inferenceConfig": {"topK": 5},
        },
    },
    "us.openai.gpt-6-sol": {
        "messages": _conversation(_thinking(redactedContent=seal("Hm")), _IMAGE),
        "toolConfig": _TOOLS,
        "additionalModelRequestFields": {"reasoning": {"effort": "low"}},
        "inferenceConfig": {"maxTokens": 50},
    },
    "openai.gpt-oss-20b-1:0": {
        "messages": _conversation(_thinking(reasoningText={"text": "Hm"})),
        "toolConfig": _TOOLS,
        "outputConfig": {"textFormat": _FORMAT},
        "additionalModelRequestFields": {"reasoning_effort": "low", "seed": 5},
        "inferenceConfig": {"temperature": 0.5},
    },
    "mistral.voxtral-mini-3b-2507": {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"audio": {"format": "wav", "source": {"bytes": "aGk="}}},
                    {"text": "What is said?"},
                ],
            }
        ]
    },
}
for _body in CONVERSED.values():
    _body["additionalModelResponseFieldPaths"] = ["/stop_sequence"]

INVOKED: dict[str, Json] = {
    "amazon.titan-embed-text-v2:0": {
        "inputText": "a",
        "dimensions": 256,
        "normalize": False,
        "embeddingTypes": ["float", "binary"],
    },
    "amazon.titan-embed-image-v1": {
        "inputText": "a",
        "inputImage": "aGk=",
        "embeddingConfig": {"outputEmbeddingLength": 256},
    },
    "cohere.embed-english-v3": {
        "texts": ["a", "b"],
        "input_type": "search_query",
        "truncate": "END",
        "embedding_types": ["int8", "ubinary"],
    },
    "cohere.embed-v4:0": {
        "inputs": [
            {
                "content": [
                    {"type": "text", "text": "a"},
                    {"type": "image_url", "image_url": f"data:image/png;base64,{_PNG}"},
                ]
            }
        ],
        "input_type": "clustering",
        "output_dimension": 256,
        "max_tokens": 100,
        "truncate": "NONE",
    },
    "amazon.nova-2-multimodal-embeddings-v1:0": {
        "schemaVersion": "nova-multimodal-embed-v1",
        "taskType": "SINGLE_EMBEDDING",
        "singleEmbeddingParams": {
            "embeddingPurpose": "GENERIC_INDEX",
            "embeddingDimension": 256,
            "text": {"truncationMode": "NONE", "value": "a"},
        },
    },
    "us.amazon.nova-2-lite-v1:0": {
        "messages": [{"role": "user", "content": [{"text": "hi"}, _IMAGE]}],
        "reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"},
        "inferenceConfig": {"maxTokens": 5},
        "toolConfig": _TOOLS,
    },
    "us.anthropic.claude-sonnet-4-6": {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "call look"}],
        "tools": [{"name": "look", "input_schema": _SCHEMA, "strict": True}],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": _SCHEMA}},
        "system": [
            {"type": "text", "text": "x", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
        ],
    },
}

_PIXELS = {"type": "base64", "media_type": "image/png", "data": _PNG}
_NATIVE_IMAGE = {"type": "image", "source": _PIXELS}
_CITED = {"citations": {"enabled": True}}
_SOURCES = [
    {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "A. B."},
        **_CITED,
    },
    {"type": "document", "source": {"type": "content", "content": [_NATIVE_IMAGE]}, **_CITED},
    {
        "type": "search_result",
        "source": "s",
        "title": "t",
        "content": [{"type": "text", "text": "found"}],
        **_CITED,
    },
]
_CITATION = {
    "type": "search_result_location",
    "cited_text": "found",
    "search_result_index": 0,
    "source": "s",
    "title": "t",
    "start_block_index": 0,
    "end_block_index": 1,
}
_MESSAGES: list[Json] = [
    {"role": "user", "content": [*_SOURCES, {"type": "text", "text": "Plan a trip"}]},
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "Hm", "signature": seal("Hm")},
            {"type": "redacted_thinking", "data": redact("Hm")},
            {"type": "text", "text": "a", "citations": [_CITATION]},
            {"type": "tool_use", "id": "t1", "name": "bash", "input": {"command": "ls"}},
        ],
    },
    {
        "role": "user",
        "content": [
            {
                "type": "tool_result",
                "tool_use_id": "t1",
                "content": [
                    _NATIVE_IMAGE,
                    {"type": "tool_reference", "tool_name": "look"},
                ],
            }
        ],
    },
    {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
]
_FABLE: Json = {
    "anthropic_version": "2026-10-21",
    "anthropic_beta": [
        "context-management-2025-06-27",
        "thinking-binding-controls-2026-08-01",
        "tool-search-tool-2025-10-19",
    ],
    "max_tokens": 2000,
    "messages": _MESSAGES,
    "system": "x",
    "tools": [
        {"type": "bash_20250124", "name": "bash"},
        {"name": "look", "input_schema": _SCHEMA, "defer_loading": True},
    ],
    "thinking": {
        "type": "adaptive",
        "display": "summarized",
        "block_binding": {"mismatch_behavior": "drop_block"},
    },
    "context_management": {
        "edits": [
            {
                "type": "clear_tool_uses_20250919",
                "trigger": {"type": "input_tokens", "value": 1},
                "keep": {"type": "tool_uses", "value": 1},
            },
            {"type": "clear_thinking_20251015", "keep": "all"},
        ]
    },
    "metadata": {"user_id": "u"},
}
_OPUS: Json = {
    **_FABLE,
    "anthropic_beta": [
        "inline-tools-2026-09-15",
        "mid-conversation-output-config-2026-07-01",
        "thinking-display-updates-2026-08-18",
        "dangerous-tool-use-2026-09-03",
    ],
    "messages": [
        {"role": "user", "content": "hi"},
        {
            "role": "system",
            "content": [
                {"type": "tool_addition", "tool": {"type": "tool_reference", "name": "look"}}
            ],
            "output_config": {"effort": "low"},
        },
    ],
    "tools": [{"name": "look", "input_schema": _SCHEMA}],
    "thinking": {"type": "adaptive", "display": "updates"},
    "safeguards": [],
}
del _OPUS["context_management"]
STREAMED: dict[str, Json] = {
    "us.anthropic.claude-fable-5-1": _FABLE,
    "us.anthropic.claude-opus-5-5": _OPUS,
}
INVOKED |= STREAMED

REQUESTS = [
    *((operation, model) for operation in ("converse", "converse-stream") for model in CONVERSED),
    *(("invoke", model) for model in INVOKED),
    *(("invoke-with-response-stream", model) for model in STREAMED),
]

_WORDS = st.sampled_from(
    [
        "text",
        "image",
        "user",
        "system",
        "object",
        "string",
        "array",
        "low",
        "high",
        "1h",
        "json",
        "kumquat",
    ]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats(allow_nan=False) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=6,
)


@cache
def shared() -> Simulator:
    """One simulator for all examples: it has no state they could spoil for each other."""
    with TemporaryDirectory() as folder:
        return simulator(Path(folder), gate_seconds=0)


def body_of(operation: str, model: str) -> Json:
    return (CONVERSED if operation.startswith("converse") else INVOKED)[model]


def status(operation: str, model: str, body: Any) -> int:
    path = f"/model/{model}/{operation}"
    reply = shared().handle(Request("POST", path, "", {}, json.dumps(body).encode()))
    if isinstance(reply.body, bytes):
        read(reply)
    else:
        assert b"".join(reply.body)
    return reply.status


@pytest.mark.parametrize(("operation", "model"), REQUESTS)
def test_the_body_itself_is_taken(operation: str, model: str) -> None:
    assert status(operation, model, body_of(operation, model)) == 200


@given(st.data(), st.sampled_from(REQUESTS))
def test_a_changed_body_is_taken_or_refused(data: st.DataObject, request: tuple[str, str]) -> None:
    body = body_of(*request)
    for _ in range(data.draw(st.integers(1, 3))):
        where = places(body)
        if where:
            place = data.draw(st.sampled_from(where))
            body = changed(body, place, data.draw(_VALUES), drop=data.draw(st.booleans()))
    assert status(*request, body) in {200, 400, 403}
