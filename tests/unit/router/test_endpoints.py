"""Held to what SDKs make of the answers."""

from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from botocore.session import Session
from ledger.money import DOLLAR
from router.dialects.bedrock import BedrockDialect
from router.endpoints import control_plane, health, key, model, models
from router.errors import ApiError
from router.http import Response
from router.http_pool import NeverSent, UpstreamUnreachable
from router.model_calls import ModelCall
from router.routes import ROUTES, handle

from tests.support.key_table import NOON, outage
from tests.support.requests import body_of, json_of
from tests.support.router import ALIASES, Router
from tests.support.upstream import event, said, streamed

USAGE = {"inputTokens": 1000, "outputTokens": 500, "totalTokens": 1500}


# --- health ---------------------------------------------------------------------------------------


def test_health_asks_nobody(router: Router) -> None:
    assert json_of(health(router.services, router.request("GET"))) == {"status": "ok"}
    assert router.table.operations == []
    assert router.secret.fetched == []


# --- the key's own account ------------------------------------------------------------------------


def account(router: Router) -> Any:
    response = key(router.services, router.request("GET", "/v1/key"))
    assert response.status == 200
    return json_of(response)


def test_a_key_without_limits_has_none(router: Router) -> None:
    assert account(router) == {
        "object": "key",
        "id": router.key_id,
        "name": "a key",
        "credit_limit_usd": None,
        "limit_period": None,
        "period_ends": None,
        "spent_usd": "0",
        "reserved_usd": "0",
        "remaining_usd": None,
        "allowed_models": None,
        "requests_per_minute": None,
        "tokens_per_minute": None,
    }


def test_a_keys_limits_are_told(router: Router) -> None:
    router.new_key(
        name="limited",
        credit_limit=int(12.5 * DOLLAR),
        limit_period="day",
        allowed_models=frozenset({"nova-*", "claude-*"}),
        requests_per_minute=10,
        tokens_per_minute=1000,
    )
    assert account(router) == {
        "object": "key",
        "id": router.key_id,
        "name": "limited",
        "credit_limit_usd": "12.5",
        "limit_period": "day",
        "period_ends": NOON + 43_200,
        "spent_usd": "0",
        "reserved_usd": "0",
        "remaining_usd": "12.5",
        "allowed_models": ["claude-*", "nova-*"],
        "requests_per_minute": 10,
        "tokens_per_minute": 1000,
    }


def test_spent_and_reserved_credit_is_told_to_the_picodollar(router: Router) -> None:
    router.new_key(credit_limit=DOLLAR)

    def stream() -> Response:
        router.bedrock_says(streamed(event("metadata", {"usage": USAGE})))
        body = {"messages": [], "inferenceConfig": {"maxTokens": 1000}}
        path = "/model/us.anthropic.claude-opus-5-5/converse-stream"
        call = router.request(path=path, body=body)
        return ModelCall(router.services, BedrockDialect("converse-stream"), call).serve()

    body_of(stream())
    told = account(router)
    # 1,000 tokens at $4.40 and 500 at $22 a million
    assert (told["spent_usd"], told["reserved_usd"], told["remaining_usd"]) == (
        "0.0154",
        "0",
        "0.9846",
    )
    in_flight = stream()
    told = account(router)
    reserved = router.reserved()[1]
    assert told["spent_usd"] == "0.0154"
    assert float(told["reserved_usd"]) == pytest.approx(reserved / DOLLAR)
    assert float(told["remaining_usd"]) == pytest.approx(0.9846 - reserved / DOLLAR)
    body_of(in_flight)
    assert account(router)["spent_usd"] == "0.0308"


# --- models ---------------------------------------------------------------------------------------

ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5-5"


