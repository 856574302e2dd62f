"""AWS's names for models lead to the catalog's models, and none to a wrong one."""

import pytest
from catalog import models
from console import billed_names
from console.billed_names import BilledNames


@pytest.fixture(scope="module")
def names() -> BilledNames:
    return billed_names.load(models.load("us-east-1"))


@pytest.mark.parametrize(
    ("billed", "model_id"),
    [
        ("Claude Opus 5.5", "anthropic.claude-opus-5-5"),
        ("Claude Fable 5.1", "anthropic.claude-fable-5-1"),
        ("Claude Sonnet 4.6", "anthropic.claude-sonnet-4-6"),
        ("Claude 4.6 Sonnet", "anthropic.claude-sonnet-4-6"),
        ("Claude4.6Sonnet", "anthropic.claude-sonnet-4-6"),
        ("Claude4.5Haiku", "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("Claude Opus 4.6", "anthropic.claude-opus-4-6-v1"),
        ("Claude Opus 4", "anthropic.claude-opus-4-20250514-v1:0"),
        ("Claude 3.5 Haiku", "anthropic.claude-3-5-haiku-20241022-v1:0"),
        ("Claude3Haiku", "anthropic.claude-3-haiku-20240307-v1:0"),
        ("Claude2.0", "anthropic.claude-v2"),
        ("anthropic.claude-opus-4-8-mantle", "anthropic.claude-opus-4-8"),
        ("NovaPro", "amazon.nova-pro-v1:0"),
        ("NovaMicro", "amazon.nova-micro-v1:0"),
        ("Nova2.0Lite", "amazon.nova-2-lite-v1:0"),
        ("Llama3-1-405B", "meta.llama3-1-405b-instruct-v1:0"),
        ("Llama4-Maverick-17B", "meta.llama4-maverick-17b-instruct-v1:0"),
        ("openai.gpt-oss-120b-mantle", "openai.gpt-oss-120b-1:0"),
        ("gpt-oss-20b", "openai.gpt-oss-20b-1:0"),
        ("GPT-OSS-Safeguard-20B", "openai.gpt-oss-safeguard-20b"),
        ("OpenAI GPT-5.6 Sol", "openai.gpt-5.6-sol"),
        ("xai.grok-4.7-mantle", "xai.grok-4.7"),
        ("moonshotai.kimi-k3-mantle", "moonshotai.kimi-k3"),
        ("MoonshotAIKimiK3", "moonshotai.kimi-k3"),
        ("Gemma-3-4B-IT", "google.gemma-3-4b-it"),
        ("Qwen3 Coder 480B A35B", "qwen.qwen3-coder-480b-a35b-v1:0"),
        ("DeepSeek v3.2", "deepseek.v3.2"),
        ("R1", "deepseek.r1-v1:0"),
        ("Mixtral 8x7B", "mistral.mixtral-8x7b-instruct-v0:1"),
        ("Cohere Rerank v3.5", "cohere.rerank-v3-5:0"),
        ("AmazonRerank-v1", "amazon.rerank-v1:0"),
        ("Cohere Embed 4 Model", "cohere.embed-v4:0"),
        ("TitanEmbeddingV2-Text", "amazon.titan-embed-text-v2:0"),
        ("Jamba 1.5 Large", "ai21.jamba-1-5-large-v1:0"),
        ("Palmyra X5", "writer.palmyra-x5-v1:0"),
    ],
)
def test_a_name_of_aws_is_a_model(names: BilledNames, billed: str, model_id: str) -> None:
    found = names.find(billed)
    assert found is not None
    assert found is names.of_id(model_id)


@pytest.mark.parametrize(
    "billed",
    ["", "Claude", "Nova", "Llama", "openai", "Unknown Model", "BedrockKnowledgeBase", "Claude 9"],
)
def test_a_name_that_is_not_a_models_is_none(names: BilledNames, billed: str) -> None:
    assert names.find(billed) is None


def test_each_model_is_found_by_the_catalogs_own_name(names: BilledNames) -> None:
    for model in models.load("us-east-1").models:
        assert names.find(model.name) == model


def test_a_geography_makes_no_other_model(names: BilledNames) -> None:
    assert names.of_id("us.amazon.nova-pro-v1:0") is names.of_id("amazon.nova-pro-v1:0")
    assert names.of_id("acme.unknown") is None
