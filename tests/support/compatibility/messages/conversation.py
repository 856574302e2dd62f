"""Text, turns and why an answer ends."""

from tests.support.compatibility.messages.parts import assistant, probe, text, user
from tests.support.compatibility.probes import SAY, answers, says

_LONG = 'Hi <<sim {"words": 50}>>'
_ENDED = 'Hi <<sim {"say": "Hello END of it"}>>'

CONVERSATION = (
    probe("text", lambda answer: (answer.text, answer.stop) == ("Hello", "end_turn")),
    probe(
        "streamed text",
        lambda answer: (answer.text, answer.stop) == ("Hello", "end_turn"),
        stream=True,
    ),
    probe("`system`", says("Hello"), system="Be terse.", reaches=("Be terse.",)),
    probe(
        "`system` turns among `messages`",
        says("Hello"),
        user("Hi"),
        assistant(text("Hello.")),
        {"role": "system", "content": "Be terse."},
        user(SAY),
        reaches=("Be terse.",),
        refusal=("system",),
    ),
    probe(
        "`output_config` of a `system` turn",
        answers,
        user("Hi"),
        assistant(text("Hello.")),
        {"role": "system", "content": "Be terse.", "output_config": {"effort": "low"}},
        user(SAY),
        reaches=('"low"',),
    ),
    probe(
        "turns of one role in a row",
        says("Hello"),
        user("Be terse."),
        user("Hi"),
        user(SAY),
        reaches=("Be terse.",),
    ),
    probe(
        "an answer begun by the client",
        answers,
        user(SAY),
        assistant(text("The answer is")),
        reaches=("The answer is",),
        refusal=("prefill",),
    ),
    probe(
        "`stop_sequences`",
        lambda answer: (answer.stop, answer.stop_sequence) == ("stop_sequence", "END"),
        user(_ENDED),
        stop_sequences=["END"],
    ),
    probe(
        "`stop_sequences`, streamed",
        lambda answer: (answer.stop, answer.stop_sequence) == ("stop_sequence", "END"),
        user(_ENDED),
        stop_sequences=["END"],
        stream=True,
    ),
    probe(
        "`stop_reason` max_tokens",
        lambda answer: answer.stop == "max_tokens",
        user(_LONG),
        max_tokens=20,
    ),
    probe(
        "`anthropic-version` 2026-10-21",
        says("Hello"),
        headers={"anthropic-version": "2026-10-21"},
    ),
)
