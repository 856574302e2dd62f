"""What the simulated Bedrock bills for a part of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.stack import LocalStack


@contextmanager
def billed_calls(stack: LocalStack) -> Iterator[list[dict[str, Any]]]:
    """The calls billed while the block runs, in order; the list is filled when it ends."""
    calls: list[dict[str, Any]] = []
    before = len(stack.bill()["calls"])
    yield calls
    calls.extend(stack.bill()["calls"][before:])


def billed_tokens(calls: list[dict[str, Any]]) -> tuple[int, int]:
    """The tokens of the calls' prompts, cached or not, and of their answers."""
    usages = [call["usage"] for call in calls]
    output = sum(usage["output"] for usage in usages)
    return sum(sum(usage.values()) for usage in usages) - output, output
