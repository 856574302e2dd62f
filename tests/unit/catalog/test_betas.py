"""Betas reach the models that know them, by the names they have there, and nothing else does."""

import typing
from collections.abc import Iterable

import pytest
from anthropic.types.anthropic_beta_param import AnthropicBetaParam
from catalog.betas import BETAS, GATED, Beta, bedrock_betas
from catalog.families import FAMILIES, UNKNOWN, Family, family_of
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock.inventory import MODELS
from local.bedrock.models import Model
from local.bedrock.rules import claude

FAMILY = {row.name: row for row in FAMILIES}
CLAUDES = [row for row in FAMILIES if row.messages]
SIMULATED = [model for model in MODELS.values() if model.claude is not None]

CLAUDE_CODE = (
    "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,"
    "thinking-token-count-2026-05-13,effort-2025-11-24,advanced-tool-use-2025-11-20,"
    "per-turn-control-2026-07-01,mid-conversation-tool-changes-2026-07-01,"
    "thinking-display-updates-2026-08-18"
)
"""The header of Claude Code 2.1.330."""


@pytest.mark.parametrize(
    ("family", "kept", "dropped"),
    [
        (
            "claude-opus-5-5",
            [
                "context-management-2025-06-27",
                "tool-search-tool-2025-10-19",
                "mid-conversation-output-config-2026-07-01",
                "mid-conversation-tool-changes-2026-07-01",
                "thinking-display-updates-2026-08-18",
            ],
            [],
        ),
        (
            "claude-haiku-4-5",
            ["context-management-2025-06-27", "tool-search-tool-2025-10-19"],
            [
                "mid-conversation-tool-changes-2026-07-01",
                "per-turn-control-2026-07-01",
                "thinking-display-updates-2026-08-18",
            ],
        ),
        (
            "claude-3",
            [],
            [
                "advanced-tool-use-2025-11-20",
                "context-management-2025-06-27",
                "mid-conversation-tool-changes-2026-07-01",
                "per-turn-control-2026-07-01",
                "thinking-display-updates-2026-08-18",
            ],
        ),
    ],
)
def test_claude_code_loses_only_what_the_model_does_not_have(
    family: str, kept: list[str], dropped: list[str]
) -> None:
    found = bedrock_betas([CLAUDE_CODE], FAMILY[family])
    assert (found.kept, found.dropped) == (kept, dropped)


def test_names_count_in_any_case_and_once() -> None:
    asked = ["Interleaved-thinking-2025-05-14", " interleaved-thinking-2025-05-14 ,,", ""]
    found = bedrock_betas(asked, FAMILY["claude-4"])
    assert found == (["interleaved-thinking-2025-05-14"], [], frozenset())


def test_a_beta_goes_once_whatever_names_it_was_asked_by() -> None:
    asked = ["advanced-tool-use-2025-11-20,tool-search-tool-2025-10-19"]
    found = bedrock_betas(asked, FAMILY["claude-4-5"], ["tool_search"])
    assert found.kept == ["tool-search-tool-2025-10-19"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("sky-hooks-2030-01-01", "sky-hooks-2030-01-01"),
        ("fast-mode-2026-02-01", "fast-mode-2026-02-01"),
        ("  A Beta\r\nX-Other: 1", "abetax-other1"),
        ("日本語", "of another form"),
        ("x" * 10_000, "x" * 64),
    ],
)
def test_a_beta_that_bedrock_does_not_have_is_told_of_in_plain_words(asked: str, told: str) -> None:
    assert bedrock_betas([asked], FAMILY["claude-opus-5"]) == ([], [told], frozenset())


@pytest.mark.parametrize("family", ["claude-4-7", "claude-opus-5-5"])
@pytest.mark.parametrize(
    "asked", ["effort-2025-11-24", "context-1m-2025-08-07", "token-efficient-tools-2025-02-19"]
)
def test_what_a_model_does_unasked_is_dropped_without_a_word(family: str, asked: str) -> None:
    assert bedrock_betas([asked], FAMILY[family]) == ([], [], frozenset())


def test_the_window_of_a_million_is_asked_of_the_models_that_have_it_so_only() -> None:
    asked = ["context-1m-2025-08-07"]
    assert bedrock_betas(asked, FAMILY["claude-4-5"]).kept == asked
    assert bedrock_betas(asked, FAMILY["claude-haiku-4-5"]).dropped == asked


@pytest.mark.parametrize(
    ("family", "field", "beta"),
    [
        ("claude-opus-4-5", "output_config.effort", "effort-2025-11-24"),
        ("claude-haiku-4-5", "tool_search", "tool-search-tool-2025-10-19"),
        ("claude-4-6", "context_management.compact_20260112", "compact-2026-01-12"),
        ("claude-4-5", "tools.computer_20250124", "computer-use-2025-01-24"),
        ("claude-sonnet-5-5", "safeguards", "dangerous-tool-use-2026-09-03"),
    ],
)
def test_a_field_brings_the_beta_that_opens_it(family: str, field: str, beta: str) -> None:
    assert bedrock_betas([], FAMILY[family], [field]) == ([beta], [], frozenset())


