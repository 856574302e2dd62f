"""What a usage type says: of which Region, which model and which tokens a charge of Bedrock is.

The same names stand on the bill (Cost Explorer, Cost and Usage Reports) and in the AWS Price List, in
three grammars that are used side by side:

    USE1-Claude4.6Sonnet-output-tokens-cross-region-global            https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html
    USE1-openai.gpt-oss-120b-mantle-input-tokens-standard             the same page
    USW2-MP:USW2_CacheWrite1hInputTokenCount_Global-Units             AWS Marketplace, Claude up to 4.6
    USW2-MP:USW2_cache_write_tokens_1h_global_standard-Units          AWS Marketplace, newer models

On AWS Marketplace the model is the service: ``Claude Opus 5.5 (Amazon Bedrock Edition)``.
"""

import re
from typing import Final, NamedTuple

EDITION = " (Amazon Bedrock Edition)"

REGIONS: Final = {
    "USE1": "us-east-1",
    "USE2": "us-east-2",
    "USW1": "us-west-1",
    "USW2": "us-west-2",
    "UGE1": "us-gov-east-1",
    "UGW1": "us-gov-west-1",
    "CAN1": "ca-central-1",
    "CAN2": "ca-west-1",
    "MXC1": "mx-central-1",
    "SAE1": "sa-east-1",
    "EU": "eu-west-1",
    "EUW1": "eu-west-1",
    "EUW2": "eu-west-2",
    "EUW3": "eu-west-3",
    "EUC1": "eu-central-1",
    "EUC2": "eu-central-2",
    "EUN1": "eu-north-1",
    "EUS1": "eu-south-1",
    "EUS2": "eu-south-2",
    "APE1": "ap-east-1",
    "APE2": "ap-east-2",
    "APN1": "ap-northeast-1",
    "APN2": "ap-northeast-2",
    "APN3": "ap-northeast-3",
    "APS1": "ap-southeast-1",
    "APS2": "ap-southeast-2",
    "APS3": "ap-south-1",
    "APS4": "ap-southeast-3",
    "APS5": "ap-south-2",
    "APS6": "ap-southeast-4",
    "APS7": "ap-southeast-5",
    "APS8": "ap-southeast-6",
    "APS9": "ap-southeast-7",
    "MES1": "me-south-1",
    "MEC1": "me-central-1",
    "ILC1": "il-central-1",
    "AFS1": "af-south-1",
}
"""Billing code → Region:
https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-region-billing-codes.html"""

_TOKENS = (
    r"(?:cache[-_]?(?:read|write(?:1h)?)[-_]?(?:input[-_]?)?|input[-_]?|output[-_]?)"
    r"token(?:s|[-_]?count)"
)
_RUNTIME = re.compile(
    rf"(?P<model>.+?)-(?-i:text-)?(?:(?P<tokens>{_TOKENS})|(?:in|out)put|search-?units)(?P<rest>|[-_].*)",
    re.IGNORECASE,
)
_MARKETPLACE = re.compile(rf"(?P<tokens>{_TOKENS})(?P<rest>|[-_].*)", re.IGNORECASE)
_WORD = re.compile(r"\d+[a-z]*|[A-Z]?[a-z]+|[A-Z]+")

_PARTS = {
    "cacheread": "cache_read",
    "cachewrite1h": "cache_write_1h",
    "cachewrite": "cache_write_5m",
    "input": "input",
    "output": "output",
}


class BilledUsage(NamedTuple):
    """What a usage type says."""

    region: str
    """"" where its code is not known."""
    model: str
    """As AWS calls it here; "" where it names none."""
    part: str
    """The part of `catalog.pricing.Usage` that it counts; "" where it counts anything else."""
    words: frozenset[str]
    """What else it says, in lower case: ``global``, ``batch``, ``priority``, ``1h``."""


def read(service: str, usage_type: str) -> BilledUsage:
    """What a usage type of a service says; every text says something."""
    code, _, rest = usage_type.partition("-")
    region = REGIONS.get(code, "")
    if service.endswith(EDITION):
        # MP:USE1_input_tokens_standard-Units
        counted = rest.partition(":")[2].partition("_")[2].removesuffix("-Units") or rest
        found = _MARKETPLACE.fullmatch(counted)
        model = service.removesuffix(EDITION)
    else:
        counted = rest
        found = _RUNTIME.fullmatch(counted)
        model = found["model"] if found else ""
    words = frozenset(map(str.lower, _WORD.findall(found["rest"] if found else counted)))
    return BilledUsage(region, model, _part(found["tokens"] if found else None, words), words)


def _part(tokens: str | None, words: frozenset[str]) -> str:
    if not tokens:
        return ""
    text = tokens.lower().replace("-", "").replace("_", "")
    part = next(part for begins, part in _PARTS.items() if text.startswith(begins))
    return "cache_write_1h" if part == "cache_write_5m" and "1h" in words else part
