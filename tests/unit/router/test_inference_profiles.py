"""What an application inference profile runs: when it is asked, of whom, and what comes of the answer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from botocore.serialize import create_serializer
from botocore.session import Session
from catalog.models import GEOGRAPHIES, base_id
from catalog.pricing import Usage
from hypothesis import given
from hypothesis import strategies as st
from router.http import Response
from router.http_pool import NeverSent, SilentTooLong, UpstreamUnreachable
from router.inference_profiles import (
    BUSY_S,
    LIMIT_S,
    REFUSED_S,
    stands_for,
)
from router.routes import handle

from tests.support.requests import body_of, json_of
from tests.support.router import REGION, Router
from tests.support.upstream import Said, event, said, streamed
from tests.support.whole_router import WholeRouter

HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
NOVA = "amazon.nova-micro-v1:0"
MYTHOS = "anthropic.claude-mythos-preview"
ARN = f"arn:aws:bedrock:{REGION}:123456789012:application-inference-profile/p7aksl2pa6w7"
OTHER = f"{ARN}2"
US = ("us-east-1", "us-east-2", "us-west-2")
JAPAN = ("ap-northeast-1", "ap-northeast-3")

ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 10, "outputTokens": 20, "totalTokens": 30},
    "metrics": {"latencyMs": 1},
}
USED = Usage(input=10, output=20)


def models(model_id: str, *regions: str) -> bytes:
    """The part of GetInferenceProfile's answer that matters here."""
    arns = [f"arn:aws:bedrock:{region}::foundation-model/{model_id}" for region in regions]
    return json.dumps(
        {"models": [{"modelArn": arn} for arn in arns], "type": "APPLICATION"}
    ).encode()


def converse(router: Router, model: str = ARN) -> Response:
    router.bedrock_says(said(ANSWER))
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}
    return handle(router.services, router.request(path="/v1/chat/completions", body=body))


def charged_as(router: Router) -> str | None:
    """What the latest call was charged as."""
    target = router.records[-1].target
    assert target is not None
    return target.listed_as


# --- what an answer says --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "regions", "found"),
    [
        # In one Region: made from the foundation model.
        ("us-east-1", ("us-east-1",), [""]),
        ("sa-east-1", ("sa-east-1",), [""]),
        # As seen for global.amazon.nova-2-lite-v1:0 in ca-central-1 and global.cohere.embed-v4:0 in
        # ap-southeast-2.
        ("ca-central-1", ("", "ca-central-1"), ["global."]),
        ("ap-southeast-2", ("", "ap-southeast-2"), ["global."]),
        ("us-east-1", ("",), ["global."]),
        # As seen for us.anthropic.claude-sonnet-4-20250514-v1:0 in us-east-1 and
        # us.amazon.nova-2-lite-v1:0 in ca-central-1.
        ("us-east-1", US, ["us."]),
        ("us-west-2", US, ["us."]),
        ("ca-central-1", (*US, "ca-central-1"), ["us."]),
        ("us-east-1", ("us-west-2",), ["us."]),
        ("us-east-1", ("us-east-1", "ca-central-1"), ["ca.", "us."]),
        ("eu-west-1", ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"), ["eu."]),
        ("il-central-1", ("eu-central-1", "eu-west-1", "il-central-1"), ["eu."]),
        # As seen for apac.amazon.nova-micro-v1:0 in ap-northeast-1.
        (
            "ap-northeast-1",
            ("ap-southeast-2", "ap-northeast-1", "ap-south-1", "ap-southeast-1", *JAPAN),
            ["apac."],
        ),
        ("me-central-1", ("ap-south-1", "ap-southeast-1", "me-central-1"), ["apac."]),
        ("ap-northeast-1", JAPAN, ["jp.", "apac."]),
        ("ap-southeast-2", ("ap-southeast-2", "ap-southeast-4"), ["au.", "apac."]),
        ("ap-south-1", ("ap-south-1", "ap-south-2"), ["in.", "apac."]),
        ("us-gov-west-1", ("us-gov-east-1", "us-gov-west-1"), ["us-gov."]),
        ("us-east-1", ("us-east-1", "eu-west-1", "ap-south-1"), ["global."]),
        # Of a geography that nothing here knows yet.
        ("us-east-1", ("us-east-1", "sa-east-1"), [f"{name}." for name in GEOGRAPHIES]),
        ("sa-east-1", ("mx-central-1", "sa-east-1"), [f"{name}." for name in GEOGRAPHIES]),
        ("sa-east-1", ("", "sa-east-1"), ["global."]),
    ],
)
def test_the_regions_tell_which_profile_it_was_made_from(
    own: str, regions: tuple[str, ...], found: list[str]
) -> None:
    assert stands_for(models(HAIKU, *regions), own) == [f"{place}{HAIKU}" for place in found]


