"""Each thing Converse refuses beyond the shape of a request, and what it does not."""

from typing import Any

import pytest

from local.bedrock.seals import redact, seal
from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import CLAUDE, NOVA, assert_refused, call, user

HAIKU_4_5 = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
OPUS_4_8 = "us.anthropic.claude-opus-4-8"
SONNET_5 = "us.anthropic.claude-sonnet-5"
OPUS_5_5 = "us.anthropic.claude-opus-5-5"
SONNET_5_5 = "us.anthropic.claude-sonnet-5-5"
LLAMA = "us.meta.llama4-maverick-17b-instruct-v1:0"
R1 = "us.deepseek.r1-v1:0"
MISTRAL_7B = "mistral.mistral-7b-instruct-v0:2"
QWEN = "qwen.qwen3-32b-v1:0"
GPT = "us.openai.gpt-6.1-sol"
MODEL_SAID = "The model returned the following errors: "

Json = dict[str, Any]


def turn(role: str, *content: Json) -> Json:
    return {"role": role, "content": list(content)}


def tool(name: str = "look", **spec: Any) -> Json:
    return {"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object"}}, **spec}}


def strict_tool(properties: Json, **schema: Any) -> Json:
    """A request with a strict tool that takes an object of these properties."""
    takes = {"type": "object", "properties": properties, "additionalProperties": False, **schema}
    one = tool(strict=True, inputSchema={"json": takes})
    return {"messages": user("hi"), "toolConfig": {"tools": [one]}}


def use(tool_id: str = "t1") -> Json:
    return {"toolUse": {"toolUseId": tool_id, "name": "look", "input": {}}}


def result(tool_id: str = "t1", *content: Json) -> Json:
    return {"toolResult": {"toolUseId": tool_id, "content": list(content) or [{"text": "seen"}]}}


def document(name: str, **source: Any) -> Json:
    return {"document": {"format": "txt", "name": name, "source": source or {"bytes": "aGk="}}}


def thinking(text: str, signature: str | None) -> Json:
    signed = {} if signature is None else {"signature": signature}
    return {"reasoningContent": {"reasoningText": {"text": text, **signed}}}


TOOLS: Json = {"tools": [tool()]}
HI = {"text": "hi"}
POINT = {"cachePoint": {"type": "default"}}
HOUR = {"cachePoint": {"type": "default", "ttl": "1h"}}
PNG = {"image": {"format": "png", "source": {"bytes": "aGk="}}}


def history(*content: Json, uses: tuple[Json, ...] = (use(),)) -> list[Json]:
    """A tool call and the user turn that follows it."""
    return [turn("user", HI), turn("assistant", *uses), turn("user", *content)]


def fields(**values: Any) -> Json:
    return {"messages": user("hi"), "additionalModelRequestFields": values}


