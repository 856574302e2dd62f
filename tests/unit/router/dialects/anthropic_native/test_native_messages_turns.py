"""System turns among the messages, for the Claudes that take none there."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from router.dialects.anthropic_native.turns import fold_system_turns

from tests.support.anthropic_native import OLD, refusal_of, relayed, sent
from tests.support.anthropic_native_requests import (
    HI,
    WEATHER,
    asked,
    assistant,
    result,
    use,
    user,
    words,
)

Json = dict[str, Any]


def system(text: str) -> Json:
    return {"role": "system", "content": text}


@st.composite
def conversations(draw: st.DrawFn) -> list[Json]:
    """Turns of a conversation that Bedrock takes, with system turns between any two of them."""
    turns = [HI]
    for number in range(draw(st.integers(0, 3))):
        ids = [f"toolu_{number}_{index}" for index in range(draw(st.integers(0, 3)))]
        turns.append(assistant(words("So."), *(use(call_id=one) for one in ids)))
        said = [words("Thanks.")] if draw(st.booleans()) or not ids else []
        turns.append(user(*(result(one) for one in ids), *said))
    found: list[Json] = []
    for turn in turns:
        notes = draw(st.integers(0, 2)) if draw(st.booleans()) else 0
        found += [system(f"note {len(found) + index}") for index in range(notes)]
        found.append(turn)
    return [*found, system("last")] if draw(st.booleans()) else found


def told(messages: list[Json]) -> list[str]:
    """What the messages say, each text in its place."""
    blocks = [
        block
        for message in messages
        for block in (
            [words(message["content"])]
            if isinstance(message["content"], str)
            else message["content"]
        )
    ]
    return [str(block.get("text") or block.get("id") or block["tool_use_id"]) for block in blocks]


def notes(texts: list[str]) -> list[str]:
    return [text for text in texts if text.startswith(("note", "last"))]


def others(texts: list[str]) -> list[str]:
    return [text for text in texts if not text.startswith(("note", "last"))]


@given(conversations())
def test_bedrock_takes_what_becomes_of_any_conversation(messages: list[Json]) -> None:
    body = {"model": OLD, **asked(*messages, tools=[WEATHER])}
    assert refusal_of(relayed(body)) is None


@given(conversations())
def test_nothing_is_lost_and_each_keeps_its_order(messages: list[Json]) -> None:
    opening, folded = fold_system_turns(messages)
    before, after = told(messages), [block["text"] for block in opening] + told(folded)
    assert notes(after) == notes(before)
    assert others(after) == others(before)
    assert "system" not in {message["role"] for message in folded}


@given(conversations(), conversations())
def test_what_is_said_later_changes_nothing_of_the_prompt_before(
    messages: list[Json], more: list[Json]
) -> None:
    # Behind an answer, as only then a client asks again.
    answered = [*messages, assistant(words("Done."))]
    opening, folded = fold_system_turns(answered)
    again, longer = fold_system_turns([*answered, *more])
    assert again == opening
    assert longer[: len(folded)] == folded


def test_results_that_come_in_several_messages_stay_before_what_the_system_says() -> None:
    calls = assistant(use(call_id="toolu_1"), use(call_id="toolu_2"))
    _, folded = fold_system_turns(
        [HI, calls, user(result("toolu_1")), system("note"), user(result("toolu_2"))]
    )
    assert folded[2:] == [user(result("toolu_1")), user(result("toolu_2"), words("note"))]


def test_messages_of_strange_content_are_left_to_bedrock() -> None:
    strange: list[Json] = [{}, {"role": "user"}, {"role": "system"}, {"role": 5, "content": None}]
    assert fold_system_turns(strange) == ([], [{}, {"role": "user"}, {"role": 5, "content": None}])
    assert fold_system_turns([system("")]) == ([], [])


def test_a_system_turn_goes_behind_the_tool_results_that_it_stands_before() -> None:
    note = {"role": "system", "content": "A file has changed."}
    found = sent(asked(HI, assistant(use()), note, user(result()), tools=[WEATHER]), OLD)
    assert found.body["messages"][2] == user(result(), words("A file has changed."))
    assert found.changes == ["system messages moved"]


def test_a_system_turn_stays_where_a_model_takes_one() -> None:
    note = {"role": "system", "content": "A file has changed."}
    body = asked(HI, note, tools=[WEATHER])
    assert sent(body).body["messages"] == body["messages"]


def test_a_turn_that_only_says_when_it_is_over_goes() -> None:
    found = sent(asked(HI, {"role": "system", "clear_at": "next_user_message"}))
    assert found.body["messages"] == [HI]
    assert found.changes == ["messages.clear_at dropped"]


def test_an_answer_that_is_begun_goes_to_the_models_that_go_on_with_it() -> None:
    begun = asked(HI, assistant(words("The answer is")))
    assert sent(begun, OLD).body["messages"] == begun["messages"]
