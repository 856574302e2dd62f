"""An image of a GPT keeps its size and costs up to 36,000 tokens, whatever protocol it came by."""

import json
from typing import Any

import pytest
from router.routes import handle

from tests.support.router import Router
from tests.support.upstream import said

GPT = "us.openai.gpt-6.1-sol"
URL = "https://example.com/a.png"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
DATA = f"data:image/png;base64,{PIXEL}"

REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": (
        "/v1/chat/completions",
        {
            "model": GPT,
            "max_completion_tokens": 16,
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": DATA}}]}
            ],
        },
    ),
    "responses": (
        "/v1/responses",
        {
            "model": GPT,
            "max_output_tokens": 16,
            "input": [{"role": "user", "content": [{"type": "input_image", "image_url": DATA}]}],
        },
    ),
    "converse": (
        f"/model/{GPT}/converse",
        {
            "inferenceConfig": {"maxTokens": 16},
            "messages": [
                {
                    "role": "user",
                    "content": [{"image": {"format": "png", "source": {"bytes": PIXEL}}}],
                }
            ],
        },
    ),
}


@pytest.mark.parametrize("protocol", REQUESTS)
def test_an_image_of_a_gpt_is_reserved_for_in_full(router: Router, protocol: str) -> None:
    path, body = REQUESTS[protocol]
    router.bedrock_says(said({"message": "refused"}, 400))
    handle(router.services, router.request("POST", path, body=body))
    target = router.services.catalog.resolve(GPT)
    (reserved,) = router.reserved()
    assert reserved >= target.most(36_000 + len(json.dumps(body)) // 2, 16, "default")
