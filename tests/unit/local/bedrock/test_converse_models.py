"""What Converse takes for some models and not for others: their own fields, reasoning, cache and tiers."""

from typing import Any

import pytest

from local.bedrock.seals import seal
from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import (
    CLAUDE,
    NOVA,
    assert_refused,
    boto_client,
    call,
    order,
    read_stream,
    serving,
    user,
)

NOVA_2 = "us.amazon.nova-2-lite-v1:0"
GPT = "us.openai.gpt-6-sol"
GPT_OSS = "openai.gpt-oss-120b-1:0"
GROK = "us.xai.grok-4.7"
QWEN = "qwen.qwen3-32b-v1:0"
DEEPSEEK = "us.deepseek.v3.2"
R1 = "us.deepseek.r1-v1:0"
KIMI = "moonshotai.kimi-k2.5"
GLM = "zai.glm-5"
MINIMAX = "minimax.minimax-m2.5"
LLAMA = "us.meta.llama4-maverick-17b-instruct-v1:0"
OPUS_4_1 = "us.anthropic.claude-opus-4-1-20250805-v1:0"
HAIKU_4_5 = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
SAID = "The model returned the following errors: "

Json = dict[str, Any]


def fields(**values: Any) -> Json:
    return {"messages": user("hi"), "additionalModelRequestFields": values}


def thoughtful(**config: Any) -> Json:
    return fields(reasoningConfig={"type": "enabled", **config})


def replayed(**content: Any) -> Json:
    """A conversation that gives the model's reasoning back."""
    said = {"role": "assistant", "content": [{"reasoningContent": content}, {"text": "hi"}]}
    return {"messages": [*user("hi"), said, *user("and?")]}


