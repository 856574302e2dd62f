"""What becomes of betas, versions, cache marks and fields that a Claude on Bedrock takes otherwise."""

import json
from typing import Any

import pytest
from router.errors import ApiError

from tests.support.anthropic_native import CLAUDES, NEW, OLD, refusal_of, refused, relayed, sent
from tests.support.anthropic_native_requests import (
    BILLING,
    CLAUDE_CODE_USER,
    EPHEMERAL,
    HI,
    HOUR,
    WEATHER,
    asked,
    assistant,
    result,
    user,
    words,
)

Json = dict[str, Any]


# --- betas and versions ---------------------------------------------------------------------------


def test_a_beta_that_bedrock_has_not_is_dropped_and_named() -> None:
    found = sent(
        asked(anthropic_beta=["brand-new-2026-11-20"]),
        anthropic_beta="context-management-2025-06-27, fast-mode-2026-02-01",
    )
    assert found.body["anthropic_beta"] == ["context-management-2025-06-27"]
    assert found.changes == [
        "beta brand-new-2026-11-20 dropped",
        "beta fast-mode-2026-02-01 dropped",
    ]


def test_a_window_of_a_million_tokens_is_asked_for_by_the_models_name() -> None:
    assert sent(asked(), f"{OLD}[1m]").body["anthropic_beta"] == ["context-1m-2025-08-07"]
    assert "anthropic_beta" not in sent(asked(), f"{NEW}[1m]").body


@pytest.mark.parametrize("version", ["2023-06-01", "2026-10-21", "bedrock-2023-05-31", "", "2099"])
@pytest.mark.parametrize("model", CLAUDES.values(), ids=CLAUDES)
def test_every_model_is_told_a_version_that_it_knows(version: str, model: str) -> None:
    by_header = sent(asked(), model, anthropic_version=version)
    by_body = sent(asked(anthropic_version=version), model)
    assert by_header.body == by_body.body
    newer = model in list(CLAUDES.values())[list(CLAUDES).index("claude-4-7") :]
    expected = version if newer and version == "2026-10-21" else "bedrock-2023-05-31"
    assert by_body.body["anthropic_version"] == expected


# --- what is for anthropic alone ------------------------------------------------------------------


def test_the_billing_header_goes_so_that_the_prompt_behind_it_is_found_in_the_cache() -> None:
    prompt = words("You are Claude Code.", cache_control=EPHEMERAL)
    first, second = (
        sent(asked(system=[words(BILLING.replace("5b1c2", told)), prompt]))
        for told in ("5b1c2", "00000")
    )
    assert first.call.body == second.call.body
    assert first.body["system"] == [prompt]
    assert first.changes == ["billing header dropped"]


def test_a_billing_header_alone_leaves_no_system_prompt() -> None:
    assert "system" not in sent(asked(system=BILLING)).body


def test_a_users_id_of_other_characters_is_hashed_and_so_the_same_each_time() -> None:
    found = sent(asked(metadata={"user_id": CLAUDE_CODE_USER}))
    assert (
        found.body["metadata"]
        == sent(asked(metadata={"user_id": CLAUDE_CODE_USER})).body["metadata"]
    )
    assert len(found.body["metadata"]["user_id"]) == 64
    assert found.changes == ["metadata.user_id hashed"]


def test_the_tier_is_told_in_a_header() -> None:
    found = sent(asked(service_tier="priority"))
    assert ("x-amzn-bedrock-service-tier", "priority") in found.call.headers
    assert found.call.service_tier == "priority"
    assert refused(asked(service_tier="batch")).param == "service_tier"


# --- caching --------------------------------------------------------------------------------------


def test_the_scope_of_a_mark_is_dropped_and_its_ttl_kept() -> None:
    found = sent(asked(user(words("Hi", cache_control={**HOUR, "scope": "global"}))))
    assert found.body["messages"][0]["content"][0]["cache_control"] == HOUR
    assert found.changes == ["scope dropped"]


def test_a_ttl_that_a_model_has_not_is_lowered() -> None:
    found = sent(asked(user(words("Hi", cache_control=HOUR))), "claude-opus-4-1")
    assert found.body["messages"][0]["content"][0]["cache_control"] == EPHEMERAL
    assert found.changes == ["cache_control ttl lowered to 5m"]