REFUSED: dict[str, tuple[str, Json, str]] = {
    "no turn": (CLAUDE, {"messages": []}, "A conversation must start with a user message."),
    "no messages": (CLAUDE, {}, "A conversation must start with a user message."),
    "assistant first": (
        CLAUDE,
        {"messages": [turn("assistant", HI), turn("user", HI)]},
        (
            "A conversation must start with a user message. Try again with a conversation that starts "
            "with a user message."
        ),
    ),
    "two user turns": (
        CLAUDE,
        {"messages": [turn("user", HI), turn("user", HI)]},
        "A conversation must alternate between user and assistant roles.",
    ),
    "two assistant turns": (
        CLAUDE,
        {"messages": [turn("user", HI), turn("assistant", HI), turn("assistant", HI)]},
        "A conversation must alternate",
    ),
    "system turn for an older model": (
        CLAUDE,
        {"messages": [turn("user", HI), turn("system", HI)]},
        'Unexpected role "system"',
    ),
    "ends with the assistant": (
        CLAUDE,
        {"messages": [turn("user", HI), turn("assistant", HI)]},
        f"{MODEL_SAID}This model does not support assistant message prefill.",
    ),
    "empty turn": (
        CLAUDE,
        {"messages": [turn("user")]},
        "The content field in the Message object at messages.0 is empty. Add a ContentBlock object",
    ),
    "empty text": (
        CLAUDE,
        {"messages": user("")},
        "The text field in the ContentBlock object at messages.0.content.0 is blank.",
    ),
    "blank text": (
        NOVA,
        {"messages": [turn("user", HI, {"text": " \n\t"})]},
        "The text field in the ContentBlock object at messages.0.content.1 is blank.",
    ),
    "blank system text": (
        CLAUDE,
        {"messages": user("hi"), "system": [HI, {"text": " "}]},
        "The text field in the SystemContentBlock object at system.1 is blank.",
    ),
    "system for a model without": (
        MISTRAL_7B,
        {"messages": user("hi"), "system": [HI]},
        "This model doesn't support system messages.",
    ),
    "toolUse without toolConfig": (
        CLAUDE,
        {"messages": history(result())},
        "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
    ),
    "unanswered toolUse": (
        CLAUDE,
        {"messages": history(HI), "toolConfig": TOOLS},
        "Expected toolResult blocks at messages.2.content for the following Ids: t1",
    ),
    "half answered toolUse": (
        CLAUDE,
        {"messages": history(result("t2"), uses=(use("t1"), use("t2"))), "toolConfig": TOOLS},
        "Expected toolResult blocks at messages.2.content for the following Ids: t1",
    ),
    "toolUse at the end": (
        HAIKU_4_5,
        {"messages": [turn("user", HI), turn("assistant", use())], "toolConfig": TOOLS},
        "Expected toolResult blocks at messages.2.content for the following Ids: t1",
    ),
    "answered too late": (
        CLAUDE,
        {
            "messages": [*history(HI), turn("assistant", HI), turn("user", result())],
            "toolConfig": TOOLS,
        },
        "Expected toolResult blocks at messages.2.content",
    ),
    "toolResult of nothing": (
        CLAUDE,
        {
            "messages": [turn("user", HI), turn("assistant", HI), turn("user", result())],
            "toolConfig": TOOLS,
        },
        (
            "The number of toolResult blocks at messages.2.content exceeds the number of toolUse blocks "
            "of previous turn."
        ),
    ),
    "toolResult first": (
        CLAUDE,
        {"messages": [turn("user", result())], "toolConfig": TOOLS},
        "The number of toolResult blocks at messages.0.content exceeds",
    ),
    "toolResult of another": (
        CLAUDE,
        {"messages": history(result("t9")), "toolConfig": TOOLS},
        "Expected toolResult blocks at messages.2.content for the following Ids: t1",
    ),
    "text before toolResult": (
        CLAUDE,
        {"messages": history(HI, result()), "toolConfig": TOOLS},
        (
            f"{MODEL_SAID}messages.1: `tool_use` ids were found without `tool_result` blocks immediately "
            "after: t1."
        ),
    ),
    "one result twice": (
        CLAUDE,
        {"messages": history(result(), result()), "toolConfig": TOOLS},
        "The toolResult blocks at messages.2.content contain duplicate Ids: t1",
    ),
    "one use twice": (
        CLAUDE,
        {"messages": history(result(), uses=(use(), use())), "toolConfig": TOOLS},
        "The toolUse blocks at messages.1.content contain duplicate Ids: t1",
    ),
    "toolUse of the user": (
        CLAUDE,
        {"messages": [turn("user", use())], "toolConfig": TOOLS},
        "`tool_use` blocks can only be in `assistant` messages",
    ),
    "toolResult of the assistant": (
        CLAUDE,
        {"messages": [turn("user", HI), turn("assistant", result())], "toolConfig": TOOLS},
        "`tool_result` blocks can only be in `user` messages",
    ),
    "tools for a model without": (
        R1,
        {"messages": user("hi"), "toolConfig": TOOLS},
        "This model doesn't support tool use.",
    ),
    "one tool name twice": (
        CLAUDE,
        {"messages": user("hi"), "toolConfig": {"tools": [tool(), tool()]}},
        f"{MODEL_SAID}tools: Tool names must be unique.",
    ),
    "choice of an unknown tool": (
        CLAUDE,
        {"messages": user("hi"), "toolConfig": {**TOOLS, "toolChoice": {"tool": {"name": "no"}}}},
        "Tool 'no' not found in provided tools",
    ),
    "choice any for Llama": (
        LLAMA,
        {"messages": user("hi"), "toolConfig": {**TOOLS, "toolChoice": {"any": {}}}},
        (
            "This model doesn't support the toolConfig.toolChoice.any field. Remove "
            "toolConfig.toolChoice.any and try again."
        ),
    ),
    "forced tool for Opus 5.5": (
        OPUS_5_5,
        {"messages": user("hi"), "toolConfig": {**TOOLS, "toolChoice": {"any": {}}}},
        f'{MODEL_SAID}tool_choice: type "tool" and "any" are not supported for this model.',
    ),
    "strict tool for Nova": (
        NOVA,
        {"messages": user("hi"), "toolConfig": {"tools": [tool(strict=True)]}},
        "This model doesn't support the toolConfig.tools.0.toolSpec.strict field.",
    ),
    "document name with a dot": (
        CLAUDE,
        {"messages": [turn("user", HI, document("report.pdf"))]},
        (
            "The document file name can only contain alphanumeric characters, whitespace characters, "
            "hyphens, parentheses, and square brackets."
        ),
    ),
    "document name with two spaces": (
        CLAUDE,
        {"messages": [turn("user", HI, document("a  b"))]},
        "The document file name can only contain",
    ),
    "document name with an underscore": (
        CLAUDE,
        {"messages": [turn("user", HI, document("a_b"))]},
        "The document file name can only contain",
    ),
    "document name in a tool result": (
        CLAUDE,
        {"messages": history(result("t1", document("a.b"))), "toolConfig": TOOLS},
        "The document file name can only contain",
    ),
    "one document name twice": (
        CLAUDE,
        {
            "messages": [
                turn("user", HI, document("a")),
                turn("assistant", HI),
                turn("user", HI, document("a")),
            ]
        },
        "Messages can't contain duplicate document names. Rename the document and retry",
    ),
    "document without text": (
        CLAUDE,
        {"messages": [turn("user", document("a"))]},
        "A text block must be included when using documents.",
    ),
    "uncited text document": (
        CLAUDE,
        {"messages": [turn("user", HI, document("a", text="grass is green"))]},
        (
            "DocumentSource object at messages.0.content.1.document.source must set one of the following "
            "keys: bytes, s3Location."
        ),
    ),
    "image for a model without": (
        NOVA,
        {"messages": [turn("user", HI, PNG)]},
        "This model doesn't support the image content block that you provided.",
    ),
    "document for a model without": (
        NOVA,
        {"messages": [turn("user", HI, document("a"))]},
        "This model doesn't support the document content block that you provided.",
    ),
    "five cache points": (
        CLAUDE,
        {"messages": [turn("user", *([HI, POINT] * 5))]},
        f"{MODEL_SAID}A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "cache points over all parts": (
        CLAUDE,
        {
            "messages": [turn("user", HI, POINT, HI, POINT)],
            "system": [HI, POINT, HI, POINT],
            "toolConfig": {"tools": [tool(), POINT]},
        },
        "Found 5.",
    ),
    "an hour after five minutes": (
        CLAUDE,
        {"messages": [turn("user", HI, POINT, HI, HOUR)]},
        "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.",
    ),
    "cache point before any content": (
        CLAUDE,
        {"messages": [turn("user", POINT, HI)]},
        f"{MODEL_SAID}messages.0.content.0.type: Field required",
    ),
    "cache point beside tools on Nova": (
        NOVA,
        {"messages": history(result(), POINT), "toolConfig": TOOLS},
        "extraneous key [cachePoint] is not permitted",
    ),
    "more tokens than the model has": (
        NOVA,
        {"messages": user("hi"), "inferenceConfig": {"maxTokens": 10_001}},
        (
            "The maximum tokens you requested exceeds the model limit of 10000. Try again with a maximum "
            "tokens value that is lower than 10000."
        ),
    ),
    "temperature for GPT": (
        GPT,
        {"messages": user("hi"), "inferenceConfig": {"temperature": 0.5}},
        "This model doesn't support the temperature field. Remove temperature and try again.",
    ),
    "top_p for GPT": (
        GPT,
        {"messages": user("hi"), "inferenceConfig": {"topP": 0.5}},
        "This model doesn't support the topP field.",
    ),
    "temperature for Sonnet 5": (
        SONNET_5,
        {"messages": user("hi"), "inferenceConfig": {"temperature": 0}},
        f"{MODEL_SAID}`temperature` is deprecated for this model.",
    ),
    "temperature and top_p for Haiku 4.5": (
        HAIKU_4_5,
        {"messages": user("hi"), "inferenceConfig": {"temperature": 0.5, "topP": 0.5}},
        "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
    ),
    "structure for Nova": (
        NOVA,
        {
            "messages": user("hi"),
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"schema": "{}"}},
                }
            },
        },
        "This model doesn't support the outputConfig.textFormat field.",
    ),
    "structure for Opus 5.5": (
        OPUS_5_5,
        {
            "messages": user("hi"),
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"schema": "{}"}},
                }
            },
        },
        f"{MODEL_SAID}output_config.format: Extra inputs are not permitted",
    ),
    "structure that is no schema": (
        QWEN,
        {
            "messages": user("hi"),
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"schema": '"{}"'}},
                }
            },
        },
        "The outputConfig.textFormat.structure.jsonSchema.schema isn't a JSON schema.",
    ),
    "effort for Haiku 4.5": (
        HAIKU_4_5,
        {"messages": user("hi"), "outputConfig": {"effort": "low"}},
        "This model does not support the effort parameter.",
    ),
    "unknown model field": (
        CLAUDE,
        fields(foo=1),
        f"{MODEL_SAID}foo: Extra inputs are not permitted",
    ),
    "model field of the wrong type": (
        CLAUDE,
        fields(thinking="on"),
        "thinking: Input should be a valid dictionary",
    ),
    "unknown beta": (CLAUDE, fields(anthropic_beta=["new"]), f"{MODEL_SAID}invalid beta flag"),
    "budget for Sonnet 5": (
        SONNET_5,
        fields(thinking={"type": "enabled", "budget_tokens": 2000}),
        '"thinking.type.enabled" is not supported for this model.',
    ),
    "signature for another family": (
        QWEN,
        {
            "messages": [
                turn("user", HI),
                turn("assistant", thinking("so", "abc"), HI),
                turn("user", HI),
            ]
        },
        "This model doesn't support the reasoningContent.reasoningText.signature field.",
    ),
    "forged signature": (
        CLAUDE,
        {
            "messages": [
                turn("user", HI),
                turn("assistant", thinking("so", "abcd"), HI),
                turn("user", HI),
            ]
        },
        f"{MODEL_SAID}messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    "altered thinking": (
        CLAUDE,
        {
            "messages": [
                turn("user", HI),
                turn("assistant", thinking("other", seal("so")), HI),
                turn("user", HI),
            ]
        },
        "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message",
    ),
    "altered signature": (
        CLAUDE,
        {
            "messages": [
                turn("user", HI),
                turn("assistant", thinking("so", seal("so").replace("G", "H", 1)), HI),
                turn("user", HI),
            ]
        },
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    "empty signature": (
        CLAUDE,
        {
            "messages": [
                turn("user", HI),
                turn("assistant", thinking("so", ""), HI),
                turn("user", HI),
            ]
        },
        "messages.1.content.0.thinking.signature: Field required",
    ),
    "altered redacted thinking": (
        CLAUDE,
        {
            "messages": [
                turn("user", HI),
                turn(
                    "assistant",
                    {"reasoningContent": {"redactedContent": redact("so").replace("G", "H", 1)}},
                    HI,
                ),
                turn("user", HI),
            ]
        },
        "messages.1.content.0: Invalid `data` in `redacted_thinking` block",
    ),
    "blank stop sequence": (
        CLAUDE,
        {"messages": [turn("user", HI)], "inferenceConfig": {"stopSequences": [" "]}},
        "stop_sequences: each stop sequence must contain non-whitespace",
    ),
    "thinking of the user": (
        CLAUDE,
        {"messages": [turn("user", thinking("so", seal("so")), HI)]},
        "`thinking` blocks can only be in `assistant` messages",
    ),
    "signature that is no base64": (
        CLAUDE,
        {
            "messages": [
                turn("user", HI),
                turn("assistant", thinking("so", "%"), HI),
                turn("user", HI),
            ]
        },
        "Invalid `signature` in `thinking` block",
    ),
    "structure that is no JSON": (
        QWEN,
        {
            "messages": user("hi"),
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"schema": "{"}},
                }
            },
        },
        "isn't a JSON schema.",
    ),
    "unknown effort": (
        CLAUDE,
        {"messages": user("hi"), "outputConfig": {"effort": "heroic"}},
        "output_config.effort: Input should be 'low', 'medium',",
    ),
    "unsigned thinking": (
        CLAUDE,
        {
            "messages": [
                turn("user", HI),
                turn("assistant", thinking("so", None), HI),
                turn("user", HI),
            ]
        },
        "messages.1.content.0.thinking.signature: Field required",
    ),
    "lost thinking": (
        HAIKU_4_5,
        {
            "messages": history(result()),
            "toolConfig": TOOLS,
            "inferenceConfig": {"maxTokens": 4000},
            "additionalModelRequestFields": {
                "thinking": {"type": "enabled", "budget_tokens": 1024}
            },
        },
        (
            f"{MODEL_SAID}messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but "
            "found `tool_use`."
        ),
    ),
    "embedding model": (
        "amazon.titan-embed-text-v2:0",
        {"messages": user("hi")},
        "This action doesn't support the model that you provided.",
    ),
    "bad pointer": (
        CLAUDE,
        {"messages": user("hi"), "additionalModelResponseFieldPaths": ["stop_sequence"]},
        "isn't a valid JSON Pointer",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(sim: Simulator, case: str) -> None:
    model, body, message = REFUSED[case]
    assert_refused(call(sim, "converse", model, body), "ValidationException", message)
    assert sim.bill.show()["calls"] == []


ACCEPTED: dict[str, tuple[str, Json]] = {
    "several answers, then text": (
        CLAUDE,
        {
            "messages": history(result("t2"), result("t1"), HI, uses=(use("t1"), use("t2"))),
            "toolConfig": TOOLS,
        },
    ),
    "system turn for a current model": (
        OPUS_4_8,
        {"messages": [turn("user", HI), turn("system", HI)]},
    ),
    "prefill for Haiku 4.5": (HAIKU_4_5, {"messages": [turn("user", HI), turn("assistant", HI)]}),
    "two user turns for Titan": (
        "amazon.titan-text-express-v1",
        {"messages": [turn("user", HI), turn("user", HI)]},
    ),
    "four cache points": (CLAUDE, {"messages": [turn("user", *([HI, POINT] * 4))]}),
    "five minutes after an hour": (
        CLAUDE,
        {"messages": [turn("user", HI, POINT)], "system": [HI, HOUR]},
    ),
    "document names": (
        CLAUDE,
        {"messages": [turn("user", HI, document("A (1) [b]-c"), document("a"))]},
    ),
    "cited text document": (
        CLAUDE,
        {
            "messages": [
                turn(
                    "user",
                    HI,
                    {
                        "document": {
                            "format": "txt",
                            "name": "a",
                            "source": {"text": "x"},
                            "citations": {"enabled": True},
                        }
                    },
                )
            ]
        },
    ),
    "default temperature for Sonnet 5": (
        SONNET_5,
        {"messages": user("hi"), "inferenceConfig": {"temperature": 1.0}},
    ),
    "forced tool for Sonnet 4.6": (
        CLAUDE,
        {"messages": user("hi"), "toolConfig": {**TOOLS, "toolChoice": {"any": {}}}},
    ),
    "strict tool for Sonnet 4.6": (CLAUDE, strict_tool({})),
    "thinking between tools for Sonnet 5.5": (
        SONNET_5_5,
        fields(thinking={"type": "between_tools"}),
    ),
    "known beta": (CLAUDE, fields(anthropic_beta=["context-1m-2025-08-07"])),
    "reasoning_config": (
        HAIKU_4_5,
        {
            "messages": user("hi"),
            "inferenceConfig": {"maxTokens": 4000},
            "additionalModelRequestFields": {
                "reasoning_config": {"type": "enabled", "budget_tokens": 1024}
            },
        },
    ),
    "kept thinking": (
        CLAUDE,
        {
            "messages": [
                turn("user", HI),
                turn("assistant", thinking("so", seal("so")), HI),
                turn("user", HI),
            ]
        },
    ),
    "kept thinking whose text was left out": (
        OPUS_5_5,
        {
            "messages": [
                turn("user", HI),
                turn("assistant", thinking("", seal("so")), HI),
                turn("user", HI),
            ]
        },
    ),
    "unsigned reasoning of another family": (
        "moonshotai.kimi-k2.5",
        {
            "messages": [
                turn("user", HI),
                turn("assistant", thinking("so", None), HI),
                turn("user", HI),
            ]
        },
    ),
    "members that are null": (
        CLAUDE,
        {
            "messages": [turn("user", {"text": "hi", "image": None})],
            "system": None,
            "toolConfig": None,
        },
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(sim: Simulator, case: str) -> None:
    model, body = ACCEPTED[case]
    assert call(sim, "converse", model, body).status == 200


def test_tools_cannot_be_streamed_by_a_llama(sim: Simulator) -> None:
    body = {"messages": user("hi"), "toolConfig": TOOLS}
    assert call(sim, "converse", LLAMA, body).status == 200
    assert_refused(
        call(sim, "converse-stream", LLAMA, body),
        "ValidationException",
        "This model doesn't support tool use in streaming mode.",
    )


def test_a_cache_point_on_a_model_that_does_not_cache_is_denied(sim: Simulator) -> None:
    answer = call(sim, "converse", QWEN, {"messages": [turn("user", HI, POINT)]})
    message = "You invoked an unsupported model or your request did not allow prompt caching."
    assert_refused(answer, "AccessDeniedException", message, 403)