def test_of_several_models_it_may_stand_for_each() -> None:
    two = json.loads(models(HAIKU, *US))
    two["models"] += json.loads(models(NOVA, *US))["models"]
    assert stands_for(json.dumps(two).encode(), REGION) == [f"us.{HAIKU}", f"us.{NOVA}"]


NONSENSE = {
    "nothing": b"",
    "no JSON": b"<html>",
    "no object": b"[]",
    "too deep": b"[" * 100_000,
    "no models": b"{}",
    "models that are no list": b'{"models": {"modelArn": "x"}}',
    "an empty list": b'{"models": []}',
    "a model that is no object": b'{"models": ["x"]}',
    "a model without ARN": b'{"models": [{}]}',
    "an ARN that is no text": b'{"models": [{"modelArn": 1}]}',
    "an ARN of something else": json.dumps({"models": [{"modelArn": ARN}]}).encode(),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nothing_is_made_of_what_cannot_be_read(name: str) -> None:
    assert stands_for(NONSENSE[name], REGION) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["models", "modelArn", "x"]), inner)
    ),
)
REGIONS = st.lists(st.sampled_from(["", *US, *JAPAN, "eu-west-1", "xx-new-1", "us-gov-east-1"]))


@given(JSON)
def test_any_answer_is_read_or_passed_over(content: Any) -> None:
    assert stands_for(json.dumps(content).encode(), REGION) == []


@given(REGIONS, st.sampled_from(US))
def test_any_regions_lead_to_ids_of_the_model(regions: list[str], own: str) -> None:
    found = stands_for(models(HAIKU, *regions), own)
    assert bool(found) == bool(regions)
    assert all(model_id == HAIKU or model_id.endswith(f".{HAIKU}") for model_id in found)


# --- asking ---------------------------------------------------------------------------------------


def test_bedrock_is_asked_once_and_the_call_is_charged_as_its_model(router: Router) -> None:
    router.bedrock.answers = [said(models(HAIKU, *US))]
    for _ in range(3):
        assert converse(router).status == 200
    (asked,) = router.bedrock.asked
    operation = Session().get_service_model("bedrock").operation_model("GetInferenceProfile")
    wanted = create_serializer("rest-json").serialize_to_request(
        {"inferenceProfileIdentifier": ARN}, operation
    )
    assert (asked.method, asked.path) == (wanted["method"], wanted["url_path"])
    assert (asked.query, asked.body, asked.limit_s) == ("", b"", LIMIT_S)
    price = router.services.catalog.resolve(f"us.{HAIKU}")
    assert [record.cost for record in router.records] == [price.cost(USED, "default")] * 3
    assert charged_as(router) == f"us.{HAIKU}"


def test_the_profile_itself_is_called(router: Router) -> None:
    router.bedrock.answers = [said(models(HAIKU, *US))]
    converse(router)
    (asked,) = router.bedrock_runtime.asked
    assert asked.path == f"/model/{ARN.replace(':', '%3A').replace('/', '%2F')}/converse"


def test_what_the_model_takes_is_known(router: Router) -> None:
    router.bedrock.answers = [said(models(HAIKU, *US))]
    router.bedrock_says(said(ANSWER))
    body = {
        "model": ARN,
        "messages": [{"role": "user", "content": "Hi"}],
        "reasoning_effort": "low",
        "max_completion_tokens": 4000,
    }
    response = handle(router.services, router.request(path="/v1/chat/completions", body=body))
    assert response.status == 200
    (asked,) = router.bedrock_runtime.asked
    fields = json.loads(asked.body)["additionalModelRequestFields"]
    assert fields["thinking"]["type"] == "enabled"


