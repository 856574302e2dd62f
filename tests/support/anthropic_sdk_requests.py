"""Requests as the types of Anthropic's Python SDK allow them."""

import base64
from typing import Any

from anthropic.types.beta.message_create_params import MessageCreateParams as BetaParams
from anthropic.types.message_create_params import MessageCreateParams
from hypothesis import strategies as st

from tests.support.anthropic_native_requests import (
    HI,
    OF_ANOTHER_MODEL,
    REDACTED,
    SCHEMA,
    SIGNED,
    Json,
)
from tests.support.openai_requests import REMOTE_IMAGE, REMOTE_TEXT
from tests.support.sdk_values import SdkValues
from tests.support.whole_router import PIXEL

_PIXEL = base64.b64encode(PIXEL).decode()

_NAMES = st.sampled_from(["weather", "clock"])
_IDS = st.sampled_from(["toolu_1", "toolu_2"])
_URLS = st.sampled_from(
    [REMOTE_IMAGE, REMOTE_TEXT, "https://nowhere.test/", "http://a.test/", "no URL"]
)

_TEXTS = {
    "anthropic_beta": st.sampled_from(["interleaved-thinking-2025-05-14", "no-such-beta"]),
    "betas": st.sampled_from(["context-1m-2025-08-07", "effort-2025-11-24", "no-such-beta"]),
    "data": st.sampled_from([_PIXEL, str(REDACTED["data"]), OF_ANOTHER_MODEL, "Seven.", "%"]),
    "id": _IDS,
    "name": _NAMES,
    "signature": st.sampled_from([str(SIGNED["signature"]), OF_ANOTHER_MODEL, "", "AAAA"]),
    "thinking": st.sampled_from(["Hm.", "", "So"]),
    "tool_name": _NAMES,
    "tool_use_id": _IDS,
    "url": _URLS,
}
"""Strings that mean something, by the member they are for."""

_VALUES = SdkValues(_TEXTS, {"input_schema": st.just(SCHEMA), "schema": st.just(SCHEMA)})

_TYPES: dict[str, Any] = {"general": MessageCreateParams, "beta": BetaParams}

KINDS = tuple(_TYPES)


def message_requests(kind: str, models: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Whatever the SDK's types allow, for one of the models; `kind` is one of `KINDS`."""
    return st.builds(
        _sent,
        _VALUES.of(_TYPES[kind]),
        st.sampled_from(models),
        st.sampled_from([4096, 4096, 64, 1, 0, 2**63]),
        st.sampled_from([[HI], [HI], []]),
    )


def _sent(body: Json, model: str, limit: int, before: list[Json]) -> Json:
    """The body, with what most others would be refused without."""
    return {
        **body,
        "model": model,
        "max_tokens": limit,
        "messages": [*before, *body["messages"]],
    }
