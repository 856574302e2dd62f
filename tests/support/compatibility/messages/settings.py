"""Sampling, caching, betas, counts of tokens and what else a request may ask for."""

from collections.abc import Callable

from tests.support.compatibility.answers import Answer, Usage
from tests.support.compatibility.messages.parts import (
    MARK,
    WEATHER,
    assistant,
    probe,
    request,
    result,
    text,
    use,
    user,
)
from tests.support.compatibility.probes import (
    BLOCKED,
    GUARDED,
    GUARDRAIL,
    SAY,
    THINK,
    Json,
    Probe,
    There,
    answers,
    says,
)

_HOUR: Json = {**MARK, "ttl": "1h"}
_LONG = "It was a dark and stormy night. " * 1000


def _cached(answer: Answer) -> bool:
    used = answer.usage
    return bool(used["cache_creation_input_tokens"] or used["cache_read_input_tokens"])


def _edits(kind: str, **members: object) -> Json:
    return {"edits": [{"type": kind, **members}]}


_TURNS = (user("The weather?"), assistant(use()), user(result("4 degrees"), SAY))

SETTINGS = (
    probe("`temperature`", says("Hello"), temperature=0.37, reaches=("0.37",)),
    probe("`top_p`", says("Hello"), top_p=0.87, reaches=("0.87",)),
    probe("`top_k`", says("Hello"), top_k=37, reaches=('K":37', 'k":37')),
    probe("`metadata.user_id`", says("Hello"), metadata={"user_id": "user-37"}),
    probe("`metadata.user_id` of Claude Code", says("Hello"), metadata={"user_id": '{"id":"37"}'}),
    probe("`service_tier` standard_only", says("Hello"), service_tier="standard_only"),
    probe(
        "`service_tier` flex",
        says("Hello"),
        service_tier="flex",
        reaches=('"flex"', "service-tier: flex"),
        refusal=("tier",),
    ),
    probe("`speed` fast", says("Hello"), speed="fast", reaches=("fast",)),
    probe(
        "`fallbacks`",
        says("Hello"),
        fallbacks=[{"model": "claude-sonnet-5"}],
        reaches=("fallbacks",),
    ),
    probe("`inference_geo`", answers, inference_geo="us", refusal=("inference_geo",)),
    probe("`container`", answers, container="container_1", refusal=("container",)),
    probe("`thread`", answers, thread={"type": "new"}, refusal=("thread",)),
)

CACHING = (
    probe("`cache_control` of `system`", _cached, system=[text(_LONG, cache_control=MARK)]),
    probe("`cache_control` of a turn", _cached, user(text(_LONG, cache_control=MARK), SAY)),
    probe(
        "`cache_control` of `tools`",
        _cached,
        tools=[{**WEATHER, "description": _LONG, "cache_control": MARK}],
        refusal=("tool",),
    ),
    probe(
        "`cache_control` of the request",
        _cached,
        user(f"{_LONG} {SAY}"),
        cache_control=MARK,
    ),
    probe(
        "`cache_control` with `ttl` 1h",
        lambda answer: answer.usage["cache_creation"]["ephemeral_1h_input_tokens"] > 0,
        system=[text(f"An hour. {_LONG}", cache_control=_HOUR)],
    ),
    probe(
        "`cache_control` with `scope`",
        _cached,
        system=[text(f"For all. {_LONG}", cache_control={**MARK, "scope": "global"})],
    ),
    probe(
        "`clear_tool_uses`",
        says("Hello"),
        *_TURNS,
        tools=[WEATHER],
        context_management=_edits("clear_tool_uses_20250919"),
        reaches=("clear_tool_uses_20250919",),
        refusal=("tool",),
    ),
    probe(
        "`clear_thinking`",
        answers,
        user(THINK),
        thinking={"type": "adaptive"},
        context_management=_edits("clear_thinking_20251015", keep="all"),
        reaches=("clear_thinking_20251015",),
    ),
    probe(
        "`compact`",
        says("Hello"),
        context_management=_edits("compact_20260112"),
        reaches=("compact_20260112",),
    ),
    probe(
        "an unknown `anthropic-beta`",
        says("Hello"),
        headers={"anthropic-beta": "no-such-beta-2026-01-01"},
    ),
    probe(
        "`context-1m` beta",
        says("Hello"),
        headers={"anthropic-beta": "context-1m-2025-08-07"},
    ),
    probe(
        "betas of Claude Code",
        says("Hello"),
        headers={
            "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,"
            "fine-grained-tool-streaming-2025-05-14"
        },
    ),
)


def _tells(usage: Callable[[Answer], Usage], *parts: str) -> There:
    return lambda answer: all(usage(answer).get(part, 0) > 0 for part in parts)


def _counts(feature: str, body: Json) -> Probe:
    return Probe(
        feature,
        {name: value for name, value in body.items() if name != "max_tokens"},
        _tells(lambda answer: answer.usage, "input_tokens"),
        refusal=("tool",),
        path="/count_tokens",
        counts=True,
    )


COUNTS = (
    _counts("`count_tokens`", request()),
    _counts("`count_tokens` of a turn with tools", request(*_TURNS, tools=[WEATHER])),
    Probe(
        "`input_tokens` in `message_start`",
        request(stream=True),
        _tells(lambda answer: answer.opening, "input_tokens"),
        counts=True,
    ),
    probe(
        "`usage` in `message_delta`",
        _tells(lambda answer: answer.usage, "input_tokens", "output_tokens"),
        stream=True,
    ),
    probe(
        "Guardrail headers",
        lambda answer: (answer.text, answer.stop) == (BLOCKED, "refusal"),
        user(GUARDED),
        headers=GUARDRAIL,
        refusal=("guardrail",),
    ),
)
