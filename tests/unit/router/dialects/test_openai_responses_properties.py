"""Whatever a client sends is either refused with a 400 or becomes what Converse accepts."""

from typing import Any

import pytest
from catalog.families import UNKNOWN, Family, family_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from router.errors import ApiError

from tests.support.converse import CHAT_MODELS, assert_accepted, refusal_by
from tests.support.damage import damaged
from tests.support.json_values import ANY_JSON, CHARACTERS
from tests.support.responses import Translated, translated, written
from tests.support.responses_requests import REQUESTS


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


SLOW_IS_FINE = settings(suppress_health_check=[HealthCheck.too_slow])


@given(
    st.dictionaries(
        st.sampled_from(["model", "input", "tools", "text"]) | st.text(CHARACTERS, max_size=5),
        ANY_JSON,
    )
)
@SLOW_IS_FINE
def test_any_json_is_refused_or_translated(body: Any) -> None:
    found = check(body)
    if found is not None:
        assert_accepted(found.body)


OF_THE_MODELS_OWN = (
    # Not every model takes every kind of media.
    "doesn't support the image content block",
    "doesn't support the document content block",
    "doesn't support the audio content block",
    # Nor has every model every service tier.
    "The service tier ",
)


@given(st.sampled_from(CHAT_MODELS), damaged(list(REQUESTS.values())))
@settings(SLOW_IS_FINE, max_examples=300)
def test_no_model_finds_anything_to_refuse_in_what_becomes_of_a_damaged_request(
    model_id: str, body: Any
) -> None:
    found = check(body, family_of(model_id)) if isinstance(body, dict) else None
    if found is None or "https:" in repr(body) or "passed on" in repr(found.changes):
        # What is still to be fetched is not in the body, and what a client passes on is between it
        # and the model.
        return
    refusal = refusal_by(model_id, found.body)
    assert refusal is None or any(words in refusal for words in OF_THE_MODELS_OWN)


@given(damaged(list(REQUESTS.values())))
@settings(SLOW_IS_FINE, max_examples=100)
def test_what_a_response_repeats_of_any_request_can_be_sent(body: Any) -> None:
    if isinstance(body, dict) and check(body) is not None:
        assert written([("messageStop", {"stopReason": "end_turn"})], body)


@pytest.mark.parametrize("depth", [50, 97, 101, 10_000])
def test_depth_is_refused_by_name_or_survives_the_journey(depth: int) -> None:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"items": schema}
    body = {
        "model": "m",
        "input": "Go.",
        "tools": [{"type": "function", "name": "f", "parameters": schema}],
    }
    if depth < 100:
        assert_accepted(translated(body).body)
        assert written([("messageStop", {"stopReason": "end_turn"})], body)
    else:
        with pytest.raises(ApiError) as refusal:
            translated(body)
        assert refusal.value.param == "tools[0].parameters"
