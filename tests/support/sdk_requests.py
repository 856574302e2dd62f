"""Requests as the types of OpenAI's Python SDK allow them."""

from typing import Any

from hypothesis import strategies as st
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.embedding_create_params import EmbeddingCreateParams
from openai.types.responses.response_create_params import ResponseCreateParams

from tests.support.openai_requests import (
    CHAT,
    CSV,
    EMBEDDINGS,
    IMAGE,
    REMOTE_IMAGE,
    REMOTE_TEXT,
    RESPONSES,
    SCHEMA,
    WAV,
    models_for,
)
from tests.support.sdk_values import SdkValues

_IDS = st.sampled_from(["call_1", "call_2"])

_TEXTS = {
    "arguments": st.sampled_from(['{"city":"Rome"}', "{}", "", "no JSON", '"text"']),
    "call_id": _IDS,
    "data": st.sampled_from([WAV, "AAAA", "%"]),
    "file_data": st.sampled_from([CSV, "YSxi", "%"]),
    "file_url": st.sampled_from([REMOTE_TEXT, "https://nowhere.test/"]),
    "filename": st.sampled_from(["a.csv", "b.txt", "c.exe", "../../d.pdf"]),
    "id": _IDS,
    "image_url": st.sampled_from([IMAGE, REMOTE_IMAGE, "https://nowhere.test/", "no URL"]),
    "name": st.sampled_from(["weather", "files.read", "x" * 65]),
    "tool_call_id": _IDS,
    "ttl": st.sampled_from(["5m", "1h", "30m"]),
    "url": st.sampled_from([IMAGE, REMOTE_IMAGE, "https://nowhere.test/", "no URL"]),
}
"""Strings that mean something, by the member they are for."""

_VALUES = SdkValues(_TEXTS, {"parameters": st.just(SCHEMA), "schema": st.just(SCHEMA)})

_TYPES: dict[str, Any] = {
    CHAT: CompletionCreateParams,
    RESPONSES: ResponseCreateParams,
    EMBEDDINGS: EmbeddingCreateParams,
}


def sdk_requests(path: str) -> st.SearchStrategy[dict[str, Any]]:
    """Whatever the SDK's types allow, for a model that there is."""
    model = st.sampled_from(models_for(path))
    return st.builds(lambda body, name: {**body, "model": name}, _VALUES.of(_TYPES[path]), model)
