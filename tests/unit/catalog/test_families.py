"""The table of families names every model, and says nothing of one that the service would refuse."""

import itertools
import json
from pathlib import Path

import catalog
import pytest
from catalog.families import FAMILIES, UNKNOWN, Family, family_of
from catalog.models import GEOGRAPHIES
from router.dialects.converse.draft import Draft
from router.dialects.converse.reasoning import EFFORTS, FORMS, Reasoning, ask_reasoning
from router.dialects.converse.sampling import Sampling, apply_sampling
from router.dialects.converse.structured import JsonForm, ask_json
from router.dialects.converse.tools import Choice

from local.bedrock.inventory import MODELS
from local.bedrock.models import Model
from local.bedrock.rules import converse
from tests.support.drafts import (
    EXAMPLES,
    FORCED,
    NAMED,
    NO_TOOLS,
    SCHEMA,
    question,
)

CHATTING = {model.id: model for model in MODELS.values() if model.chats}


@pytest.mark.parametrize(
    ("model_id", "name"),
    [
        ("anthropic.claude-instant-v1", "claude-2"),
        ("anthropic.claude-3-5-sonnet-20240620-v1:0", "claude-3"),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", "claude-3-7"),
        ("anthropic.claude-opus-4-20250514-v1:0", "claude-4"),
        ("eu.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("global.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5"),
        ("us.anthropic.claude-opus-4-6-v1", "claude-4-6"),
        ("us.anthropic.claude-opus-4-8", "claude-opus-4-8"),
        ("us.anthropic.claude-haiku-5-5", "claude-5"),
        ("in.anthropic.claude-opus-5", "claude-opus-5"),
        ("anthropic.claude-mythos-preview", "claude-fable-5"),
        ("us.anthropic.claude-mythos-5", "claude-fable-5"),
        ("us.anthropic.claude-mythos-5-1", "claude-fable-5-1"),
        ("us.anthropic.claude-fable-5-2", "claude-fable-5-1"),
        ("us.anthropic.claude-opus-6", "claude-fable-5-1"),
        ("us-gov.amazon.nova-pro-v1:0", "nova"),
        ("us.amazon.nova-premier-v1:0", "nova"),
        ("amazon.nova-2-pro-preview-20251202-v1:0", "nova-2"),
        ("us.openai.gpt-5.4", "gpt-5"),
        ("us.openai.gpt-6-astra", "gpt"),
        ("us.openai.gpt-6-luna", "gpt-5-6"),
        ("us.openai.gpt-6.1-terra", "gpt-5-6"),
        ("openai.gpt-oss-safeguard-20b", "gpt-oss"),
        ("deepseek.v3-v1:0", "deepseek-v3-1"),
        ("qwen.qwen3-coder-30b-a3b-v1:0", "qwen3"),
        ("moonshot.kimi-k2-thinking", "kimi-k2-thinking"),
        ("in.moonshotai.kimi-k3", "kimi-k3"),
        ("zai.glm-4.7-flash", "glm-4-7"),
        ("us.zai.glm-5.3", "glm-5-3"),
        ("nvidia.nemotron-nano-9b-v2", "nemotron"),
        ("nvidia.nemotron-super-3-120b", "nemotron-3"),
        ("google.gemma-3-27b-it", "gemma-3"),
        ("google.gemma-3-4b-it", "gemma-3-4b"),
        ("mistral.voxtral-small-24b-2507", "mistral-3"),
        ("mistral.magistral-small-2509", "magistral"),
        ("mistral.devstral-2-123b", "devstral"),
        ("mistral.mixtral-8x7b-instruct-v0:1", "mistral-7b"),
        ("eu.mistral.pixtral-large-2502-v1:0", "mistral-small"),
        ("us.meta.llama3-2-90b-instruct-v1:0", "llama"),
        ("us.meta.llama3-2-1b-instruct-v1:0", "llama-text"),
        ("ai21.jamba-1-5-large-v1:0", "jamba"),
        ("us.writer.palmyra-x5-v1:0", "palmyra"),
        ("writer.palmyra-vision-7b", "palmyra-vision"),
        *((model_id, name) for name, model_id in EXAMPLES.items()),
    ],
)
def test_a_model_belongs_to_a_family(model_id: str, name: str) -> None:
    assert family_of(model_id).name == name


def test_an_arn_belongs_to_the_family_of_what_it_names() -> None:
    profile = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.xai.grok-4.7"
    assert family_of(profile).name == "grok"
    model = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    assert family_of(model).name == "nova"


@pytest.mark.parametrize(
    "model_id",
    ["", ".", "acme.opus-1", "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123"],
)
def test_what_no_row_names_is_unknown(model_id: str) -> None:
    assert family_of(model_id) is UNKNOWN


def test_every_chat_model_of_the_catalog_has_a_row() -> None:
    rows = json.loads((Path(catalog.__file__).parent / "models.json").read_text())["models"]
    ids = [one for row in rows if "chat" in row["capabilities"] for one in row["ids"]]
    assert ids
    assert [one for one in ids if family_of(one) is UNKNOWN] == []


def test_every_chat_model_of_the_simulated_account_has_a_row() -> None:
    assert {family_of(model_id).name for model_id in CHATTING} >= EXAMPLES.keys()
    assert all(family_of(model_id) is not UNKNOWN for model_id in CHATTING)


def test_no_two_rows_have_a_name_or_a_beginning_in_common() -> None:
    names = [row.name for row in FAMILIES]
    beginnings = [begins for row in FAMILIES for begins in row.begins]
    assert len(set(names)) == len(names)
    assert len(set(beginnings)) == len(beginnings)
    assert all(beginnings)
    assert not any(begins.startswith(f"{one}.") for begins in beginnings for one in GEOGRAPHIES)


@pytest.mark.parametrize("row", [UNKNOWN, *FAMILIES], ids=lambda row: row.name)
def test_a_row_makes_sense(row: Family) -> None:
    assert row.reasoning in FORMS
    assert list(row.efforts) == sorted(row.efforts, key=EFFORTS.index)
    assert bool(row.effort_path) == (row.reasoning == "effort")
    assert row.efforts or row.reasoning not in {"effort", "adaptive", "nova"}
    assert row.default_tokens > 0 or row.reasoning != "budget"
    assert "auto" in row.tool_choices
    assert row.structured in {"native", "tool", "instructions"}
    if row.structured == "tool":
        assert row.tools
        assert row.tool_choices & {"any", "tool"}
    assert row.replays <= {"signed", "text", "redacted"}
    assert set(row.cache_ttls) <= {"5m", "1h"}
    assert row.native <= {"chat", "responses"}
    assert row.messages == ("anthropic.claude-" in "".join(row.begins))
    assert row.messages or not (row.thinking or row.system_turns)
    assert row.anthropic_versions[0] == "bedrock-2023-05-31"


@pytest.mark.parametrize("model_id", CHATTING)
def test_a_simulated_model_agrees_with_the_row_that_was_made_without_it(model_id: str) -> None:
    model, row = CHATTING[model_id], family_of(model_id)
    assert row.system == ("system" in model.features)
    assert row.tools == ("tools" in model.features)
    assert not row.streamed_tools or "streamed_tools" in model.features or not row.tools
    if model.claude is not None:
        assert row.reasons_unasked == model.claude.thinks_unasked
        assert row.hides_reasoning != model.claude.thinking_shown or row.reasoning == "none"
        assert ("any" in row.tool_choices) == model.claude.forced_tool
        assert bool(row.cache_ttls) == (model.cache_minimum > 0)
        assert row.messages
        assert row.thinking == set(model.claude.thinking)
        assert row.system_turns == model.claude.system_turns
        assert row.anthropic_versions == model.claude.versions
        assert bool(row.efforts) == (model.claude.effort != "no")


@pytest.mark.parametrize("model_id", CHATTING)
def test_a_simulated_model_accepts_all_that_its_row_says(model_id: str) -> None:
    model, row = CHATTING[model_id], family_of(model_id)
    choices = [NO_TOOLS, *(_choice(kind) for kind in row.tool_choices if row.tools)]
    efforts = (None, *EFFORTS)
    forms = (None, JsonForm(), JsonForm(SCHEMA), JsonForm({"type": "array"}))
    for choice, effort, form in itertools.product(choices, efforts, forms):
        draft = _asking_for_everything(model, row, choice)
        if form is not None:
            ask_json(draft, form, "response_format")
        ask_reasoning(draft, Reasoning(effort, shown=True), "reasoning_effort")
        streamed = row.streamed_tools or "toolConfig" not in draft.body
        converse.check_request(model, draft.body, streamed=streamed)


def _choice(kind: str) -> Choice:
    return {"any": FORCED, "tool": NAMED}.get(kind, Choice("auto"))


def _asking_for_everything(model: Model, row: Family, choice: Choice) -> Draft:
    """A question with each parameter and cache point that the row takes."""
    draft = question(row, choice)
    numbers = {"temperature": 0.3, "top_p": 0.5}
    taken = {name: value for name, value in numbers.items() if name in row.sampling}
    stop = ["END"] if "stop" in row.sampling else []
    limit = min(4_000, model.max_output)
    apply_sampling(draft, Sampling(limit, **taken, stop=stop, extra=dict.fromkeys(row.extra, 5)))
    assert draft.changes <= {"top_p dropped"}
    places = {
        "system": draft.body.get("system"),
        "messages": draft.body["messages"][0]["content"],
        "tools": draft.body.get("toolConfig", {}).get("tools"),
    }
    point = {"type": "default", **({"ttl": "1h"} if "1h" in row.cache_ttls else {})}
    for place in row.cached if row.cache_ttls else ():
        if places[place]:
            places[place].append({"cachePoint": point})
    return draft