@pytest.fixture
def sdk(router: Router) -> Iterator[openai.OpenAI]:
    """OpenAI's client, whose requests the router answers."""

    def answer(asked: httpx2.Request) -> httpx2.Response:
        path, _, query = asked.url.raw_path.decode().partition("?")
        response = handle(router.services, router.request(asked.method, path, query=query))
        return httpx2.Response(response.status, headers=response.headers, content=body_of(response))

    with openai.OpenAI(
        api_key="unused",
        base_url="http://router.test/v1",
        max_retries=0,
        http_client=httpx2.Client(transport=httpx2.MockTransport(answer)),
    ) as client:
        yield client


def test_models_are_a_list_that_the_openai_sdk_reads(router: Router, sdk: openai.OpenAI) -> None:
    catalog = router.services.catalog
    listed = list(sdk.models.list())
    assert [entry.id for entry in listed] == [*ALIASES, *(known.name for known in catalog.models)]
    for entry in listed:
        told: Any = entry.model_extra
        assert catalog.resolve(entry.id).model_id == told["target"]
        assert set(told) >= {"aliases", "capabilities", "context_window", "pricing"}


@pytest.mark.parametrize(
    "requested",
    [
        "gpt-5",
        "claude-opus-5-5",
        "opus",
        "us.anthropic.claude-opus-5-5",
        "amazon.titan-embed-text-v2:0",
        ARN,
        "arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-v4:0",
    ],
)
def test_the_openai_sdk_retrieves_a_model_by_any_of_its_names(
    sdk: openai.OpenAI, requested: str
) -> None:
    assert sdk.models.retrieve(requested).id == requested


@pytest.mark.parametrize(
    "path",
    [ARN, ARN.replace(":", "%3A"), ARN.replace(":", "%3A").replace("/", "%2F"), "%6Fpus"],
    ids=["plain", "colons encoded", "encoded", "needlessly encoded"],
)
def test_a_models_name_may_be_encoded_in_the_path_or_not(router: Router, path: str) -> None:
    response = handle(router.services, router.request("GET", f"/v1/models/{path}"))
    found: Any = json_of(response)
    assert (response.status, found["id"]) == (200, ARN if "inference" in path else "opus")


@pytest.mark.parametrize("requested", ["no-such-model", "a/b", "nova-lite"])
def test_a_model_that_is_not_there_for_the_key_is_not_found(
    router: Router, sdk: openai.OpenAI, requested: str
) -> None:
    router.new_key(allowed_models=frozenset({"claude-*", "gpt-*"}))
    with pytest.raises(openai.NotFoundError) as raised:
        sdk.models.retrieve(requested)
    assert (raised.value.code, raised.value.param) == ("model_not_found", "model")
    assert f"'{requested}'" in raised.value.message


PROFILE = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/p7aksl2pa6w7"
RUNS = "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0"


def test_an_application_inference_profile_is_told_as_the_model_it_runs(
    router: Router, sdk: openai.OpenAI
) -> None:
    router.name_models(team=PROFILE, other="nova-pro")
    router.bedrock.answers = [said({"models": [{"modelArn": RUNS}]})]
    told = {row.id: row.model_dump() for row in sdk.models.list()}["team"]
    haiku = sdk.models.retrieve("claude-haiku-4-5").model_dump()
    assert (told["target"], told["owned_by"]) == (PROFILE, "alias")
    for member in ("context_window", "max_output_tokens", "pricing", "capabilities"):
        assert told[member] == haiku[member]
    assert sdk.models.retrieve(PROFILE).owned_by == "anthropic"
    assert len(router.bedrock.asked) == 1


def test_a_profile_that_a_key_may_not_use_is_not_asked_for(
    router: Router, sdk: openai.OpenAI
) -> None:
    router.name_models(team=PROFILE)
    router.new_key(allowed_models=frozenset({"nova-*"}))
    assert "team" not in [row.id for row in sdk.models.list()]
    with pytest.raises(openai.NotFoundError):
        sdk.models.retrieve(PROFILE)
    assert router.bedrock.asked == []


