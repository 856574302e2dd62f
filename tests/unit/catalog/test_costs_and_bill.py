"""What the router charges and what the simulated Bedrock bills: two sums that share no code, to be equal."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import catalog
import jsonschema
import pytest
from catalog.models import Catalog
from catalog.pricing import Usage
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock import answers
from local.bedrock.bill import PriceList
from local.bedrock.directory import Directory
from local.bedrock.inventory import ENDPOINTS, MODELS

FOLDER = Path(catalog.__file__).parent
SCHEMA = jsonschema.Draft202012Validator(json.loads((FOLDER / "schema.json").read_text()))
DATA: dict[str, Any] = json.loads((FOLDER / "models.json").read_text())

HOME = "us-east-1"
LINES = {model_id: line for model in DATA["models"] for model_id, line in model["ids"].items()}
REGIONS = sorted(
    {HOME, "eu-central-1", "us-gov-west-1"}
    | {region for line in LINES.values() for own in line.get("regions", ()) for region in own["in"]}
)
TIERS = ("default", "flex", "priority", "reserved", "new")

MOST_TOKENS = 400_000
CALLS_EACH = 4


class Sums:
    """Both sums, by the prices of one file in one Region."""

    def __init__(self, data: dict[str, Any], region: str) -> None:
        self._catalog = Catalog(data, region=region)
        self._prices = PriceList(data, region)

    def differ(self, called: str, billed_as: str, usage: Usage, tier: str) -> bool:
        """Whether the router charges anything but what is billed."""
        charged = self._catalog.resolve(called).cost(usage, tier)
        return charged != self._prices.cost(billed_as, answers.Usage(*usage), tier)


SUMS = {region: Sums(DATA, region) for region in REGIONS}


def random_calls(random: Random, line: dict[str, Any]) -> Iterator[Usage]:
    """Calls of any size, and such as have one token more or less than a threshold of the line."""
    for _ in range(CALLS_EACH):
        yield Usage(*(random.randint(0, MOST_TOKENS) for _ in Usage._fields))
    for step in line.get("above", ()):
        for prompt in (step["tokens"] - 1, step["tokens"], step["tokens"] + 1):
            cuts = sorted(random.randint(0, prompt) for _ in range(3))
            parts = [end - start for start, end in zip([0, *cuts], [*cuts, prompt], strict=True)]
            yield Usage(parts[0], random.randint(0, MOST_TOKENS), *parts[1:])


@pytest.mark.parametrize("region", REGIONS)
def test_every_id_costs_in_every_tier_what_is_billed(region: str) -> None:
    random = Random(region)  # noqa: S311
    different = [
        (model_id, tier, usage)
        for model_id, line in LINES.items()
        for tier in TIERS
        for usage in random_calls(random, line)
        if SUMS[region].differ(model_id, model_id, usage, tier)
    ]
    assert different == []


@pytest.mark.parametrize("region", REGIONS)
def test_every_id_that_can_be_called_costs_what_is_billed(region: str) -> None:
    """Under whatever id the simulated Bedrock bills it, and however it was called."""
    directory = Directory(region)
    on_demand = [model_id for model_id, model in MODELS.items() if model.on_demand]
    arns = [
        f"arn:aws:bedrock:{region}:123456789012:inference-profile/{i}" for i in directory.profiles
    ]
    random = Random(region)  # noqa: S311
    different = [
        (called, usage)
        for called in (*directory.profiles, *on_demand, *arns, *ENDPOINTS, "no.such-model")
        for billed_as in [
            directory.resolve(called).priced_as if called != "no.such-model" else called
        ]
        for usage in random_calls(random, DATA["fallback"])
        if SUMS[region].differ(called, billed_as, usage, "default")
    ]
    assert different == []


# --- files that nobody has written yet --------------------------------------------------------------

USD = st.decimals(min_value=0, max_value=9_999, places=6).map(lambda usd: f"{usd:f}")
CACHED = ("cache_read", "cache_write_5m", "cache_write_1h")
RATES = st.fixed_dictionaries({"input": USD, "output": USD}, optional=dict.fromkeys(CACHED, USD))


@st.composite
def steps(draw: st.DrawFn) -> list[dict[str, Any]]:
    limits = draw(st.lists(st.integers(1, 1_000), min_size=1, max_size=3, unique=True))
    return [{"tokens": limit, **draw(RATES)} for limit in sorted(limits)]


REGIONAL = RATES.map(lambda rates: [{"in": [HOME], **rates}])
EXACT = st.dictionaries(st.sampled_from(TIERS), RATES, min_size=1)
LINE = st.one_of(
    st.fixed_dictionaries({"input": USD}),
    st.fixed_dictionaries({"input": USD}, optional={"request": USD, "above": steps()}),
    st.fixed_dictionaries(
        {"input": USD, "output": USD}, optional={"tiers": EXACT, "above": steps()}
    ),
    st.fixed_dictionaries(
        {"input": USD, "output": USD},
        optional={**dict.fromkeys(CACHED, USD), "tiers": EXACT, "regions": REGIONAL},
    ),
)
PERCENTS = st.fixed_dictionaries(
    {"default": st.just(100)},
    optional=dict.fromkeys(("flex", "priority", "reserved"), st.integers(1, 1_000)),
)


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    """A price file of one model."""
    model = {
        "name": "acme",
        "source": "overrides",
        "context_window": 1,
        "capabilities": ["chat"],
        "ids": {"us.acme.model": draw(LINE)},
    }
    if draw(st.booleans()):
        model["service_tiers"] = draw(PERCENTS)
    data = {**DATA, "service_tiers": draw(PERCENTS), "models": [model]}
    SCHEMA.validate(data)
    return data


COUNTS = st.tuples(*[st.integers(0, 500)] * len(Usage._fields))


@given(files(), COUNTS, st.sampled_from(TIERS))
def test_whatever_a_price_file_may_say_is_charged_as_it_is_billed(
    data: dict[str, Any], counts: tuple[int, ...], tier: str
) -> None:
    assert not Sums(data, HOME).differ("us.acme.model", "us.acme.model", Usage(*counts), tier)
