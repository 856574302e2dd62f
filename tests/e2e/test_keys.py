"""A key's life, from the console to the router."""

import pytest

from tests.support.stack import LocalStack

CHAT = "/v1/chat/completions"
HELLO = {"model": "claude-sonnet-5-5", "messages": [{"role": "user", "content": "Hi"}]}


def test_a_key_works_at_once_changes_at_once_and_ends_at_once(stack: LocalStack) -> None:
    console = stack.console()
    terms = {"name": "a key", "credit_limit_usd": "5", "limit_period": "month"}
    key = console.post("/api/keys", json=terms).json()
    proxy = stack.proxy(key["key"])
    path = f"/api/keys/{key['id']}"

    assert proxy.post(CHAT, json=HELLO).status_code == 200
    account = proxy.get("/v1/key").json()
    assert account["spent_usd"] == console.get(path).json()["spent_usd"] != "0"

    assert console.patch(path, json={"allowed_models": ["nova-*"]}).status_code == 200
    assert proxy.post(CHAT, json=HELLO).status_code == 403
    assert console.patch(path, json={"allowed_models": ["claude-*"]}).status_code == 200
    assert proxy.post(CHAT, json=HELLO).status_code == 200

    assert console.patch(path, json={"credit_limit_usd": "0"}).status_code == 200
    assert proxy.post(CHAT, json=HELLO).status_code == 402

    assert console.delete(path).status_code == 204
    assert proxy.post(CHAT, json=HELLO).status_code == 401


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "api-key"])
def test_a_key_is_taken_from_three_headers(stack: LocalStack, header: str) -> None:
    key = stack.api_key
    headers = {header: f"Bearer {key}" if header == "authorization" else key}
    assert stack.proxy(None).get("/v1/key", headers=headers).status_code == 200


def test_requests_per_minute_are_counted_and_refused_with_a_time_to_return(
    stack: LocalStack,
) -> None:
    proxy = stack.proxy(stack.new_key(requests_per_minute=2)["key"])
    answers = [proxy.post(CHAT, json=HELLO) for _ in range(6)]
    statuses = [answer.status_code for answer in answers]
    # A minute may end on the way, and then two more are let through.
    assert 2 <= statuses.count(200) <= 4
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 0 < int(refused.headers["retry-after"]) <= 60


def test_the_planes_keep_to_themselves(stack: LocalStack) -> None:
    assert stack.proxy().get("/api/keys").status_code == 404
    assert stack.console().post(CHAT, json=HELLO).status_code == 404
    assert stack.console(stack.api_key).get("/api/keys").status_code == 401
    assert stack.proxy(stack.admin_key).get("/v1/key").status_code == 401


def test_the_owners_alias_serves_a_client_with_a_fixed_model_name(stack: LocalStack) -> None:
    answer = stack.proxy().post(CHAT, json=HELLO | {"model": "gpt-5"})
    assert answer.json()["model"] == "gpt-5"
    assert stack.bedrock_state()["seen"][-1]["model"] == "us.amazon.nova-lite-v1:0"
    assert "gpt-5" in [row["id"] for row in stack.proxy().get("/v1/models").json()["data"]]