def test_models_that_a_key_may_not_use_are_not_listed(router: Router, sdk: openai.OpenAI) -> None:
    router.new_key(allowed_models=frozenset({"opus", "nova-micro"}))
    assert [entry.id for entry in sdk.models.list()] == ["gpt-5", "opus", "nova-micro"]


# --- the control plane ----------------------------------------------------------------------------


def test_a_list_of_bedrocks_is_relayed_with_its_query(router: Router) -> None:
    headers = [("content-type", "application/json"), ("connection", "keep-alive")]
    router.bedrock.answers = [said(b'{ "inferenceProfileSummaries" : [] }', 200, headers)]
    request = router.request("GET", "/inference-profiles", query="type=SYSTEM_DEFINED")
    response = control_plane(router.services, request)
    assert (response.status, response.body) == (200, b'{ "inferenceProfileSummaries" : [] }')
    assert response.headers == headers[:1]
    (asked,) = router.bedrock.asked
    assert (asked.method, asked.path, asked.query, asked.body) == (
        "GET",
        "/inference-profiles",
        "type=SYSTEM_DEFINED",
        b"",
    )
    assert all("sk_m11_" not in value for _, value in asked.headers)


@pytest.mark.parametrize("operation", ["ListInferenceProfiles", "ListFoundationModels"])
def test_the_lists_are_at_the_paths_of_bedrocks_service_model(operation: str) -> None:
    http = Session().get_service_model("bedrock").operation_model(operation).http
    assert ROUTES[http["requestUri"]] == {http["method"]: control_plane}


def test_a_refusal_of_bedrocks_is_relayed(router: Router) -> None:
    headers = [("x-amzn-errortype", "AccessDeniedException")]
    router.bedrock.answers = [said({"message": "No."}, 403, headers)]
    response = control_plane(router.services, router.request("GET", "/foundation-models"))
    assert (response.status, json_of(response), response.headers) == (
        403,
        {"message": "No."},
        headers,
    )


@pytest.mark.parametrize(
    "answer",
    [
        NeverSent("refused"),
        UpstreamUnreachable("reset"),
        said(b"{", 200, [], UpstreamUnreachable("reset")),
    ],
    ids=["refused", "reset", "broken off"],
)
def test_a_bedrock_out_of_reach_is_worth_another_try(router: Router, answer: Any) -> None:
    router.bedrock.answers = [answer]
    with pytest.raises(ApiError) as raised:
        control_plane(router.services, router.request("GET", "/foundation-models"))
    assert (raised.value.kind, raised.value.retry_after) == ("unavailable", 1)


def test_a_list_that_bedrock_does_not_have_is_an_error_whatever_its_status(router: Router) -> None:
    name = "com.amazon.coral.service#UnknownOperationException"
    router.bedrock.answers = [said({"Output": {"__type": name}})]
    with pytest.raises(ApiError) as raised:
        control_plane(router.services, router.request("GET", "/foundation-models"))
    assert raised.value.kind == "bad_upstream"


# --- who may ask ----------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", [key, model, models, control_plane])
def test_all_but_health_need_a_live_key(router: Router, endpoint: Any) -> None:
    stranger = router.request("GET", headers={"authorization": "Bearer sk-foreign"})
    with pytest.raises(ApiError) as raised:
        endpoint(router.services, stranger)
    assert raised.value.kind == "invalid_key"
    router.administration.revoke(router.key_id)
    with pytest.raises(ApiError) as raised:
        endpoint(router.services, router.request("GET"))
    assert raised.value.kind == "invalid_key"
    assert router.bedrock.asked == []


@pytest.mark.parametrize("endpoint", [key, model, models, control_plane])
def test_while_the_table_is_down_no_key_is_live(router: Router, endpoint: Any) -> None:
    router.table.mishaps = [outage]
    with pytest.raises(ApiError) as raised:
        endpoint(router.services, router.request("GET"))
    assert (raised.value.kind, raised.value.retry_after) == ("unavailable", 1)
    assert router.bedrock.asked == []
