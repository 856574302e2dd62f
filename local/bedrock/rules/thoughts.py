"""Thinking that a conversation gives back to a Claude: only as it came, and where it has to be.

Wordings are the live service's, as public bug reports quote them: an empty signature
https://github.com/earendil-works/pi/issues/2063, a signature in place of redacted thinking
https://github.com/microsoft/vscode/pull/320196, changed blocks
https://github.com/maximhq/bifrost/issues/6342, lost ones https://github.com/RooCodeInc/Roo-Code/pull/11238.
"""

from typing import Any

from local.bedrock.errors import ModelRefusal
from local.bedrock.seals import is_genuine, is_redacted

_DOCS = "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"


def check_thought(text: str, signature: Any, place: str, *, latest: bool) -> None:
    """Raises the refusal of a thinking block that is not as the model wrote it.

    Its text may be left out. `latest` is whether it is in the last turn of the assistant.
    """
    if not signature:
        raise ModelRefusal(f"{place}.thinking.signature: Field required")
    if is_genuine(signature, text):
        return
    if latest and is_genuine(signature):
        raise ModelRefusal(
            f"{place}: `thinking` or `redacted_thinking` blocks in the latest assistant message "
            "cannot be modified. These blocks must remain as they were in the original response."
        )
    raise ModelRefusal(f"{place}: Invalid `signature` in `thinking` block")


def check_redacted(data: str, place: str) -> None:
    """Raises the refusal of redacted thinking that the model did not write."""
    if not is_redacted(data):
        raise ModelRefusal(f"{place}: Invalid `data` in `redacted_thinking` block")


def expected_thinking(place: str, found: str) -> ModelRefusal:
    """The refusal of a tool-using turn that lost its thinking while ``thinking`` is enabled."""
    return ModelRefusal(
        f"{place}.type: Expected `thinking` or `redacted_thinking`, but found `{found}`. When "
        "`thinking` is enabled, a final `assistant` message must start with a thinking block "
        "(preceeding the lastmost set of `tool_use` and `tool_result` blocks). We recommend you "
        "include thinking blocks from previous turns. To avoid this requirement, disable "
        f"`thinking`. Please consult our documentation at {_DOCS}"
    )
