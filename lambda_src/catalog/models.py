"""The catalog: which models there are, what they are called, and what they cost.

It names and prices models and is no whitelist: an id it does not know goes to Bedrock as it is and
is charged at the fallback price. ``models.json`` holds the facts, ``vendors/`` those of the makers'
own APIs; `aliases` given by the owner of the stack come before its own.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from catalog.arns import named_model
from catalog.names import bare_name, claude_name, without_window
from catalog.pricing import (
    Price,
    Usage,
    affordable,
    cache_savings,
    cost,
    in_region,
    least,
    most,
    parse_price,
)

GEOGRAPHIES = ("global", "us", "eu", "apac", "jp", "au", "in", "ca", "us-gov")

_MOST_KEPT = 1000

REGION_GEOGRAPHIES = (
    ("us-gov-", ("us-gov",)),
    ("us-", ("us", "global")),
    ("ca-", ("ca", "us", "global")),
    ("eu-", ("eu", "global")),
    ("ap-northeast-1", ("jp", "apac", "global")),
    ("ap-northeast-3", ("jp", "apac", "global")),
    ("ap-southeast-2", ("au", "apac", "global")),
    ("ap-southeast-4", ("au", "apac", "global")),
    ("ap-south-", ("in", "apac", "global")),
    ("ap-", ("apac", "global")),
)


UNPRICED = "other"
"""What every model is counted as that the catalog does not know."""


class Model(NamedTuple):
    """One model as the catalog knows it, with the foundation model and profile `ids` it runs under."""

    name: str
    aliases: tuple[str, ...]
    ids: tuple[str, ...]
    context_window: int
    max_output_tokens: int
    capabilities: tuple[str, ...]
    end_of_life: str = ""
    """The date, as ``2027-03-30``, from which Bedrock no longer runs it; "" where none is known."""


class Target(NamedTuple):
    """What a requested name stands for: the id Bedrock is called with, its price and its limits."""

    requested: str
    model_id: str
    runs: str
    """The id of the model or the profile inside `model_id`, by which a model's family is known; `model_id`
    itself where that is the ARN of what hides its model."""
    price: Price
    context_window: int
    max_output_tokens: int
    listed_as: str | None
    """The catalog's own id for it; None when it has none, and the fallback is charged."""
    tier_percents: Mapping[str, int]
    """What each service tier costs, of the default tier's price."""
    names: tuple[str, ...] = ()
    """The catalog's own names for it: none for a profile of another geography than they stand for."""

    @property
    def called(self) -> tuple[str, ...]:
        """All that it is called, by the client and by others: a key that allows one allows the model."""
        return (self.requested, self.model_id, *self.names)

    @property
    def priced(self) -> bool:
        """Whether the catalog has a price for it."""
        return self.listed_as is not None

    @property
    def charged_as(self) -> str:
        """The id whose price is charged: never text of the client's, as names and ARNs may be any."""
        return self.listed_as or UNPRICED

    def cost(self, usage: Usage, tier: str) -> int:
        """Picodollars of a call that was served in that tier."""
        return cost(usage, *self.price_in(tier))

    def cache_savings(self, usage: Usage, tier: str) -> int:
        """Picodollars that caching saved a call which was served in that tier; negative for a loss."""
        return cache_savings(usage, *self.price_in(tier))

    def most(self, prompt_tokens: int, output_tokens: int, tier: str) -> int:
        """The most, in picodollars, that a call can cost which asks for that tier."""
        # A call that asks for a cheaper tier may be served by the default one, and so below.
        return max(
            most(prompt_tokens, output_tokens, *self.price_in(served))
            for served in (tier, "default")
        )

    def affordable(self, amount: int, prompt_tokens: int, output_tokens: int, tier: str) -> int:
        """The most tokens of an answer, up to `output_tokens`, that `amount` picodollars are sure to pay."""
        return min(
            affordable(amount, prompt_tokens, output_tokens, *self.price_in(served))
            for served in (tier, "default")
        )

    def least(self, prompt_tokens: int, most_tokens: int, tier: str, *, cached: bool) -> int:
        """The least, in picodollars, that a call can cost which asks for that tier: its prompt.

        The prompt has from `prompt_tokens` to `most_tokens`, of which some may be `cached`.
        """
        return min(
            least(prompt_tokens, most_tokens, *self.price_in(served), cached=cached)
            for served in (tier, "default")
        )

    @property
    def tiers(self) -> list[str]:
        """The service tiers whose prices are known, the default one among them."""
        return list({**self.tier_percents, **self.price.tiers})

    def price_in(self, tier: str) -> tuple[Price, int]:
        """The price in a service tier, and the percentage of it that is charged."""
        if tier in self.price.tiers:
            return self.price.tiers[tier], 100
        return self.price, self.tier_percents.get(tier, max(self.tier_percents.values()))


