"""Usage types as AWS and its customers write them are read alike, whichever of the grammars they follow.

Where each stands: the Bedrock user guide's page on Cost and Usage Reports
(https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html), the tests of
https://github.com/grafana/cloudcost-exporter (pkg/aws/bedrock/bedrock_test.go), and
https://github.com/awssteph/reinvent25-cop401 (BedrockCostAllocation.sql). Seen on 2026-11-23.
"""

import pytest
from console.usage_types import REGIONS, BilledUsage, read
from hypothesis import given
from hypothesis import strategies as st

RUNTIME = "Amazon Bedrock"
OPUS = "Claude Opus 5.5 (Amazon Bedrock Edition)"


def said(region: str, model: str, part: str, *words: str) -> BilledUsage:
    return BilledUsage(region, model, part, frozenset(words))


@pytest.mark.parametrize(
    ("usage_type", "expected"),
    [
        (
            "USE1-openai.gpt-oss-120b-mantle-input-tokens-standard",
            said("us-east-1", "openai.gpt-oss-120b-mantle", "input", "standard"),
        ),
        (
            "USE1-gpt-oss-120b-output-tokens-priority",
            said("us-east-1", "gpt-oss-120b", "output", "priority"),
        ),
        ("USE1-Nova2.0Lite-input-tokens-flex", said("us-east-1", "Nova2.0Lite", "input", "flex")),
        ("USE1-Claude4.6Sonnet-input-tokens", said("us-east-1", "Claude4.6Sonnet", "input")),
        (
            "USE1-Claude4.6Sonnet-cache-read-input-token-count",
            said("us-east-1", "Claude4.6Sonnet", "cache_read"),
        ),
        (
            "USE1-Claude4.6Sonnet-output-tokens-cross-region-global",
            said("us-east-1", "Claude4.6Sonnet", "output", "cross", "region", "global"),
        ),
        (
            "USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global",
            said("us-east-1", "Nova2.0Pro", "input", "priority", "cross", "region", "global"),
        ),
        (
            "USE1-Nova2.0Pro-input-image-token-count-cross-region-global",
            said(
                *("us-east-1", "Nova2.0Pro", ""),
                *("image", "token", "count", "cross", "region", "global"),
            ),
        ),
        (
            "USE1-NovaPro-cache-write-input-token-count-custom-model",
            said("us-east-1", "NovaPro", "cache_write_5m", "custom", "model"),
        ),
        (
            "USE1-Llama4-Maverick-17B-input-tokens-batch",
            said("us-east-1", "Llama4-Maverick-17B", "input", "batch"),
        ),
        (
            "USW2-anthropic.claude-sonnet-5-mantle-cache-write-tokens-1h-standard",
            said(
                "us-west-2", "anthropic.claude-sonnet-5-mantle", "cache_write_1h", "1h", "standard"
            ),
        ),
        ("USW2-AmazonRerank-v1-searchunits", said("us-west-2", "AmazonRerank-v1", "")),
        (
            "USE1-cohere.rerank-english-v3-search-units",
            said("us-east-1", "cohere.rerank-english-v3", ""),
        ),
        (
            "EU-TitanEmbeddingV2-Text-input-tokens",
            said("eu-west-1", "TitanEmbeddingV2-Text", "input"),
        ),
        ("EUW1-Claude4.6Sonnet-input-tokens", said("eu-west-1", "Claude4.6Sonnet", "input")),
        (
            "USE1-Guardrail-AutomatedReasoningPolicyUnitsConsumed",
            said(
                *("us-east-1", "", "", "guardrail", "automated", "reasoning", "policy", "units"),
                "consumed",
            ),
        ),
        ("XYZ9-Claude4.6Sonnet-input-tokens", said("", "Claude4.6Sonnet", "input")),
        ("nothing", said("", "", "")),
    ],
)
def test_a_usage_type_of_bedrock_itself(usage_type: str, expected: BilledUsage) -> None:
    assert read(RUNTIME, usage_type) == expected


@pytest.mark.parametrize(
    ("usage_type", "part", "words"),
    [
        ("USW2-MP:USW2_output_tokens_standard-Units", "output", {"standard"}),
        ("USW2-MP:USW2_input_tokens_global_standard-Units", "input", {"global", "standard"}),
        (
            "USW2-MP:USW2_output_tokens_long_ctx_standard-Units",
            "output",
            {"long", "ctx", "standard"},
        ),
        ("USW2-MP:USW2_cache_read_tokens_standard-Units", "cache_read", {"standard"}),
        (
            "USW2-MP:USW2_cache_write_tokens_1h_global_standard-Units",
            "cache_write_1h",
            {"1h", "global", "standard"},
        ),
        (
            "USW2-MP:USW2_cache_write_tokens_30m_standard-Units",
            "cache_write_5m",
            {"30m", "standard"},
        ),
        ("USW2-MP:USW2_InputTokenCount-Units", "input", set()),
        ("USW2-MP:USW2_InputTokenCount_Global_Batch-Units", "input", {"global", "batch"}),
        ("USW2-MP:USW2_CacheReadInputTokenCount-Units", "cache_read", set()),
        ("USW2-MP:USW2_CacheWriteInputTokenCount-Units", "cache_write_5m", set()),
        ("USW2-MP:USW2_CacheWrite1hInputTokenCount_Global-Units", "cache_write_1h", {"global"}),
        ("USW2-MP:USW2_created_image-Units", "", {"created", "image"}),
        ("USW2-MP:USW2_search_units-Units", "", {"search", "units"}),
        (
            "USW2-MP:USW2_ProvisionedThroughput_1MonthCommit_ModelUnits_Usage-Units",
            "",
            {"provisioned", "throughput", "1", "month", "commit", "model", "units", "usage"},
        ),
    ],
)
def test_a_usage_type_of_aws_marketplace(usage_type: str, part: str, words: set[str]) -> None:
    assert read(OPUS, usage_type) == said("us-west-2", "Claude Opus 5.5", part, *words)


@given(st.text(), st.text())
def test_any_text_says_something(service: str, usage_type: str) -> None:
    usage = read(service, usage_type)
    assert usage.region in {"", *REGIONS.values()}
    assert usage.part in {"", "input", "output", "cache_read", "cache_write_5m", "cache_write_1h"}
