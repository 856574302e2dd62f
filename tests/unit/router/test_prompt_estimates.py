"""The tokens of a prompt in every form that a paid request has, and what Bedrock reported of such."""

import json
from typing import Any

import pytest
from catalog import models
from router.dialects.dialect import Call
from router.model_routes import DIALECTS, pattern_of
from router.prompt_estimates import Prompt, may_be_cached, prompt_of

from tests.support import recordings
from tests.support.recorded_usage import UNLIKE_WHAT_WAS_SENT, counts
from tests.support.requests import request
from tests.support.router import REGION

CATALOG = models.load(REGION)

STORY = "The quick brown fox jumps over the lazy dog, and then it sleeps. " * 40
TURN = {"role": "user", "content": STORY}
BLOCKS = {"role": "user", "content": [{"text": STORY}]}
PIXEL = {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}

CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
MESSAGES = "/v1/messages"
CONVERSE = "/model/amazon.nova-lite-v1:0/converse"
INVOKE_LLAMA = "/model/us.meta.llama3-3-70b-instruct-v1:0/invoke"
INVOKE_CLAUDE = "/model/us.anthropic.claude-sonnet-4-6/invoke"
PROFILE = "/model/arn:aws:bedrock:us-east-1:123456789012:application-inference-profile%2Fabc/invoke"


def parsed(path: str, body: object, headers: dict[str, str] | None = None) -> Call:
    asked = request(path=path, body=body, headers=headers)
    return DIALECTS[pattern_of(path) or ""](asked, 0.0).parse(asked, CATALOG)


def prompt(path: str, body: object, **headers: str) -> Prompt:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    written = request(body=body).body
    return prompt_of(parsed(path, body, named), written, named)


# --- against what Bedrock reported ------------------------------------------------------------------


def test_every_recorded_prompt_has_between_the_least_and_the_most() -> None:
    if not recordings.index():
        pytest.skip("no recorded Bedrock calls")
    outside, looked_at = [], 0
    for row in recordings.index():
        if row["status"] != 200 or row["id"] in UNLIKE_WHAT_WAS_SENT:
            continue
        recording = recordings.load(row["id"])
        used = counts(recording)
        if not used.get("input"):
            continue
        path = f"/model/{row['model']}/{row['op']}"
        body = json.dumps(recording["request"]["body"]).encode()
        call = parsed(path, body)
        reported = sum(tokens for part, tokens in used.items() if part != "output")
        if not prompt_of(call, body, {}).least <= reported <= call.prompt_tokens:
            outside.append(row["id"])
        looked_at += 1
    assert looked_at > 80
    assert outside == []


# --- in every form ----------------------------------------------------------------------------------

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": (CHAT, {"model": "nova-pro", "messages": [TURN]}),
    "chat, natively": (CHAT, {"model": "grok-4.7", "messages": [TURN]}),
    "responses": (RESPONSES, {"model": "nova-pro", "input": STORY}),
    "responses, natively": (
        RESPONSES,
        {"model": "gpt-6.1-sol", "input": [{"role": "user", "content": STORY}]},
    ),
    "messages": (MESSAGES, {"model": "nova-pro", "max_tokens": 9, "messages": [TURN]}),
    "messages, natively": (
        MESSAGES,
        {"model": "claude-sonnet-4-6", "max_tokens": 9, "messages": [TURN]},
    ),
    "Converse": (CONVERSE, {"messages": [BLOCKS]}),
    "Nova, invoked": ("/model/amazon.nova-lite-v1:0/invoke", {"messages": [BLOCKS]}),
    "Claude, invoked": (INVOKE_CLAUDE, {"messages": [TURN]}),
    "Claude behind a profile, invoked": (
        PROFILE,
        {"messages": [TURN], "anthropic_version": "bedrock-2023-05-31"},
    ),
    "gpt-oss, invoked": ("/model/openai.gpt-oss-120b-1:0/invoke", {"messages": [TURN]}),
    "Llama, invoked": (INVOKE_LLAMA, {"prompt": STORY}),
    "Titan, invoked": ("/model/amazon.titan-embed-text-v2:0/invoke", {"inputText": STORY}),
    "Cohere, invoked": ("/model/cohere.embed-english-v3/invoke", {"texts": [STORY[:1300]] * 2}),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_same_text_has_about_as_many_tokens_in_every_form(name: str) -> None:
    found = prompt(*FORMS[name])
    assert found.estimated == pytest.approx(610, rel=0.12)
    assert found.least == pytest.approx(305, rel=0.12)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (INVOKE_LLAMA, {}),
        (INVOKE_LLAMA, {"prompt": 1}),
        (INVOKE_LLAMA, {"texts": [1]}),
        (INVOKE_LLAMA, {"messages": [{"role": "nobody"}]}),
        ("/model/amazon.titan-embed-image-v1/invoke", {"inputImage": "aGVsbG8="}),
        (RESPONSES, {"model": "gpt-6.1-sol", "input": "Hi", "previous_response_id": "resp_1"}),
    ],
)
def test_what_cannot_be_estimated_is_not(path: str, body: dict[str, Any]) -> None:
    assert prompt(path, body) == Prompt(0, None)


