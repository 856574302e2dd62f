"""What a client of Messages gets that a Claude on Bedrock would not give it by itself."""

import copy
import json
from typing import Any, get_args, get_type_hints

import pytest
from anthropic.types.beta.beta_content_block_param import BetaContentBlockParam
from router.dialects.converse import media
from router.errors import ApiError
from router.fetching import Fetched
from typing_extensions import is_typeddict

from local.bedrock.rules.anthropic_content import CHANGE_TAGS, CONTENT_TAGS
from local.bedrock.seals import redact, seal
from tests.support.anthropic_native import CLAUDES, Relayed, refusal_of, relayed
from tests.support.anthropic_native_requests import (
    BILLING,
    CLAUDE_CODE_USER,
    EPHEMERAL,
    GIF,
    HI,
    HOSTED,
    HOUR,
    LOOP,
    OF_ANOTHER_MODEL,
    WEATHER,
    asked,
    assistant,
    result,
    use,
    user,
    words,
)
from tests.support.whole_router import PIXEL

NEW = "claude-opus-5-5"
OLD = "claude-sonnet-4-5"

Json = dict[str, Any]


def sent(body: Json, model: str = NEW, **headers: str) -> Relayed:
    """A request on its way to Bedrock, which takes it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = relayed({**copy.deepcopy(body), "model": model}, named)
    assert refusal_of(found) is None
    return found


def refused(body: Json, model: str = NEW) -> ApiError:
    with pytest.raises(ApiError) as error:
        relayed({**copy.deepcopy(body), "model": model})
    return error.value


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


# --- media ----------------------------------------------------------------------------------------


def by_url(kind: str, url: str) -> Json:
    return {"type": kind, "source": {"type": "url", "url": url}}


def fetched(found: Relayed, *pages: Fetched) -> list[Json]:
    """The blocks of the first turn, once its URLs have been fetched."""
    draft = found.call.draft
    assert draft is not None
    media.attach(draft.remote, list(pages))
    blocks: list[Json] = json.loads(draft.encode())["messages"][0]["content"]
    assert refusal_of(found._replace(call=found.call._replace(body=draft.encode()))) is None
    return blocks


def test_an_image_by_url_is_only_noted_until_the_call_is_admitted() -> None:
    found = relayed(
        {**asked(user(by_url("image", "https://a.test/b.gif"), words("?"))), "model": NEW}
    )
    assert found.call.draft is not None
    assert [one.url for one in found.call.draft.remote] == ["https://a.test/b.gif"]
    image, _ = fetched(found, Fetched(PIXEL, "image/gif"))
    assert image == GIF


def test_an_image_by_url_is_fetched_in_a_tools_result_as_well() -> None:
    call = result(content=[by_url("image", "https://a.test/b.gif")])
    found = relayed({**asked(HI, assistant(use()), user(call), tools=[WEATHER]), "model": NEW})
    assert found.call.draft is not None
    (remote,) = found.call.draft.remote
    assert remote.where == "messages[2].content[0].content[0].source.url"


@pytest.mark.parametrize(
    ("page", "source"),
    [
        (
            Fetched(b"%PDF-1.4", "application/pdf"),
            {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQ="},
        ),
        (
            Fetched("né".encode(), "text/plain"),
            {"type": "text", "media_type": "text/plain", "data": "né"},
        ),
    ],
)
def test_a_document_by_url_becomes_what_it_is(page: Fetched, source: Json) -> None:
    found = relayed(
        {**asked(user(by_url("document", "https://a.test/b"), words("?"))), "model": NEW}
    )
    document, _ = fetched(found, page)
    assert document == {"type": "document", "source": source}


def test_a_document_that_claude_does_not_read_is_refused() -> None:
    found = relayed({**asked(user(by_url("document", "https://a.test/b.docx"))), "model": NEW})
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    with pytest.raises(ApiError, match="must lead to a PDF or to text"):
        fetched(found, Fetched(b"PK", word))


@pytest.mark.parametrize("url", ["http://a.test/", "ftp://a.test/", "a.gif", 5, None])
def test_what_is_no_https_url_is_refused_by_its_place(url: Any) -> None:
    error = refused(asked(user(by_url("image", url))))
    assert error.param == "messages[0].content[0].source.url"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
        {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
        {"type": "container_upload", "file_id": "file_1"},
    ],
)
def test_a_file_that_anthropic_keeps_is_refused(block: Json) -> None:
    assert "Files API" in refused(asked(user(block))).message


# --- thinking -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", CLAUDES.values(), ids=CLAUDES)
def test_signed_thinking_goes_back_byte_for_byte(model: str) -> None:
    text = 'Hm — "né"?\n\t\\ \u2028😀'
    thinking = {"type": "thinking", "thinking": text, "signature": seal(text)}
    hidden = {"type": "thinking", "thinking": "", "signature": seal(text)}
    redacted = {"type": "redacted_thinking", "data": redact(text)}
    body = asked(HI, assistant(thinking, hidden, redacted, words("So.")), HI)
    found = sent(body, model)
    assert found.body["messages"] == body["messages"]
    assert found.changes == []


def test_unsigned_thinking_is_told_as_text() -> None:
    for block in ({"type": "thinking", "thinking": "Hm."}, thought("Hm.", "")):
        found = sent(asked(HI, assistant(block, words("So.")), HI))
        assert found.body["messages"][1]["content"] == [words("Hm."), words("So.")]
        assert found.changes == ["unsigned thinking turned to text"]


def thought(text: str, signature: str) -> Json:
    return {"type": "thinking", "thinking": text, "signature": signature}


def test_another_models_thinking_is_told_as_text_and_what_it_hid_is_left_out() -> None:
    hidden = {"type": "redacted_thinking", "data": OF_ANOTHER_MODEL}
    turn = assistant(thought("Hm.", OF_ANOTHER_MODEL), hidden, words("So."))
    found = sent(asked(HI, turn, HI))
    assert found.body["messages"][1]["content"] == [words("Hm."), words("So.")]
    assert found.changes == [
        "reasoning of another model dropped",
        "unsigned thinking turned to text",
    ]


@pytest.mark.parametrize("model", CLAUDES.values(), ids=CLAUDES)
def test_a_tool_call_that_lost_its_thinking_is_answered_without_any(model: str) -> None:
    turn = assistant(thought("Hm.", OF_ANOTHER_MODEL), use())
    thinking = {"type": "enabled", "budget_tokens": 1024}
    found = sent(asked(HI, turn, user(result()), tools=[WEATHER], thinking=thinking), model)
    assert found.body.get("thinking", {}).get("type") != "enabled"
    kept = sent(asked(*LOOP, tools=[WEATHER], thinking=thinking), OLD)
    assert kept.body["thinking"] == thinking


def test_a_call_in_a_turn_of_several_messages_keeps_its_thinking() -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    turns = (assistant(thought("Hm.", seal("Hm.")), words("So.")), assistant(use()))
    found = sent(asked(HI, *turns, user(result()), tools=[WEATHER], thinking=thinking), OLD)
    assert found.body["thinking"] == thinking


def test_a_budget_finds_room_in_a_limit_that_was_lowered() -> None:
    thinking = {"type": "enabled", "budget_tokens": 60_000}
    found = sent(asked(max_tokens=64_000, thinking=thinking), "claude-opus-4-1")
    assert (found.body["max_tokens"], found.body["thinking"]["budget_tokens"]) == (32_000, 25_600)
    assert found.changes == [
        "max_tokens lowered to 32000",
        "thinking.budget_tokens lowered to 25600",
    ]


@pytest.mark.parametrize("budget", [None, 0, 1023, -1, "1024", True, 1e4])
def test_a_budget_that_is_none_is_not_translated(budget: object) -> None:
    error = refused(asked(thinking={"type": "enabled", "budget_tokens": budget}))
    assert error.param == "thinking.budget_tokens"


# --- hosted tools ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", HOSTED)
def test_a_tool_that_only_anthropic_runs_is_refused_by_name(kind: str) -> None:
    error = refused(asked(tools=[WEATHER, {"type": kind, **HOSTED[kind]}]))
    assert error.param == "tools[1].type"
    assert kind in error.message


def test_mcp_servers_are_refused_by_name() -> None:
    error = refused(asked(mcp_servers=[{"type": "url", "name": "a", "url": "https://a.test/"}]))
    assert error.param == "mcp_servers"


def test_a_call_that_code_of_anthropics_made_is_told_as_any_call() -> None:
    called = use(caller={"type": "code_execution_20260120", "tool_id": "srvtoolu_1"})
    found = sent(asked(HI, assistant(called), user(result()), tools=[WEATHER]))
    assert found.body["messages"][1] == assistant(use())
    assert found.changes == ["caller dropped"]
    direct = assistant(use(caller={"type": "direct"}))
    assert sent(asked(HI, direct, user(result()), tools=[WEATHER])).body["messages"][1] == direct


def test_a_turn_of_nothing_but_hosted_results_is_left_out() -> None:
    hosted = {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "content": []}
    found = sent(asked(HI, assistant(hosted), HI))
    assert found.body["messages"] == [HI, HI]
    assert found.changes == ["mcp_tool_result dropped"]


def kinds_of_blocks() -> set[str]:
    """The types of content blocks that the SDK may send."""
    return {
        kind
        for block in get_args(BetaContentBlockParam)
        if is_typeddict(block)
        for kind in get_args(get_type_hints(block)["type"])
    }


@pytest.mark.parametrize("kind", sorted(kinds_of_blocks() - {"container_upload"}))
def test_there_is_no_kind_of_block_that_neither_the_router_nor_bedrock_knows(kind: str) -> None:
    found = relayed({**asked(HI, assistant({"type": kind}), HI), "model": NEW})
    sent = {block["type"] for turn in found.body["messages"] for block in content_of(turn)}
    assert sent <= {"text", kind}
    if kind in sent:
        assert kind in {*CONTENT_TAGS, *CHANGE_TAGS, *OF_BEDROCK}


OF_BEDROCK = ("compaction", "server_tool_use", "tool_search_tool_result")
"""What Bedrock's own search of tools and compaction leave in a conversation."""