def test_a_mark_on_the_whole_request_goes_onto_its_last_block() -> None:
    found = sent(asked(user(words("A")), assistant(words("B")), HI, cache_control=EPHEMERAL))
    *before, last = found.body["messages"]
    assert last["content"] == [words("Hi", cache_control=EPHEMERAL)]
    assert "cache_control" not in json.dumps(before)


@pytest.mark.parametrize("where", ["tools", "system", "messages"])
def test_a_mark_on_the_whole_request_has_no_room_beside_four_others(where: str) -> None:
    marked = [words(text, cache_control=EPHEMERAL) for text in "ABCD"]
    tools = [{**WEATHER, "name": f"t{i}", "cache_control": EPHEMERAL} for i in range(4)]
    given = {"tools": asked(tools=tools), "system": asked(system=marked)}
    found = sent({**given.get(where, asked(user(*marked, words("E")))), "cache_control": EPHEMERAL})
    assert json.dumps(found.body).count("cache_control") == 4
    assert found.changes == ["cache_control dropped"]


@pytest.mark.parametrize("mark", [{"type": "forever"}, {**EPHEMERAL, "ttl": "2h"}, 5])
def test_a_mark_that_is_none_is_refused_by_its_place(mark: object) -> None:
    error = refused(asked(user(words("Hi", cache_control=mark))))
    assert error.param is not None
    assert error.param.startswith("messages[0].content[0].cache_control")


# --- what is asked in vain, and what cannot be sent -----------------------------------------------


def test_management_that_edits_nothing_is_left_out() -> None:
    nothings: tuple[Json, ...] = ({}, {"edits": None}, {"edits": []})
    for nothing in nothings:
        assert "context_management" not in sent(asked(context_management=nothing)).body


def test_members_that_ask_for_nothing_need_no_beta() -> None:
    note = {"role": "system", "content": "Hm.", "clear_at": None, "output_config": None}
    tool = {**WEATHER, "defer_loading": False, "input_examples": []}
    found = sent(asked(HI, note, tools=[tool]))
    assert "anthropic_beta" not in found.body
    assert (found.body["tools"], found.changes) == ([WEATHER], [])


def test_a_forced_call_is_asked_for_in_words_of_a_model_that_cannot_be_forced() -> None:
    found = sent(asked(system="Hm.", tools=[WEATHER], tool_choice={"type": "any"}))
    assert found.body["tool_choice"] == {"type": "auto"}
    assert [block["text"] for block in found.body["system"]] == [
        "Hm.",
        "Answer by calling one of the tools, and with nothing else.",
    ]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"messages": [HI]}, "max_tokens"),
        ({"max_tokens": 5}, "messages"),
        (asked(max_tokens=0), "max_tokens"),
        (asked(stream="yes"), "stream"),
        (asked(5), "messages[0]"),  # type: ignore[arg-type]
        (asked(user(5)), "messages[0].content[0]"),  # type: ignore[arg-type]
        (asked(system=[5]), "system[0]"),
        (asked(tools={}), "tools"),
        (asked(tools=[5]), "tools[0]"),
        (asked(metadata=5), "metadata"),
        (asked(metadata={"user_id": 5}), "metadata.user_id"),
        (asked(novelty=1), "novelty"),
        (asked(thread={"id": "a"}), "thread"),
        (asked(anthropic_beta="a"), "anthropic_beta"),
        (asked(anthropic_beta=[5]), "anthropic_beta[0]"),
        (asked(anthropic_beta=["\n"]), "anthropic-beta"),
        (asked(anthropic_beta=["x" * 101]), "anthropic-beta"),
        (asked(anthropic_beta=[str(i) for i in range(65)]), "anthropic-beta"),
        (asked(user(words("\ud800"))), "messages[0].content[0].text"),
        (asked(tools=[{**WEATHER, "description": "\udfff"}]), "tools[0].description"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_its_place(body: Json, where: str) -> None:
    with pytest.raises(ApiError) as error:
        relayed({"model": OLD, **body})
    assert (error.value.kind, error.value.param) == ("invalid_request", where)


def test_blocks_within_blocks_without_end_are_left_to_bedrock() -> None:
    block = words("deep")
    for _ in range(150):
        block = result(content=[block])
    found = relayed({**asked(user(block)), "model": NEW})
    assert refusal_of(found) is not None