# --- what the least leaves out ----------------------------------------------------------------------


def test_pictures_count_for_the_estimate_and_not_for_the_least() -> None:
    plain = prompt(CONVERSE, {"messages": [BLOCKS]})
    content = [*BLOCKS["content"], {"image": PIXEL}]
    seen = prompt(CONVERSE, {"messages": [{"role": "user", "content": content}]})
    assert seen.least == plain.least > 0
    assert seen.estimated is not None
    assert plain.estimated is not None
    assert seen.estimated > plain.estimated


THOUGHT = {
    "role": "assistant",
    "content": [
        {"type": "thinking", "thinking": STORY, "signature": "abc"},
        {"type": "text", "text": "Hi"},
    ],
}
REASONED = {
    "role": "assistant",
    "content": [{"reasoningContent": {"reasoningText": {"text": STORY}}}],
}
GUARDED = {"x-amzn-bedrock-guardrailidentifier": "abc", "x-amzn-bedrock-guardrailversion": "1"}


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        (INVOKE_CLAUDE, {"messages": [TURN, THOUGHT, TURN]}, {}),
        (CONVERSE, {"messages": [BLOCKS, REASONED, BLOCKS]}, {}),
        (INVOKE_CLAUDE, {"messages": [TURN], "context_management": {"edits": []}}, {}),
        (CONVERSE, {"messages": [BLOCKS], "guardrailConfig": {"guardrailIdentifier": "a"}}, {}),
        (CHAT, {"model": "nova-pro", "messages": [TURN]}, GUARDED),
        (RESPONSES, {"model": "gpt-6.1-sol", "input": STORY, "truncation": "auto"}, {}),
    ],
    ids=["thinking", "reasoning", "edits", "guardrail", "guardrail in headers", "truncation"],
)
def test_what_bedrock_may_take_out_of_a_prompt_leaves_no_least(
    path: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    found = prompt(path, body, **headers)
    assert found.least == 0
    assert found.estimated is not None
    assert found.estimated > 500


# --- caches -----------------------------------------------------------------------------------------

MARKED = {"type": "text", "text": STORY, "cache_control": {"type": "ephemeral"}}


@pytest.mark.parametrize(
    ("model", "content", "cached"),
    [
        ("claude-sonnet-4-6", STORY, False),
        ("claude-sonnet-4-6", [MARKED], True),
        ("nova-pro", STORY, True),
    ],
)
def test_a_claude_reads_from_a_cache_only_where_it_is_asked_to(
    model: str, content: object, *, cached: bool
) -> None:
    turn = {"role": "user", "content": content}
    for path in (MESSAGES, CHAT):
        asked = {"model": model, "max_tokens": 9, "messages": [turn]}
        assert may_be_cached(parsed(path, asked)) is cached