def content_of(turn: Json) -> list[Json]:
    return turn["content"] if isinstance(turn["content"], list) else []


SEARCHED = (
    {
        "type": "server_tool_use",
        "id": "srvtoolu_1",
        "name": "tool_search_tool_regex",
        "input": {"query": "weather"},
    },
    {
        "type": "tool_search_tool_result",
        "tool_use_id": "srvtoolu_1",
        "content": {
            "type": "tool_search_tool_search_result",
            "tool_references": [{"type": "tool_reference", "tool_name": "weather"}],
        },
    },
)


def test_what_bedrocks_own_search_of_tools_said_stays() -> None:
    body = asked(HI, assistant(*SEARCHED, words("Found.")), HI, tools=[WEATHER])
    found = relayed({**copy.deepcopy(body), "model": OLD})
    assert found.body["messages"] == body["messages"]
    assert found.body["anthropic_beta"] == ["tool-search-tool-2025-10-19"]


def test_a_model_without_a_search_of_tools_is_told_in_words_what_was_found() -> None:
    body = asked(HI, assistant(*SEARCHED, words("Found.")), HI, tools=[WEATHER])
    found = sent(body, "claude-opus-4-1")
    told = found.body["messages"][1]["content"]
    assert [block["type"] for block in told] == ["text", "text", "text"]
    assert '"query":"weather"' in told[0]["text"]
    assert found.changes == ["tool_search dropped"]


