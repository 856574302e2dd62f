"""Calls by an application inference profile, of which only Bedrock can say what it runs.

What the ledger charges is held to the bill, in which the simulated Bedrock prices a profile as what it was
made from.
"""

import json
from contextlib import closing
from typing import Any

import anthropic
import boto3
import openai
import pytest
from botocore.config import Config
from ledger.money import to_usd

from local.account import LOCAL_CREDENTIALS
from tests.support.billing import billed_calls
from tests.support.stack import LocalStack

PROFILES = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile"
SONNET_PROFILE, SONNET = f"{PROFILES}/simteam00003", "us.anthropic.claude-sonnet-4-6"
EMBED_PROFILE, EMBED = f"{PROFILES}/simteam00005", "us.cohere.embed-v4:0"
ALIAS = "team-claude"
"""The owner's name for `SONNET_PROFILE`."""

HI: list[Any] = [{"role": "user", "content": "Hi"}]


def asked_for(stack: LocalStack, profile: str) -> int:
    """How often Bedrock was asked what a profile runs."""
    wanted = {"operation": "GetInferenceProfile", "model": profile, "status": 200}
    return list(stack.bedrock_state()["seen"]).count(wanted)


def created(stack: LocalStack, source: str) -> str:
    """The ARN of a new profile of the account, made as its owner makes one."""
    access_key, secret_key, _ = LOCAL_CREDENTIALS
    client: Any = boto3.client(
        "bedrock",
        region_name="us-east-1",
        endpoint_url=stack.bedrock_url,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )
    with closing(client):
        answer = client.create_inference_profile(
            inferenceProfileName="team", modelSource={"copyFrom": source}
        )
    return str(answer["inferenceProfileArn"])


def by_chat(stack: LocalStack, key: str, model: str) -> str:
    with openai.OpenAI(base_url=f"{stack.proxy_url}/v1", api_key=key, max_retries=0) as client:
        completion = client.chat.completions.create(model=model, messages=HI)
    return completion.model


def by_responses(stack: LocalStack, key: str, model: str) -> str:
    with openai.OpenAI(base_url=f"{stack.proxy_url}/v1", api_key=key, max_retries=0) as client:
        return str(client.responses.create(model=model, input="Hi").model)


def by_messages(stack: LocalStack, key: str, model: str) -> str:
    with (
        anthropic.Anthropic(base_url=stack.proxy_url, api_key=key, max_retries=0) as client,
        client.messages.stream(model=model, max_tokens=50, messages=HI) as stream,
    ):
        return str(stream.get_final_message().model)


WAYS = {"chat": by_chat, "responses": by_responses, "messages": by_messages}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("model", [SONNET_PROFILE, ALIAS])
def test_a_call_by_a_profile_costs_what_its_model_costs(
    stack: LocalStack, model: str, way: str
) -> None:
    key = stack.new_key(credit_limit_usd="1", allowed_models=[model])
    with billed_calls(stack) as calls:
        assert WAYS[way](stack, key["key"], model) == model
    (billed,) = calls
    assert billed["model"] == SONNET
    account = stack.settled_account(key["id"])
    assert account["spent_usd"] == to_usd(billed["picodollars"])
    assert billed["picodollars"] > 0


def test_embeddings_by_a_profile_cost_what_its_model_costs(stack: LocalStack) -> None:
    key = stack.new_key()
    with (
        billed_calls(stack) as calls,
        openai.OpenAI(base_url=f"{stack.proxy_url}/v1", api_key=key["key"]) as client,
    ):
        answer = client.embeddings.create(model=EMBED_PROFILE, input=["Hi", "Ho"])
    assert len(answer.data) == 2
    assert {call["model"] for call in calls} == {EMBED}
    billed = sum(call["picodollars"] for call in calls)
    assert stack.settled_account(key["id"])["spent_usd"] == to_usd(billed)


@pytest.mark.parametrize(
    ("source", "priced_as"),
    [
        (
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
            "amazon.nova-micro-v1:0",
        ),
        (f"{PROFILES.replace('application-', '')}/{SONNET}", SONNET),
        (
            f"{PROFILES.replace('application-', '')}/global.anthropic.claude-sonnet-4-6",
            "global.anthropic.claude-sonnet-4-6",
        ),
    ],
)
def test_boto3_calls_a_new_profile_which_is_asked_for_once(
    tls_stack: LocalStack, monkeypatch: pytest.MonkeyPatch, source: str, priced_as: str
) -> None:
    profile = created(tls_stack, source)
    key = tls_stack.new_key()
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", key["key"])
    client: Any = boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=tls_stack.proxy_url,
        verify=tls_stack.ca_bundle,
        config=Config(retries={"total_max_attempts": 1}),
    )
    messages = [{"role": "user", "content": [{"text": "Hi"}]}]
    with closing(client), billed_calls(tls_stack) as calls:
        for _ in range(5):
            client.converse(modelId=profile, messages=messages)
        list(client.converse_stream(modelId=profile, messages=messages)["stream"])
    assert [call["model"] for call in calls] == [priced_as] * 6
    billed = sum(call["picodollars"] for call in calls)
    assert tls_stack.settled_account(key["id"])["spent_usd"] == to_usd(billed)
    # Requests one after the other have one process serve them, unless that is still settling.
    assert 1 <= asked_for(tls_stack, profile) <= len(tls_stack.router_pids())


def test_the_log_names_the_model_that_a_profile_runs(stack: LocalStack) -> None:
    key = stack.new_key()
    by_chat(stack, key["key"], SONNET_PROFILE)
    stack.settled_account(key["id"])
    lines = [
        line for line in stack.logs().splitlines() if line.startswith("{") and key["id"] in line
    ]
    (line,) = map(json.loads, lines)
    assert (line["model"], line["Model"]) == (SONNET, SONNET)