def test_a_field_that_needs_no_beta_of_the_model_brings_none() -> None:
    found = bedrock_betas([], FAMILY["claude-4-6"], ["output_config.effort"])
    assert found == ([], [], frozenset())


@pytest.mark.parametrize(
    ("family", "field"),
    [
        ("claude-4-5", "output_config.effort"),
        ("claude-opus-5", "messages.output_config"),
        ("claude-4-5", "thinking.block_binding"),
        ("claude-3-5", "tools.computer_20241022"),
        ("claude-4-6", "safeguards"),
        ("claude-opus-5-5", "speed"),
        ("claude-opus-5-5", "a field that nothing opens"),
    ],
)
def test_a_field_stays_closed_where_no_beta_opens_it(family: str, field: str) -> None:
    assert bedrock_betas([], FAMILY[family], [field]).closed == {field}


def test_converse_takes_fewer_betas_than_invoke_model() -> None:
    asked = ["compact-2026-01-12", "computer-use-2025-11-24"]
    used = ["context_management.compact_20260112", "tools.computer_20251124"]
    found = bedrock_betas(asked, FAMILY["claude-opus-5"], used, converse=True)
    assert found.kept == ["computer-use-2025-11-24"]
    assert found.dropped == ["compact-2026-01-12"]
    assert found.closed == {"context_management.compact_20260112"}


@pytest.mark.parametrize("model_id", ["amazon.nova-lite-v1:0", "openai.gpt-oss-120b-1:0", "x"])
def test_no_beta_goes_to_what_is_no_claude(model_id: str) -> None:
    every = [beta.name for beta in BETAS]
    for converse in (True, False):
        found = bedrock_betas(every, family_of(model_id), GATED, converse=converse)
        assert found.kept == []
        assert found.closed == GATED


# --- the table ------------------------------------------------------------------------------------


def test_no_beta_has_two_rows() -> None:
    names = [beta.name for beta in BETAS]
    assert len(names) == len(set(names))
    assert names == [name.lower() for name in names]


@pytest.mark.parametrize("beta", BETAS, ids=lambda beta: beta.name)
def test_a_row_makes_sense(beta: Beta) -> None:
    known = {row.name for row in CLAUDES}
    assert beta.families <= known
    assert beta.built_in <= known
    assert not beta.families & beta.built_in
    assert beta.families or not (beta.converse or beta.goes_as)
    assert beta.source
    if beta.goes_as:
        [target] = [row for row in BETAS if row.name == beta.goes_as]
        assert beta.families <= target.families
        assert beta.opens == target.opens


MESSAGES = [
    beta
    for beta in typing.get_args(typing.get_args(AnthropicBetaParam)[1])
    if not beta.startswith(
        (
            *("user-profiles", "managed-agents", "dreaming", "agent-memory", "mcp-tunnels"),
            *("ce-", "spend-limit", "telemetry", "webhooks", "admin", "analytics"),
            # Of whole conversations kept by Anthropic, and of what only batches may ask for.
            *("message-threads", "output-300k", "experimental-claude-tag"),
        )
    )
]


def test_every_beta_of_the_messages_api_that_the_sdk_knows_has_a_row() -> None:
    assert len(MESSAGES) > 30
    assert set(MESSAGES) <= {beta.name for beta in BETAS}


@pytest.mark.parametrize("model", SIMULATED, ids=lambda model: model.id)
def test_a_simulated_claude_takes_every_beta_that_may_go_to_it(model: Model) -> None:
    found = bedrock_betas([beta.name for beta in BETAS], family_of(model.id), GATED)
    claude.check_settings(model, claude.Settings(1_000, betas=tuple(found.kept)))


ASKED = st.lists(st.one_of(st.text(), st.sampled_from([beta.name for beta in BETAS])))


@given(ASKED, st.sampled_from([*FAMILIES, UNKNOWN]), st.sets(st.sampled_from(sorted(GATED))))
def test_what_is_kept_is_known_to_the_model_and_what_is_told_fits_a_header(
    asked: list[str], family: Family, used: Iterable[str]
) -> None:
    found = bedrock_betas(asked, family, used)
    taken = {beta.goes_as or beta.name for beta in BETAS if family.name in beta.families}
    assert set(found.kept) <= taken
    assert len(found.kept) == len(set(found.kept))
    assert all(told.isascii() and told.isprintable() and told for told in found.dropped)
    assert bedrock_betas(found.kept, family, used) == (found.kept, [], found.closed)
