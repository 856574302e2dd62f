"""Models as Anthropic's API lists them, held to what its SDK makes of them."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import anthropic
import httpx2
import pytest
from anthropic.types import ModelInfo
from anthropic.types.model_line import ModelLine
from catalog import models
from catalog.families import family_of
from router import anthropic_model_list
from router.anthropic_model_list import page, row
from router.errors import ApiError
from router.model_list import Patterns
from router.routes import handle
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support.requests import body_of, json_of
from tests.support.router import ALIASES, Router

CATALOG = models.load("us-east-1", ALIASES)
ALL: Patterns = None
CHAT = [model.name for model in CATALOG.models if "chat" in model.capabilities]
LISTED = [*ALIASES, *CHAT]


@pytest.fixture
def sdk(router: Router) -> Iterator[anthropic.Anthropic]:
    """Anthropic's client, whose requests the router answers."""

    def answer(asked: httpx2.Request) -> httpx2.Response:
        path, _, query = asked.url.raw_path.decode().partition("?")
        headers = {name: value for name, value in asked.headers.items() if name != "authorization"}
        request = router.request(asked.method, path, query=query, headers=headers)
        response = handle(router.services, request)
        return httpx2.Response(response.status, headers=response.headers, content=body_of(response))

    with anthropic.Anthropic(
        api_key="unused",
        base_url="http://router.test",
        max_retries=0,
        http_client=httpx2.Client(transport=httpx2.MockTransport(answer)),
    ) as client:
        yield client


def found(requested: str) -> dict[str, Any]:
    entry = row(CATALOG, requested, ALL)
    assert entry is not None
    return entry


# --- one model ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "requested",
    ["claude-sonnet-4-5", "claude-opus-4-5", "claude-opus-5-5", "gpt-5", "gpt-oss-20b"],
)
def test_a_model_is_told_as_reviewed(requested: str, snapshot: SnapshotAssertion) -> None:
    assert found(requested) == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("requested", LISTED)
def test_every_model_has_all_members_of_the_sdks_type_and_no_others(requested: str) -> None:
    told = found(requested)
    read = ModelInfo.model_validate_json(json.dumps(told), strict=True)
    assert not read.model_extra
    assert json.loads(read.model_dump_json()) == told
    if read.capabilities is not None:
        assert set(told["capabilities"]) == set(type(read.capabilities).model_fields)


@pytest.mark.parametrize(
    ("requested", "name"),
    [
        ("claude-opus-5-5", "Claude Opus 5.5"),
        ("opus", "Claude Opus 5.5"),
        ("claude-sonnet-4-5-20250929", "Claude Sonnet 4.5"),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5"),
        ("claude-opus-5", "Claude Opus 5"),
        ("nova-2-lite", "Nova 2 Lite"),
        ("gpt-oss-120b", "GPT OSS 120B"),
        ("gpt-6.1-sol", "GPT 6.1 Sol"),
        ("llama-3.3-70b", "Llama 3.3 70B"),
        ("qwen3-32b", "Qwen3 32B"),
        ("deepseek-v3.2", "DeepSeek V3.2"),
        # What the owner calls it says more than what it is.
        ("gpt-5", "gpt-5"),
    ],
)
def test_a_models_name_is_one_that_people_read(requested: str, name: str) -> None:
    assert found(requested)["display_name"] == name


@pytest.mark.parametrize(
    ("requested", "day"),
    [
        ("claude-sonnet-4-5", "2025-09-29"),
        ("claude-sonnet-4-5-20250929", "2025-09-29"),
        ("claude-haiku-4-5", "2025-10-01"),
        ("claude-opus-5-5", "1970-01-01"),
        ("nova-lite", "1970-01-01"),
        ("llama-3.3-70b", "1970-01-01"),
    ],
)
def test_a_model_is_as_old_as_its_id_says(requested: str, day: str) -> None:
    assert found(requested)["created_at"] == f"{day}T00:00:00Z"


@pytest.mark.parametrize(
    ("requested", "efforts", "thinking", "edits"),
    [
        ("claude-sonnet-4-5", "", "disabled enabled", "clear clear"),
        ("claude-opus-4-5", "low medium high", "disabled enabled", "clear clear"),
        (
            "claude-opus-4-6",
            "low medium high max",
            "adaptive disabled enabled",
            "clear clear compact",
        ),
        ("claude-opus-4-8", "low medium high xhigh", "adaptive disabled", "clear clear compact"),
        (
            "claude-sonnet-5-5",
            "low medium high xhigh",
            "adaptive between_tools",
            "clear clear compact",
        ),
        ("claude-opus-5-5", "low medium high xhigh max", "adaptive", "clear clear compact"),
    ],
)
def test_a_claude_is_told_what_its_generation_can_do(
    requested: str, efforts: str, thinking: str, edits: str
) -> None:
    can = found(requested)["capabilities"]

    def parts(capability: dict[str, Any]) -> list[str]:
        return [
            name for name, part in capability.items() if name != "supported" and part["supported"]
        ]

    assert parts(can["effort"]) == efforts.split()
    assert can["effort"]["supported"] == bool(efforts)
    assert parts(can["thinking"]["types"]) == thinking.split()
    assert [edit.split("_")[0] for edit in parts(can["context_management"])] == edits.split()
    assert not parts(can["server_tools"])


def test_of_other_models_no_capabilities_are_told_that_are_claudes() -> None:
    for name in CHAT:
        family = family_of(CATALOG.resolve(name).model_id)
        assert (found(name)["capabilities"] is not None) == family.messages
        # The first Claudes were of no line.
        has_line = family.messages and family.name != "claude-2"
        assert (found(name)["line"] is not None) == has_line


