"""What becomes of content that Bedrock has not, or has otherwise: media, thinking, hosted tools."""

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
from tests.support.anthropic_native import (
    CLAUDES,
    NEW,
    OLD,
    Relayed,
    refusal_of,
    refused,
    relayed,
    sent,
)
from tests.support.anthropic_native_requests import (
    GIF,
    HI,
    HOSTED,
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

Json = dict[str, Any]


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


def test_a_budget_for_a_model_that_sizes_its_thinking_asks_to_show_it_as_before() -> None:
    thinking = {"type": "enabled", "budget_tokens": 4096}
    found = sent(asked(thinking=thinking))
    assert found.body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert found.body["output_config"] == {"effort": "medium"}
    hidden = sent(asked(thinking={**thinking, "display": "omitted"}))
    assert hidden.body["thinking"] == {"type": "adaptive", "display": "omitted"}


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
