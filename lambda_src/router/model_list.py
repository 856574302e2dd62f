"""The models a key may use, and how OpenAI's API tells of them.

https://platform.openai.com/docs/api-reference/models/object, with what the catalog knows of a model
as further members.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from catalog.models import Catalog, Model, Target, base_id, provider
from catalog.pricing import Price, Rates
from ledger.money import to_usd
from ledger.updates import allows

CREATED = 0
"""The catalog has no release dates, and SDKs want an integer."""

_FOR_EMBEDDINGS = ("input",)

Patterns = frozenset[str] | None
"""A key's list of globs; None allows every model."""


class Found(NamedTuple):
    """A model that a key may use, by one of its names or ids."""

    requested: str
    target: Target
    model: Model | None
    """None for an owner's alias of what the catalog does not know."""
    is_owners: bool
    """Whether the owner of the stack has named it so."""


def find_all(catalog: Catalog, allowed: Patterns) -> list[Found]:
    """The models that the key may use, those of the owner's own aliases first."""
    names = [*catalog.owner_aliases, *_names(catalog, allowed)]
    found = [find(catalog, name, allowed) for name in names]
    return [entry for entry in found if entry is not None]


def find(catalog: Catalog, requested: str, allowed: Patterns) -> Found | None:
    """The model behind any name or id; None where there is none that the key may use."""
    target = catalog.resolve(requested)
    is_owners = requested in catalog.owner_aliases
    if not (target.priced or is_owners) or not _may_use(catalog, requested, allowed):
        return None
    return Found(requested, target, _model(catalog, target), is_owners)


def rows(catalog: Catalog, allowed: Patterns) -> list[dict[str, Any]]:
    """All of them in OpenAI's shape."""
    return [_row(catalog, found, allowed) for found in find_all(catalog, allowed)]


def row(catalog: Catalog, requested: str, allowed: Patterns) -> dict[str, Any] | None:
    """One of them in OpenAI's shape, as `find` finds it."""
    found = find(catalog, requested, allowed)
    return None if found is None else _row(catalog, found, allowed)


def _row(catalog: Catalog, found: Found, allowed: Patterns) -> dict[str, Any]:
    requested, target, model, is_owners = found
    entry: dict[str, Any] = {
        "id": requested,
        "object": "model",
        "created": CREATED,
        "owned_by": "alias" if is_owners else provider(target.runs),
        "target": target.model_id,
        "context_window": target.context_window,
        "max_output_tokens": target.max_output_tokens or None,
        "pricing": _pricing(target, model),
    }
    if model is not None:
        names = (model.name, *model.aliases)
        others = [name for name in names if name != requested]
        entry["aliases"] = [name for name in others if _may_use(catalog, name, allowed)]
        entry["capabilities"] = list(model.capabilities)
    return entry


def _names(catalog: Catalog, allowed: Patterns) -> Iterator[str]:
    """For each model the first of its names, or else of its ids, that the key's list has.

    A name that the owner has given to another model is no longer its own.
    """
    for model in catalog.models:
        for name in (model.name, *model.aliases, catalog.local_id(model), *model.ids):
            if name not in catalog.owner_aliases and allows(
                allowed, (name, catalog.resolve(name).model_id)
            ):
                yield name
                break


def _may_use(catalog: Catalog, requested: str, allowed: Patterns) -> bool:
    return allows(allowed, catalog.resolve(requested).called)


def _model(catalog: Catalog, target: Target) -> Model | None:
    base = base_id(target.listed_as or "")
    return next((model for model in catalog.models if base_id(model.ids[0]) == base), None)


def _pricing(target: Target, model: Model | None) -> dict[str, Any]:
    """What is charged in the default service tier, and in those with prices of their own."""
    if target.price.request:
        return {"unit": "USD per request", "request": to_usd(target.price.request)}
    embeds = model is not None and "chat" not in model.capabilities
    parts = _FOR_EMBEDDINGS if embeds else Rates._fields
    default = _prices(*target.price_in("default"), parts)
    prices = {"unit": "USD per million tokens", **default}
    if not embeds:
        tiers = {tier: _prices(*target.price_in(tier), parts) for tier in target.tiers}
        prices["service_tiers"] = {tier: own for tier, own in tiers.items() if own != default}
    return prices


def _prices(price: Price, percent: int, parts: tuple[str, ...]) -> dict[str, Any]:
    def of(rates: Rates) -> dict[str, Any]:
        # A rate is in picodollars for one token, a percentage of it for a million is 10^4 as much.
        return {part: to_usd(getattr(rates, part) * percent * 10**4) for part in parts}

    prices = of(price.base)
    if price.above:
        prices["context_tiers"] = [
            {"above_prompt_tokens": threshold, **of(rates)} for threshold, rates in price.above
        ]
    return prices