def test_a_summary_of_the_conversation_is_kept_or_told_as_text() -> None:
    summary = {"type": "compaction", "content": "They said hi."}
    body = asked(HI, assistant(summary), HI)
    kept = relayed({**copy.deepcopy(body), "model": NEW})
    assert kept.body["messages"] == body["messages"]
    assert kept.body["anthropic_beta"] == ["compact-2026-01-12"]
    told = sent(body, OLD)
    assert told.body["messages"][1]["content"] == [words("They said hi.")]
    assert told.changes == ["compaction turned to text"]


# --- turns ----------------------------------------------------------------------------------------


def test_a_system_turn_goes_behind_the_tool_results_that_it_stands_before() -> None:
    note = {"role": "system", "content": "A file has changed."}
    found = sent(asked(HI, assistant(use()), note, user(result()), tools=[WEATHER]), OLD)
    assert found.body["messages"][2] == user(result(), words("A file has changed."))
    assert found.changes == ["system messages moved"]


def test_a_system_turn_stays_where_a_model_takes_one() -> None:
    note = {"role": "system", "content": "A file has changed."}
    body = asked(HI, note, tools=[WEATHER])
    assert sent(body).body["messages"] == body["messages"]


def test_a_turn_that_only_says_when_it_is_over_goes() -> None:
    found = sent(asked(HI, {"role": "system", "clear_at": "next_user_message"}))
    assert found.body["messages"] == [HI]
    assert found.changes == ["messages.clear_at dropped"]


def test_an_answer_that_is_begun_goes_to_the_models_that_go_on_with_it() -> None:
    begun = asked(HI, assistant(words("The answer is")))
    assert sent(begun, OLD).body["messages"] == begun["messages"]


# --- what is asked in vain, and what cannot be sent -----------------------------------------------


def test_management_that_edits_nothing_is_left_out() -> None:
    for nothing in ({}, {"edits": None}, {"edits": []}):
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