def test_a_model_dearer_than_the_fallback_is_charged_its_own_price(router: Router) -> None:
    fallback = router.services.catalog.resolve(ARN).cost(USED, "default")
    router.bedrock.answers = [said(models(MYTHOS, *US))]
    assert converse(router).status == 200
    own = router.services.catalog.resolve(f"us.{MYTHOS}").cost(USED, "default")
    assert router.record.cost == own > fallback
    assert router.settled() == [own]


def test_a_profile_of_a_foundation_model_has_its_price_in_the_region(router: Router) -> None:
    router.bedrock.answers = [said(models(NOVA, REGION))]
    converse(router)
    assert charged_as(router) == NOVA


def test_a_profile_of_a_geography_unknown_here_is_charged_as_the_dearest(router: Router) -> None:
    router.bedrock.answers = [said(models(HAIKU, REGION, "sa-east-1"))]
    converse(router)
    catalog = router.services.catalog
    (model,) = (each for each in catalog.models if base_id(each.ids[0]) == HAIKU)
    costs = [catalog.resolve(model_id).cost(USED, "default") for model_id in model.ids]
    assert router.record.cost == max(costs) > min(costs)


def test_a_model_that_has_no_price_is_asked_for_once_too(router: Router) -> None:
    router.bedrock.answers = [said(models("acme.brand-new", *US))]
    for _ in range(2):
        assert converse(router).status == 200
    assert len(router.bedrock.asked) == 1
    assert charged_as(router) is None


def test_each_profile_is_asked_for(router: Router) -> None:
    router.bedrock.answers = [said(models(HAIKU, *US)), said(models(NOVA, REGION))]
    converse(router)
    converse(router, OTHER)
    assert charged_as(router) == NOVA
    assert len(router.bedrock.asked) == 2


@pytest.mark.parametrize(
    "model",
    [
        "us.anthropic.claude-sonnet-4-6",
        f"arn:aws:bedrock:{REGION}:123456789012:inference-profile/us.{HAIKU}",
        f"arn:aws:bedrock:{REGION}::foundation-model/{NOVA}",
        ARN.replace(REGION, "us-west-2"),
        ARN.replace("application-inference-profile/", "provisioned-model/"),
        ARN.replace("123456789012", "1"),
        f"{ARN}{'x' * 64}",
        f"{ARN}/x",
        f"{ARN}é",
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/x",
    ],
)
def test_nothing_else_is_asked_for(router: Router, model: str) -> None:
    converse(router, model)
    assert router.bedrock.asked == []


# --- who may cause it -----------------------------------------------------------------------------


def test_a_key_that_may_not_use_the_profile_has_nothing_asked(router: Router) -> None:
    router.new_key(allowed_models=frozenset({f"us.{HAIKU}", "claude-*", OTHER}))
    assert converse(router).status == 403
    assert (router.bedrock.asked, router.bedrock_runtime.asked) == ([], [])


def test_what_a_profile_runs_does_not_allow_it(router: Router) -> None:
    router.bedrock.answers = [said(models(HAIKU, *US))]
    assert converse(router).status == 200
    router.new_key(allowed_models=frozenset({f"*{HAIKU}", "claude-*", "us.anthropic.*"}))
    assert converse(router).status == 403
    router.new_key(allowed_models=frozenset({"arn:aws:bedrock:*:application-inference-profile/*"}))
    assert converse(router).status == 200


def test_a_revoked_key_has_nothing_asked(router: Router) -> None:
    router.administration.revoke(router.key_id)
    assert converse(router).status == 401
    assert router.bedrock.asked == []


def test_a_made_up_key_has_nothing_asked(router: Router) -> None:
    router.key = "sk_m11_made_up"
    assert converse(router).status == 401
    assert router.bedrock.asked == []


# --- when there is no answer ----------------------------------------------------------------------

