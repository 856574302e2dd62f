"""Whatever a client sends is either refused with a 400 or becomes what Converse accepts."""

from typing import Any

import pytest
from anthropic.types import message_create_params
from anthropic.types.beta import message_create_params as beta_params
from catalog.families import UNKNOWN, Family, family_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from router.errors import ApiError

from tests.support.converse import CHAT_MODELS, assert_accepted, refusal_by
from tests.support.damage import damaged
from tests.support.json_values import ANY_JSON, CHARACTERS
from tests.support.messages_requests import (
    CITY,
    PDF_SOURCE,
    PNG_SOURCE,
    QUESTION,
    REQUESTS,
    Translated,
    request,
    translated,
)
from tests.support.sdk_values import SdkValues

SLOW_IS_FINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(body: Any, family: Family = UNKNOWN) -> Translated | None:
    """Translates, or finds the refusal to be a 400 that names a field."""
    before = repr(body)
    refusal = None
    try:
        found = translated(body, family)
    except ApiError as error:
        refusal = error
    assert repr(body) == before, "the client's request is left as it was"
    if refusal is not None:
        assert refusal.kind == "invalid_request"
        assert refusal.param is not None
        return None
    assert all(change.isascii() and change.isprintable() for change in found.changes)
    return found


OF_THE_MODELS_OWN = (
    # Not every model takes every kind of media.
    "doesn't support the image content block",
    "doesn't support the document content block",
    # It says itself how many tokens it can write, and in which tiers it is served.
    "exceeds the model limit",
    "The service tier ",
    # A signature that this router never saw.
    "Invalid `signature`",
    "Invalid `data`",
    "could not be verified",
)


def check_with(model_id: str, body: Any) -> None:
    """`check`, and neither botocore nor the model finds anything to refuse in the translation."""
    found = check(body, family_of(model_id))
    if found is None or "https:" in repr(body):
        # What is still to be fetched is not in the body.
        return
    assert_accepted(found.body)
    refusal = refusal_by(model_id, found.body)
    assert refusal is None or any(words in refusal for words in OF_THE_MODELS_OWN), refusal


@given(
    st.dictionaries(
        st.sampled_from(["model", "max_tokens", "messages", "tools", "system", "thinking"])
        | st.text(CHARACTERS, max_size=5),
        ANY_JSON,
    )
)
@SLOW_IS_FINE
def test_any_json_is_refused_or_translated(body: Any) -> None:
    found = check(body)
    if found is not None:
        assert_accepted(found.body)


@given(st.sampled_from(CHAT_MODELS), damaged(list(REQUESTS.values())))
@settings(SLOW_IS_FINE, max_examples=300)
def test_no_model_finds_anything_to_refuse_in_what_becomes_of_a_damaged_request(
    model_id: str, body: Any
) -> None:
    if isinstance(body, dict):
        check_with(model_id, body)


_TEXTS = {
    "data": st.sampled_from([PNG_SOURCE["data"], PDF_SOURCE["data"], "AAAA", "%"]),
    "id": st.sampled_from(["toolu_1", "toolu_2"]),
    "name": st.sampled_from(["weather", "files.read", "x" * 65]),
    "tool_name": st.sampled_from(["weather", "files.read"]),
    "tool_use_id": st.sampled_from(["toolu_1", "toolu_2"]),
    "url": st.sampled_from(["https://media.test/a.png", "http://media.test/", "no URL"]),
}
"""Strings that mean something, by the member they are for."""

_VALUES = SdkValues(_TEXTS, {"input_schema": st.just(CITY), "schema": st.just(CITY)})

_TYPES = {
    "stable": message_create_params.MessageCreateParamsNonStreaming,
    "beta": beta_params.MessageCreateParamsStreaming,
}

_BESIDE_BODY = ("betas", "user_profile_id", "workspace_id")
"""What the SDK sends in headers."""


def _body(params: dict[str, Any]) -> dict[str, Any]:
    """A request with something of it in every example, whatever else is."""
    body = {key: value for key, value in params.items() if key not in _BESIDE_BODY}
    return {**body, "max_tokens": 4096, "messages": [QUESTION, *body["messages"]]}


@pytest.mark.parametrize("kind", _TYPES)
@given(data=st.data())
@settings(SLOW_IS_FINE, max_examples=300, suppress_health_check=[*HealthCheck], derandomize=True)
def test_what_the_sdk_s_types_allow_is_translated_or_refused_by_name(
    kind: str, data: st.DataObject
) -> None:
    body = _body(data.draw(_VALUES.of(_TYPES[kind])))
    model_id = data.draw(st.sampled_from(CHAT_MODELS))
    check_with(model_id, body)


@pytest.mark.parametrize("name", REQUESTS)
def test_every_model_takes_what_becomes_of_every_form_of_request(name: str) -> None:
    for model_id in CHAT_MODELS:
        check_with(model_id, REQUESTS[name])
        if family_of(model_id).tools:
            translated(REQUESTS[name], family_of(model_id))


@pytest.mark.parametrize("depth", [50, 99, 101, 10_000])
def test_depth_is_refused_by_name_or_survives_the_journey(depth: int) -> None:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"items": schema}
    body = request(tools=[{"name": "f", "input_schema": schema}])
    if depth < 100:
        assert_accepted(translated(body).body)
    else:
        with pytest.raises(ApiError) as refusal:
            translated(body)
        assert refusal.value.param == "tools[0].input_schema"