class Catalog:
    """Models by name and id, for a stack in one Region."""

    def __init__(
        self, data: Mapping[str, Any], *, region: str, aliases: Mapping[str, str] | None = None
    ) -> None:
        self.models: list[Model] = []
        self._tier_percents: Mapping[str, int] = data["service_tiers"]
        self._own_tiers: dict[str, Mapping[str, int]] = {}
        self._fallback = data["fallback"]
        self._fallback_price = parse_price(self._fallback)
        self.region = region
        self._owner_aliases = dict(aliases or {})
        self._by_id: dict[str, tuple[Model, Mapping[str, Any]]] = {}
        self._by_base: dict[str, Model] = {}
        self._by_name: dict[str, Model] = {}
        self._by_version: dict[str, dict[str, Model]] = {}
        self._targets: dict[str, Target] = {}
        self._learned: dict[str, str] = {}
        for row in data["models"]:
            self._add(row)

    def _add(self, row: Mapping[str, Any]) -> None:
        model = Model(
            name=row["name"],
            aliases=tuple(row.get("aliases", ())),
            ids=tuple(row["ids"]),
            context_window=row["context_window"],
            max_output_tokens=row.get("max_output_tokens", 0),
            capabilities=tuple(row["capabilities"]),
            end_of_life=row.get("end_of_life", ""),
        )
        if "service_tiers" in row:
            self._own_tiers[model.name] = row["service_tiers"]
        self.models.append(model)
        for model_id, price in row["ids"].items():
            self._by_id[model_id] = (model, price)
        # All ids of a model are one foundation model's.
        base = base_id(model.ids[0])
        self._by_base[base] = model
        if (claude := claude_name(base)) is not None:
            self._by_version.setdefault(claude.version, {})[claude.date] = model
        for name in (model.name, *model.aliases):
            self._by_name[name] = model

    @property
    def owner_aliases(self) -> Mapping[str, str]:
        """The names the owner of the stack has given to models."""
        return self._owner_aliases

    def resolve(self, requested: str) -> Target:
        """The target of an alias, a model's name, an id, a profile id or an ARN; never fails."""
        target = self._targets.get(requested)
        if target is None:
            target = self._resolve(requested)
            # Only what the catalog knows is kept: a client may send any text as a model.
            if target.priced and len(self._targets) < _MOST_KEPT:
                self._targets[requested] = target
        return target

    def learn(self, arn: str, stands_for: Sequence[str]) -> None:
        """Has the ARN of an application inference profile priced as what it stands for.

        Where that may be one of several ids, it is the dearest of those with a price of their own.
        """
        if len(self._learned) >= _MOST_KEPT:
            self._learned.clear()
        listed = [model_id for model_id in stands_for if model_id in self._by_id]
        self._learned[arn] = self._dearest(listed) if listed else stands_for[0]
        self._targets.clear()

    def _resolve(self, requested: str) -> Target:
        model_id = self._owner_aliases.get(requested, requested)
        return self._price(requested, self._named(model_id) or self._id(model_id))

    def _id(self, model_id: str) -> str:
        """An id as it can be called: the profile of a foundation model that only profiles run."""
        if model_id not in self._by_id and model_id in self._by_base:
            return self.local_id(self._by_base[model_id])
        return model_id

    def _named(self, name: str) -> str | None:
        """The id that a name stands for, however it is written; None where it is none."""
        shorter = without_window(name)
        meant = self._owner_aliases.get(shorter, shorter) if shorter != name else name
        found = self._spelled(meant)
        if found is None and shorter != name and (meant != shorter or self._is_id(meant)):
            return self._id(meant)
        return found

    def _spelled(self, name: str) -> str | None:
        if name in self._by_name:
            return self.local_id(self._by_name[name])
        if self._is_id(name):
            return None
        bare, maker = bare_name(name)
        found = self._written_otherwise(bare)
        # A key may be allowed all that begins with "openai", of whatever maker the model is.
        return found if found is not None and maker in {"", provider(found)} else None

    def _is_id(self, text: str) -> bool:
        return base_id(text) in self._by_base

    def _written_otherwise(self, name: str) -> str | None:
        """The id for a name without capitals and slashes."""
        if name in self._by_name:
            return self.local_id(self._by_name[name])
        if self._is_id(name):
            return self._id(name)
        claude = claude_name(base_id(name))
        snapshots = self._by_version.get(claude.version, {}) if claude is not None else {}
        if claude is None or not snapshots:
            return None
        # A date on a model that Bedrock has without one says nothing of it, another date is another.
        model = snapshots.get(claude.date or max(snapshots)) or snapshots.get("")
        if model is None:
            return None
        place = geography(name)
        return self._by_geography(model).get(place) if place else self.local_id(model)

    def is_name(self, requested: str) -> bool:
        """Whether it is a name, the owner's or one that stands for an id; not an id itself."""
        return requested in self._owner_aliases or self._named(requested) is not None

    def local_id(self, model: Model) -> str:
        """The id under which this Region runs the model: its geography's profile if there is one."""
        by_geography = self._by_geography(model)
        for name in (*geographies_of(self.region), ""):
            if name in by_geography:
                return by_geography[name]
        return model.ids[0]

    def _by_geography(self, model: Model) -> dict[str, str]:
        return {geography(model_id): model_id for model_id in model.ids}

    def _price(self, requested: str, model_id: str) -> Target:
        bare = self._learned.get(model_id) or named_model(model_id)
        charged = self._charged_as(bare)
        if charged is None:
            limits = self._fallback["context_window"], self._fallback["max_output_tokens"]
            price = self._fallback_price
            return Target(requested, model_id, bare, price, *limits, None, self._tier_percents)
        model, _ = self._by_id[charged]
        return Target(
            requested,
            model_id,
            bare,
            self._price_of(charged),
            model.context_window,
            model.max_output_tokens,
            listed_as=bare if self._is_id(bare) else charged,
            tier_percents=self._own_tiers.get(model.name, self._tier_percents),
            names=(model.name, *model.aliases) if model_id == self.local_id(model) else (),
        )

    def _charged_as(self, model_id: str) -> str | None:
        """The listed id whose price an id has; None where the catalog knows nothing like it."""
        if model_id in self._by_id:
            return model_id
        if model_id in self._by_base:
            return self.local_id(self._by_base[model_id])
        # A geography without a row of its own is charged as its dearest sibling.
        model = self._by_base.get(base_id(model_id)) or self._by_base.get(_beyond_any(model_id))
        if model is None:
            return None
        return self._dearest(model.ids)

    def _dearest(self, ids: Sequence[str]) -> str:
        """The first of those listed ids whose input costs most."""
        return max(ids, key=lambda model_id: self._price_of(model_id).base.input)

    def _price_of(self, listed: str) -> Price:
        return parse_price(in_region(self._by_id[listed][1], self.region))