REFUSED: dict[str, Callable[[], Said]] = {
    "no permission": lambda: said({"message": "no"}, 403),
    "no such profile": lambda: said({"message": "no"}, 404),
    "not valid": lambda: said({"message": "no"}, 400),
    **{name: lambda body=body: said(body) for name, body in NONSENSE.items()},  # type: ignore[misc]
}
BUSY: dict[str, Callable[[], Said | Exception]] = {
    "throttled": lambda: said({"message": "slow"}, 429),
    "failed": lambda: said({"message": "oops"}, 500),
    "overloaded": lambda: said({"message": "oops"}, 503),
    "not reached": lambda: NeverSent("down"),
    "no answer": lambda: SilentTooLong("down"),
    "broken off": lambda: said(b"{", 200, None, UpstreamUnreachable("cut")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_remembered_for_that_profile(router: Router, name: str) -> None:
    router.bedrock.answers = [REFUSED[name](), said(models(NOVA, REGION)), said(models(HAIKU, *US))]
    assert converse(router).status == 200
    assert charged_as(router) is None
    router.clock.seconds += REFUSED_S - 1
    converse(router)
    assert (charged_as(router), len(router.bedrock.asked)) == (None, 1)
    converse(router, OTHER)
    assert charged_as(router) == NOVA
    router.clock.seconds += 1
    converse(router)
    assert charged_as(router) == f"us.{HAIKU}"


@pytest.mark.parametrize("name", BUSY)
def test_while_bedrock_is_busy_no_profile_is_asked_for(router: Router, name: str) -> None:
    router.bedrock.answers = [BUSY[name](), said(models(HAIKU, *US)), said(models(NOVA, REGION))]
    for model in (ARN, ARN, OTHER):
        assert converse(router, model).status == 200
        assert charged_as(router) is None
    assert len(router.bedrock.asked) == 1
    router.clock.seconds += BUSY_S
    converse(router)
    assert charged_as(router) == f"us.{HAIKU}"
    converse(router, OTHER)
    assert charged_as(router) == NOVA


def test_without_an_answer_the_fallback_is_charged(router: Router) -> None:
    fallback = router.services.catalog.resolve("acme.brand-new").cost(USED, "default")
    router.bedrock.answers = [said({}, 403)]
    assert converse(router).status == 200
    assert router.record.cost == fallback


def test_refusals_do_not_fill_the_memory(router: Router) -> None:
    profiles = router.services.profiles
    for number in range(2500):
        router.bedrock.answers = [said({}, 404)]
        profiles.teach(router.services.catalog, f"{ARN}{number}")
    assert len(profiles._refused_until) <= 1000
    assert len(router.bedrock.asked) == 2500


# --- every route ----------------------------------------------------------------------------------

HI = [{"role": "user", "content": "Hi"}]
CONVERSED = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
INVOKED = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 50, "messages": HI}

SIMULATED = ARN.replace("p7aksl2pa6w7", "")
SONNET, NOVA_MICRO, EMBED = (f"{SIMULATED}simteam0000{number}" for number in (3, 4, 5))
CLAUDE, COHERE = "us.anthropic.claude-sonnet-4-6", "us.cohere.embed-v4:0"

ROUTES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "chat": ("/v1/chat/completions", {"model": SONNET, "messages": HI}, "converse", CLAUDE),
    "responses": ("/v1/responses", {"model": SONNET, "input": "Hi"}, "converse", CLAUDE),
    "messages": (
        "/v1/messages",
        {"model": SONNET, "max_tokens": 50, "messages": HI},
        "invoke",
        CLAUDE,
    ),
    "messages of another model": (
        "/v1/messages",
        {"model": NOVA_MICRO, "max_tokens": 50, "messages": HI},
        "converse",
        NOVA,
    ),
    "embeddings": ("/v1/embeddings", {"model": EMBED, "input": "Hi"}, "invoke", COHERE),
    "Converse": (f"/model/{quote(NOVA_MICRO, safe='')}/converse", CONVERSED, "converse", NOVA),
    "Converse, decoded": (f"/model/{NOVA_MICRO}/converse", CONVERSED, "converse", NOVA),
    "ConverseStream": (
        f"/model/{quote(SONNET, safe='')}/converse-stream",
        CONVERSED,
        "converse-stream",
        CLAUDE,
    ),
    "InvokeModel": (f"/model/{quote(SONNET, safe='')}/invoke", INVOKED, "invoke", CLAUDE),
}


