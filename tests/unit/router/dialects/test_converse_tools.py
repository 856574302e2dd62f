"""A tool call that the client insists on is forced where the family can be, and asked for elsewhere."""

import pytest
from catalog.families import UNKNOWN, Family
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import Choice, add_tools, input_schema, spec
from router.dialects.converse.turns import Turns
from router.errors import ApiError

from tests.support.converse import assert_accepted

NOTICE = "tool_choice asked for by instructions"

FORCEABLE = UNKNOWN
ANY_ONLY = UNKNOWN._replace(tool_choices=frozenset({"auto", "any"}))
UNFORCEABLE = UNKNOWN._replace(tool_choices=frozenset({"auto"}))
WITHOUT_SYSTEM = UNFORCEABLE._replace(system=False)


def drafted(family: Family, choice: Choice) -> Draft:
    draft = Draft(family)
    turns = Turns(draft)
    turns.user([{"text": "Hello"}])
    turns.finish("messages")
    tools = [
        {"toolSpec": spec(draft, name, "", input_schema(None, ""), strict=False)} for name in "ab"
    ]
    add_tools(draft, tools, choice, ())
    assert_accepted(draft.body)
    return draft


@pytest.mark.parametrize(
    ("family", "choice", "member"),
    [
        (FORCEABLE, Choice("any"), {"any": {}}),
        (FORCEABLE, Choice("tool", "b"), {"tool": {"name": "b"}}),
        (ANY_ONLY, Choice("any"), {"any": {}}),
    ],
)
def test_a_call_is_forced_where_the_family_can_be(
    family: Family, choice: Choice, member: dict[str, object]
) -> None:
    draft = drafted(family, choice)
    assert draft.body["toolConfig"]["toolChoice"] == member
    assert draft.changes == set()


@pytest.mark.parametrize(
    ("family", "choice", "words"),
    [
        (UNFORCEABLE, Choice("any"), "Answer by calling one of the tools, and with nothing else."),
        (ANY_ONLY, Choice("tool", "b"), "Answer by calling the tool b, and with nothing else."),
    ],
)
def test_a_call_is_asked_for_elsewhere_and_that_is_told(
    family: Family, choice: Choice, words: str
) -> None:
    draft = drafted(family, choice)
    assert "toolChoice" not in draft.body["toolConfig"]
    assert draft.body["system"] == [{"text": words}]
    assert draft.changes == {NOTICE}


def test_a_model_without_system_prompt_is_asked_in_the_first_user_turn() -> None:
    draft = drafted(WITHOUT_SYSTEM, Choice("any"))
    assert "system" not in draft.body
    (turn,) = draft.body["messages"]
    assert [block["text"] for block in turn["content"]] == [
        "Answer by calling one of the tools, and with nothing else.",
        "Hello",
    ]


def test_a_tool_that_is_not_offered_cannot_be_chosen() -> None:
    with pytest.raises(ApiError) as refusal:
        drafted(UNFORCEABLE, Choice("tool", "c", "tool_choice.name"))
    assert refusal.value.param == "tool_choice.name"