def geographies_of(region: str) -> tuple[str, ...]:
    """The geographies whose profiles a Region has, the smallest first."""
    return next(
        (found for prefix, found in REGION_GEOGRAPHIES if region.startswith(prefix)), ("global",)
    )


def geography(model_id: str) -> str:
    """'us' for a us. profile's id, '' for a foundation model's own."""
    prefix, dot, _ = model_id.partition(".")
    return prefix if dot and prefix in GEOGRAPHIES else ""


def base_id(model_id: str) -> str:
    """A profile id without its geography: the foundation model's id."""
    prefix = geography(model_id)
    return model_id[len(prefix) + 1 :] if prefix else model_id


def _beyond_any(model_id: str) -> str:
    """An id without what may be a geography that the catalog does not know yet, such as ``sa.``."""
    prefix, _, rest = model_id.partition(".")
    return rest if prefix.isascii() and prefix.replace("-", "").isalpha() else ""


def provider(model_id: str) -> str:
    """Who made a model: 'anthropic' of 'us.anthropic.claude-…'."""
    return base_id(model_id).partition(".")[0]


def load(region: str, aliases: Mapping[str, str] | None = None) -> Catalog:
    """The catalog that ships with the code."""
    return Catalog(_read("models.json"), region=region, aliases=aliases)


def load_vendor(vendor: str) -> Catalog:
    """What ``openai`` or ``anthropic`` has on its own API, for whoever has a key there."""
    return Catalog(_read("vendors", f"{vendor}.json"), region="")


def _read(*path: str) -> Any:
    # Not pathlib, which nothing else here needs: importing it takes milliseconds of a cold start.
    with open(os.path.join(os.path.dirname(__file__), *path), encoding="utf-8") as file:  # noqa: PTH118, PTH120, PTH123
        return json.load(file)