@pytest.mark.parametrize("name", ROUTES)
def test_a_profile_is_known_on_every_route_and_asked_for_once(tmp_path: Path, name: str) -> None:
    path, body, way, charged = ROUTES[name]
    whole = WholeRouter(tmp_path)
    called = []
    for _ in range(2):
        outcome = whole.send("POST", path, json.dumps(body).encode())
        assert outcome.status == 200, outcome.body
        (record,) = outcome.records
        target = record.target
        assert target is not None
        assert target.listed_as == charged
        assert record.cost > 0
        profile = quote(target.model_id, safe="")
        called += [call.path for call in outcome.calls]
    model = f"/model/{profile}/{way}"
    assert called == [f"/inference-profiles/{profile}", model, model]


@pytest.mark.parametrize(
    ("answer", "costs_what_came"),
    [
        (models(HAIKU, *US), True),
        # It may have thought unseen; so may what nobody knows.
        (models("anthropic.claude-opus-5-5", *US), False),
        (b"{}", False),
    ],
)
def test_what_a_stream_that_breaks_off_costs_is_as_the_model_is(
    router: Router, answer: bytes, costs_what_came: bool
) -> None:
    router.bedrock.answers = [said(answer)]
    begun = event("contentBlockDelta", {"delta": {"text": "Hi"}, "contentBlockIndex": 0})
    router.bedrock_says(streamed(begun, UpstreamUnreachable("cut")))
    path = f"/model/{quote(ARN, safe='')}/converse-stream"
    body_of(handle(router.services, router.request(path=path, body=CONVERSED)))
    assert (router.settled()[0] < router.reserved()[0]) == costs_what_came


def test_the_owners_name_for_a_profile_is_known_like_its_arn(router: Router) -> None:
    router.name_models(team=ARN)
    router.new_key(allowed_models=frozenset({"team"}))
    router.bedrock.answers = [said(models(HAIKU, *US))]
    for _ in range(2):
        assert converse(router, "team").status == 200
        assert charged_as(router) == f"us.{HAIKU}"
    assert len(router.bedrock.asked) == 1
    assert converse(router, ARN).status == 403


def ask(router: Router, path: str, body: dict[str, Any]) -> Any:
    response = handle(router.services, router.request(path=path, body=body))
    assert response.status == 200, response.body
    return json_of(response)


def test_an_estimate_is_of_the_model(router: Router) -> None:
    router.bedrock.answers = [said(models(HAIKU, *US))]
    by_arn = ask(router, "/v1/estimate", {"model": ARN, "messages": HI})
    by_id = ask(router, "/v1/estimate", {"model": f"us.{HAIKU}", "messages": HI})
    assert (by_arn["model"], by_arn["priced"]) == (ARN, True)
    assert by_arn["prompt_usd"] == by_id["prompt_usd"] is not None
    assert len(router.bedrock.asked) == 1


def test_an_estimate_of_embeddings_needs_no_path(router: Router) -> None:
    router.bedrock.answers = [said(models("amazon.titan-embed-text-v2:0", REGION))]
    told = ask(router, "/v1/estimate", {"model": ARN, "input": "Hi"})
    assert (told["path"], told["priced"]) == ("/v1/embeddings", True)


def test_a_version_that_the_model_does_not_know_is_mended(router: Router) -> None:
    router.bedrock.answers = [said(models(HAIKU, *US))]
    router.bedrock_says(said({"usage": {"input_tokens": 1, "output_tokens": 1}}))
    body = {**INVOKED, "anthropic_version": "2026-10-21"}
    ask(router, f"/model/{quote(ARN, safe='')}/invoke", body)
    (asked,) = router.bedrock_runtime.asked
    assert json.loads(asked.body) == INVOKED


def test_tokens_are_counted_by_the_model(router: Router) -> None:
    router.bedrock.answers = [said(models(HAIKU, *US))]
    router.bedrock_says(said({"inputTokens": 7}))
    told = ask(router, "/v1/messages/count_tokens", {"model": ARN, "messages": HI})
    assert told == {"input_tokens": 7}
    (asked,) = router.bedrock_runtime.asked
    assert asked.path == f"/model/{HAIKU.replace(':', '%3A')}/count-tokens"
