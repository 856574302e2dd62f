"""Prices out of the AWS Price List's offer files for Bedrock.

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api-fetching-price-list-files-manually.html.
A price hangs on a usage type (`console.usage_types`); by 1K tokens in one offer, by 1M in the other, as
https://github.com/aws/aws-cli/issues/9567 quotes. Prices that are not those of tokens in the default
tier (batches, reserved capacity, long prompts, other tiers) are left out, never guessed.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from console import usage_types

OFFERS = ("AmazonBedrock", "AmazonBedrockFoundationModels")
_PER_MILLION = {"1K tokens": 1000, "1M tokens": 1, "Units": 1}

_PLAIN = frozenset({"standard", "geo", "1h"})
"""What a usage type may say of a price of the default tier."""
_WORLDWIDE = (frozenset({"global"}), frozenset({"cross", "region", "global"}))


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
    usage = usage_types.read(attributes.get("servicename", ""), attributes.get("usagetype", ""))
    said = usage.words - _PLAIN
    if not usage.part or (said and said not in _WORLDWIDE):
        return None
    return usage.model, bool(said), usage.part
