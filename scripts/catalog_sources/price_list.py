"""Prices out of the AWS Price List's offer files for Bedrock.

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api-fetching-price-list-files-manually.html.
A price hangs on a usage type, of which there are three grammars:

    AmazonBedrock                   USE1-Claude2.0-input-tokens                       by 1K tokens
    AmazonBedrockFoundationModels   USE1-MP:USE1_CacheReadInputTokenCount_Global-Units   by 1M tokens
                                    USE1-MP:USE1_input_tokens_global_standard-Units

The first is quoted in https://github.com/aws/aws-cli/issues/9567; the others stand under a `servicename`
such as ``Claude Opus 5.5 (Amazon Bedrock Edition)``, older and newer models of Claude by one and by the
other. What the grammars here do not know (batches, reserved capacity, long prompts, other tiers) is left
out, never guessed.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

OFFERS = ("AmazonBedrock", "AmazonBedrockFoundationModels")
EDITION = " (Amazon Bedrock Edition)"

_PER_MILLION = {"1K tokens": 1000, "1M tokens": 1, "Units": 1}

_KINDS = {
    "inputtokencount": "input",
    "outputtokencount": "output",
    "cachereadinputtokencount": "cache_read",
    "cachewriteinputtokencount": "cache_write_5m",
    "cachewrite1hinputtokencount": "cache_write_1h",
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_tokens": "cache_read",
    "cache_write_tokens": "cache_write_5m",
    "cache_write_tokens_1h": "cache_write_1h",
}
_SCOPES = {"global": "global", "geo": "", "standard": ""}
"""What ends a usage type of a marketplace product, and the profiles that it tells of."""

_DASHED = {
    "-input-tokens": "input",
    "-output-tokens": "output",
    "-cache-read-input-token-count": "cache_read",
    "-cache-write-input-token-count": "cache_write_5m",
}


class Listed(NamedTuple):
    """A price of the list."""

    model: str
    """As the list calls it."""
    is_global: bool
    """Whether it is that of the profile for the whole world."""
    part: str
    usd: Decimal
    """For a million tokens."""


def url(offer: str, region: str) -> str:
    """Where an offer's prices in a Region are; public, and no small file."""
    return f"https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{offer}/current/{region}/index.json"


def read(offer: Mapping[str, Any]) -> Iterator[Listed]:
    """The on-demand prices of tokens in an offer file."""
    on_demand = offer["terms"].get("OnDemand", {})
    for sku, product in offer["products"].items():
        meant = _meaning(product["attributes"])
        usd = _usd(on_demand.get(sku, {}))
        if meant is not None and usd is not None:
            yield Listed(*meant, usd)


def _usd(terms: Mapping[str, Any]) -> Decimal | None:
    """USD for a million; None where there is not one price alone."""
    dimensions = [each for term in terms.values() for each in term["priceDimensions"].values()]
    if len(dimensions) != 1 or dimensions[0]["unit"] not in _PER_MILLION:
        return None
    usd = dimensions[0]["pricePerUnit"].get("USD")
    return Decimal(usd) * _PER_MILLION[dimensions[0]["unit"]] if usd else None


def _meaning(attributes: Mapping[str, str]) -> tuple[str, bool, str] | None:
    usage = attributes.get("usagetype", "")
    service = attributes.get("servicename", "")
    if service.endswith(EDITION) and usage.endswith("-Units"):
        kind = _marketplace(usage.removesuffix("-Units").rpartition(":")[2].lower())
        return (service.removesuffix(EDITION), *kind) if kind else None
    return _plain(usage)


def _marketplace(usage: str) -> tuple[bool, str] | None:
    """What ``use1_cache_read_tokens_global_standard`` says."""
    words = usage.split("_")[1:]
    scopes = []
    while words and words[-1] in _SCOPES:
        scopes.append(_SCOPES[words.pop()])
    part = _KINDS.get("_".join(words))
    return ("global" in scopes, part) if part else None


def _plain(usage: str) -> tuple[str, bool, str] | None:
    """What ``USE1-NovaPro-input-tokens`` says; nothing of any tier but the default one."""
    bare = usage.partition("-")[2].removesuffix("-standard")
    for ending, part in _DASHED.items():
        if bare.endswith(ending):
            return bare.removesuffix(ending), False, part
    return None