@pytest.mark.parametrize("requested", ["no-such-model", "titan-embed-text-v2", ""])
def test_what_takes_no_messages_is_no_model_here(requested: str) -> None:
    assert row(CATALOG, requested, ALL) is None


# --- pages ----------------------------------------------------------------------------------------


def ids(told: dict[str, Any]) -> list[str]:
    return [entry["id"] for entry in told["data"]]


def listed(query: str) -> dict[str, Any]:
    return page(CATALOG, ALL, query)


def test_a_page_holds_twenty_models_unless_told() -> None:
    told = listed("")
    assert ids(told) == LISTED[:20]
    assert (told["has_more"], told["first_id"], told["last_id"]) == (True, LISTED[0], LISTED[19])


def test_a_page_may_hold_all() -> None:
    told = listed("limit=1000&beta=true")
    assert ids(told) == LISTED
    assert (told["has_more"], told["last_id"]) == (False, LISTED[-1])


def test_pages_are_turned_forward() -> None:
    told = listed(f"limit=2&after_id={LISTED[1]}")
    assert (ids(told), told["has_more"]) == (LISTED[2:4], True)
    told = listed(f"after_id={LISTED[-3]}&limit=2")
    assert (ids(told), told["has_more"]) == (LISTED[-2:], False)
    told = listed(f"after_id={LISTED[-1]}")
    assert told == {"data": [], "has_more": False, "first_id": None, "last_id": None}


def test_pages_are_turned_back() -> None:
    told = listed(f"limit=2&before_id={LISTED[5]}")
    assert (ids(told), told["has_more"]) == (LISTED[3:5], True)
    told = listed(f"limit=2&before_id={LISTED[1]}")
    assert (ids(told), told["has_more"]) == (LISTED[:1], False)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("lifecycle=active", 20),
        ("lifecycle[]=deprecated&lifecycle[]=active", 20),
        ("lifecycle%5B%5D=retired", 0),
        ("lifecycle=deprecated&lifecycle=retired", 0),
    ],
)
def test_models_are_listed_by_their_stage_of_life(query: str, count: int) -> None:
    assert len(listed(query)["data"]) == count


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit=2.0", "limit"),
        ("limit=%D9%A2", "limit"),
        (f"limit={'9' * 5000}", "limit"),
        ("after_id=no-such-model", "after_id"),
        ("after_id=", "after_id"),
        ("before_id=titan-embed-text-v2", "before_id"),
        ("after_id=nova-lite&before_id=nova-pro", "before_id"),
        ("lifecycle=alive", "lifecycle"),
    ],
)
def test_a_query_that_asks_for_no_page_is_refused_by_name(query: str, where: str) -> None:
    with pytest.raises(ApiError) as raised:
        listed(query)
    assert (raised.value.kind, raised.value.param) == ("invalid_request", where)


# --- to clients of Anthropic's API -----------------------------------------------------------------


def test_the_sdk_turns_the_pages_by_itself(sdk: anthropic.Anthropic) -> None:
    assert [entry.id for entry in sdk.models.list(limit=3)] == LISTED
    assert [entry.id for entry in sdk.beta.models.list(limit=7)] == LISTED
    first = sdk.models.list(limit=3)
    assert first._request_id
    before = sdk.models.list(limit=3, before_id=LISTED[7])
    back = [entry.id for each in before.iter_pages() for entry in each.data]
    assert back == [*LISTED[4:7], *LISTED[1:4], *LISTED[:1]]


@pytest.mark.parametrize(
    "requested", ["claude-opus-5-5", "us.anthropic.claude-opus-5-5", "gpt-5", "nova-lite"]
)
def test_the_sdk_retrieves_a_model_by_any_of_its_names(
    sdk: anthropic.Anthropic, requested: str
) -> None:
    assert sdk.models.retrieve(requested).id == requested


def test_what_the_key_may_not_use_is_neither_listed_nor_found(
    router: Router, sdk: anthropic.Anthropic
) -> None:
    router.new_key(allowed_models=frozenset({"claude-haiku-*"}))
    assert [entry.id for entry in sdk.models.list()] == ["claude-haiku-5-5", "claude-haiku-4-5"]
    with pytest.raises(anthropic.NotFoundError) as raised:
        sdk.models.retrieve("nova-lite")
    assert raised.value.type == "not_found_error"
    assert "'nova-lite'" in raised.value.message
    assert raised.value.request_id


def test_a_bad_query_is_told_in_anthropics_shape(sdk: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError) as raised:
        sdk.models.list(limit=5000)
    assert raised.value.type == "invalid_request_error"
    assert "limit" in (raised.value.api_message or "")


@pytest.mark.parametrize("version", ["2023-06-01", "2026-10-21"])
def test_claude_code_discovers_claudes_by_names_that_work(router: Router, version: str) -> None:
    headers = {"anthropic-version": version}
    request = router.request("GET", "/v1/models", query="limit=1000", headers=headers)
    told: Any = json_of(handle(router.services, request))
    claudes = [
        entry["id"] for entry in told["data"] if entry["id"].startswith(("claude", "anthropic"))
    ]
    assert claudes == [name for name in CHAT if name.startswith("claude-")]
    for name in claudes:
        assert family_of(router.services.catalog.resolve(name).model_id).messages


def test_clients_of_openais_api_are_told_in_its_shape(router: Router) -> None:
    for path in ("/v1/models", "/v1/models/nova-lite"):
        told: Any = json_of(handle(router.services, router.request("GET", path)))
        assert told["object"] in {"list", "model"}


def test_the_lines_are_the_sdks() -> None:
    assert set(get_args(ModelLine)) == set(anthropic_model_list.LINES)
