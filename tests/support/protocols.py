"""The protocols whose requests and answers are JSON, for tests that hold all of them to the same."""

from typing import Any

from tests.support import anthropic_answers, anthropic_requests, openai_answers, openai_requests
from tests.support.whole_router import Outcome

Json = dict[str, Any]

REQUESTS: dict[str, tuple[Json, ...]] = {
    **openai_requests.REQUESTS,
    **anthropic_requests.REQUESTS,
}
"""Valid ones by path; without `model`."""


def models_for(path: str) -> tuple[str, ...]:
    """The models that a path is asked for in tests."""
    if path in anthropic_requests.REQUESTS:
        return anthropic_requests.MODELS
    return openai_requests.models_for(path)


def assert_proper(path: str, asked: object, outcome: Outcome) -> None:
    """Fails unless a request was answered as it should be, and nothing is left behind.

    `asked` is the JSON of its body, None if it has none.
    """
    if path in anthropic_requests.REQUESTS:
        anthropic_answers.assert_proper(path, asked, outcome)
    else:
        openai_answers.assert_proper(path, asked, outcome)