TEXT = {"reasoningText": {"text": "Well"}}
BLOB = {"redactedContent": seal("Well")}
HOUR = [
    {"role": "user", "content": [{"text": "hi"}, {"cachePoint": {"type": "default", "ttl": "1h"}}]}
]
TOOL = {"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}}
ONE_CALL = {"disable_parallel_tool_use": True}

REFUSED: dict[str, tuple[str, Json, str]] = {
    "a field Nova does not know": (
        NOVA,
        fields(reasoning_effort="high"),
        f"{SAID}Malformed input request: #: extraneous key [reasoning_effort] is not permitted",
    ),
    "reasoning of a Nova that cannot": (
        NOVA,
        thoughtful(),
        f"{SAID}Malformed input request: #: extraneous key [reasoningConfig] is not permitted",
    ),
    "an effort Nova does not know": (
        NOVA_2,
        thoughtful(maxReasoningEffort="max"),
        "Malformed input request: #/reasoningConfig/maxReasoningEffort",
    ),
    "high effort beside maxTokens": (
        NOVA_2,
        {**thoughtful(maxReasoningEffort="high"), "inferenceConfig": {"maxTokens": 100}},
        "maxTokens must be unset when maxReasoningEffort is high",
    ),
    "high effort beside topK": (
        NOVA_2,
        fields(
            reasoningConfig={"type": "enabled", "maxReasoningEffort": "high"},
            inferenceConfig={"topK": 5},
        ),
        "topK must be unset",
    ),
    "a field GPT does not know": (
        GPT,
        fields(reasoning_effort="high"),
        f"{SAID}Unknown parameter: 'reasoning_effort'.",
    ),
    "an effort GPT does not know": (
        GPT,
        fields(reasoning={"effort": "minimal"}),
        "Unsupported value: 'minimal' is not supported with the 'openai.gpt-6-sol' model.",
    ),
    "an effort for a Grok": (
        GROK,
        fields(reasoning={"effort": "low"}),
        "Unknown parameter: 'reasoning'.",
    ),
    "a field gpt-oss does not know": (
        GPT_OSS,
        fields(thinking={"type": "enabled"}),
        f"{SAID}Failed to deserialize the JSON body into the target type: thinking: unknown field",
    ),
    "an effort gpt-oss does not know": (
        GPT_OSS,
        fields(reasoning_effort="none"),
        "Unsupported value: 'reasoning_effort' does not support 'none' with this model.",
    ),
    "an effort no model has": (QWEN, fields(reasoning_config="much"), "unknown variant `much`"),
    "a body of its own": (
        LLAMA,
        fields(max_gen_len="long"),
        "Malformed input request: #/max_gen_len",
    ),
    "a field a Llama does not know": (LLAMA, fields(top_k=5), "extraneous key [top_k]"),
    "too little room for GPT": (
        GPT,
        {"messages": user("hi"), "inferenceConfig": {"maxTokens": 15}},
        "Expected a value >= 16, but got 15 instead.",
    ),
    "a stop sequence for an open model": (
        QWEN,
        {"messages": user("hi"), "inferenceConfig": {"stopSequences": ["x"]}},
        "This model doesn't support the stopSequences field. Remove stopSequences and try again.",
    ),
    "reasoning given back to R1": (
        R1,
        replayed(**TEXT),
        "doesn't support the reasoningContent.reasoningText",
    ),
    "reasoning given back to Nova": (
        NOVA_2,
        replayed(**TEXT),
        "doesn't support the reasoningContent",
    ),
    "a blob for DeepSeek": (
        DEEPSEEK,
        replayed(**BLOB),
        "support the reasoningContent.redactedContent field",
    ),
    "a blob for gpt-oss": (
        GPT_OSS,
        replayed(**BLOB),
        "support the reasoningContent.redactedContent field",
    ),
    "a blob GPT did not write": (
        GPT,
        replayed(redactedContent="aGk="),
        "The encrypted content could not be verified.",
    ),
    "a text GPT did not write": (
        GPT,
        replayed(**TEXT),
        "doesn't support the reasoningContent.reasoningText",
    ),
    "an hour's cache of an older Claude": (
        OPUS_4_1,
        {"messages": HOUR},
        "This model doesn't support the cachePoint.ttl field.",
    ),
    "an hour's cache of a Nova": (NOVA_2, {"messages": HOUR}, "support the cachePoint.ttl field"),
    "a cache point for GPT": (GPT, {"messages": HOUR}, "doesn't support the cachePoint field"),
    "a tier GPT does not have": (
        GPT,
        {"messages": user("hi"), "serviceTier": {"type": "flex"}},
        "The service tier flex is not supported for this model.",
    ),
    "one call of an older Claude": (
        OPUS_4_1,
        {**fields(tool_choice=ONE_CALL), "toolConfig": {"tools": [TOOL]}},
        f"{SAID}tool_choice.disable_parallel_tool_use: Extra inputs are not permitted",
    ),
    "one call of no tools": (
        CLAUDE,
        fields(tool_choice={"type": "auto", **ONE_CALL}),
        "tool_choice may only be specified while providing tools.",
    ),
    "two choices of a tool": (
        CLAUDE,
        {
            **fields(tool_choice={"type": "auto"}),
            "toolConfig": {"tools": [TOOL], "toolChoice": {"any": {}}},
        },
        "cannot both be specified",
    ),
    "a tool of Nova's for a Claude": (
        CLAUDE,
        {
            "messages": user("hi"),
            "toolConfig": {"tools": [{"systemTool": {"name": "nova_grounding"}}]},
        },
        "This model doesn't support the systemTool field.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(sim: Simulator, case: str) -> None:
    model, body, message = REFUSED[case]
    assert_refused(call(sim, "converse", model, body), "ValidationException", message)


ACCEPTED: dict[str, tuple[str, Json]] = {
    "topK of a Nova": (NOVA, fields(inferenceConfig={"topK": 5})),
    "no reasoning of a Nova": (NOVA_2, fields(reasoningConfig={"type": "disabled"})),
    "a seed for an open model": (QWEN, fields(seed=5)),
    "a body of its own": (LLAMA, fields(top_p=0.5)),
    "verbosity": (GPT, fields(text={"verbosity": "low"})),
    "text given back to the model that reasoned": (KIMI, replayed(**TEXT)),
    "text given back to gpt-oss": (GPT_OSS, replayed(**TEXT)),
    "text given back to MiniMax": (MINIMAX, replayed(**TEXT)),
    "a blob given back": (GPT, replayed(**BLOB)),
    "an hour's cache": (HAIKU_4_5, {"messages": HOUR}),
    "one call": (CLAUDE, {**fields(tool_choice=ONE_CALL), "toolConfig": {"tools": [TOOL]}}),
    "one call of those needed": (
        CLAUDE,
        {
            **fields(tool_choice=ONE_CALL),
            "toolConfig": {"tools": [TOOL], "toolChoice": {"any": {}}},
        },
    ),
    "a tier": (GPT_OSS, {"messages": user("hi"), "serviceTier": {"type": "flex"}}),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(sim: Simulator, case: str) -> None:
    model, body = ACCEPTED[case]
    answer = call(sim, "converse", model, body)
    assert answer.status == 200, answer.json


ASKING = {
    NOVA_2: {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}},
    GPT: {"reasoning": {"effort": "high"}},
    GPT_OSS: {"reasoning_effort": "low"},
    QWEN: {"reasoning_config": "high"},
    DEEPSEEK: {"reasoning_effort": "high"},
    KIMI: {"reasoning_config": "low"},
    GLM: {"reasoning_effort": "medium"},
    HAIKU_4_5: {"thinking": {"type": "enabled", "budget_tokens": 1024}},
}
"""What has a model reason."""

WAYS = {NOVA_2: "masked", GPT: "redacted", HAIKU_4_5: "signed"}


@pytest.mark.parametrize("model", ASKING)
def test_a_model_that_is_asked_to_reason_tells_it_its_own_way(sim: Simulator, model: str) -> None:
    body = {**fields(**ASKING[model]), "inferenceConfig": {"maxTokens": 2000}}
    told = call(sim, "converse", model, body).json["output"]["message"]["content"]
    assert [next(iter(block)) for block in told] == ["reasoningContent", "text"]
    reasoning = told[0]["reasoningContent"]
    thought = "The user wrote 2 characters."
    match WAYS.get(model, "text"):
        case "masked":
            assert reasoning == {"reasoningText": {"text": "[REDACTED]"}}
        case "redacted":
            assert reasoning == {"redactedContent": seal(thought)}
        case "signed":
            assert reasoning == {"reasoningText": {"text": thought, "signature": seal(thought)}}
        case "text":
            assert reasoning == {"reasoningText": {"text": thought}}


@pytest.mark.parametrize(
    ("model", "off"),
    [
        (NOVA_2, {"reasoningConfig": {"type": "disabled"}}),
        (NOVA_2, {}),
        (GPT, {"reasoning": {"effort": "none"}}),
        (QWEN, {"reasoning_config": "none"}),
        (DEEPSEEK, {"reasoning_effort": "none"}),
    ],
)
def test_a_model_that_is_not_to_reason_does_not(sim: Simulator, model: str, off: Json) -> None:
    body = {"messages": user(order(reasoning="Well", say="Yes"))}
    answer = call(sim, "converse", model, {**body, "additionalModelRequestFields": off})
    assert answer.json["output"]["message"]["content"] == [{"text": "Yes"}]


@pytest.mark.parametrize("model", [NOVA_2, GPT, QWEN])
def test_boto3_reads_reasoning_as_it_is_streamed(sim: Simulator, model: str) -> None:
    with serving(sim) as url, boto_client(url) as boto:
        stream = boto.converse_stream(
            modelId=model,
            messages=user(order(reasoning="First this", say="Yes")),
            additionalModelRequestFields=ASKING[model],
        )
        events, error = read_stream(stream["stream"])
        whole = boto.converse(
            modelId=model,
            messages=user(order(reasoning="First this", say="Yes")),
            additionalModelRequestFields=ASKING[model],
        )
    assert error is None
    deltas = [event["delta"] for name, event in events if name == "contentBlockDelta"]
    pieces = [delta["reasoningContent"] for delta in deltas if "reasoningContent" in delta]
    told = whole["output"]["message"]["content"][0]["reasoningContent"]
    if "redactedContent" in told:
        assert [piece["redactedContent"] for piece in pieces] == [told["redactedContent"]]
    else:
        assert "".join(piece["text"] for piece in pieces) == told["reasoningText"]["text"]
    assert events[-1][1]["usage"] == whole["usage"]
    assert whole["usage"]["outputTokens"] == 3


def test_a_claude_told_to_call_one_tool_calls_one(sim: Simulator) -> None:
    tools = {
        "tools": [
            {"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object"}}}}
            for name in ("look", "listen")
        ]
    }
    body = {"messages": user("call look and call listen"), "toolConfig": tools}

    def calls(body: Json) -> list[str]:
        content = call(sim, "converse", CLAUDE, body).json["output"]["message"]["content"]
        return [block["toolUse"]["name"] for block in content]

    assert calls(body) == ["look", "listen"]
    assert calls({**body, "additionalModelRequestFields": {"tool_choice": ONE_CALL}}) == ["look"]
