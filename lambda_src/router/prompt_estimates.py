"""How many tokens the prompt of a paid request has, by estimate, whatever protocol it is in.

The other bound, the most that it can have, is `router.bounds`'.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from catalog.families import Family, family_of

from router.dialects.checks import Json
from router.dialects.converse.guardrails import IDENTIFIER
from router.dialects.dialect import OPENAI_OPERATIONS, Call
from router.dialects.openai_chat.request import to_converse as chat_to_converse
from router.dialects.openai_responses.request import to_converse as responses_to_converse
from router.errors import ApiError
from router.text_tokens import text_tokens
from router.token_estimates import Tokens, tokens_of

_TEXTS = ("inputText", "input", "message", "prompt", "texts")
"""Where bodies that are no conversation have their text, or a list of texts."""

_SHORTENED = frozenset({"context_management", "guardrailConfig", "truncate", "truncation"})
"""Members by which a model may get less of a prompt than a request has."""

_FORGOTTEN = (b'"reasoningContent"', b'"signature"')
"""What tells of earlier turns' reasoning, which is not always in the prompt again
(https://platform.claude.com/docs/en/build-with-claude/extended-thinking)."""

_CACHE_MARKS = (b"cache_control", b"cachePoint")


class Prompt(NamedTuple):
    """How many tokens a prompt has."""

    least: int
    """Half of what is estimated for its text. No estimate that was measured is twice the real count,
    but the size of pictures and documents may be anyone's guess."""
    estimated: int | None
    """None where the body has a form that none is made for."""


def prompt_of(call: Call, body: bytes, headers: Mapping[str, str]) -> Prompt:
    """The prompt of a call; `body` and `headers` are those of the client's request, which it was made of."""
    asked: Json = json.loads(body)
    found = _tokens(call, asked, headers)
    if found is None:
        return Prompt(0, None)
    may_be_less = (
        asked.keys() & _SHORTENED
        or IDENTIFIER in headers
        or any(mark in call.body for mark in _FORGOTTEN)
    )
    return Prompt(0 if may_be_less else found.text // 2, sum(found))


def may_be_cached(call: Call) -> bool:
    """Whether some of a prompt may be read from a cache. Claude does so where it is asked to."""
    return not family_of(call.target.runs).messages or any(
        mark in call.body for mark in _CACHE_MARKS
    )


def _tokens(call: Call, asked: Json, headers: Mapping[str, str]) -> Tokens | None:
    family = family_of(call.target.runs)
    if call.operation in OPENAI_OPERATIONS:
        return _translated(call.operation, asked, family, headers)
    sent: Json = call.draft.body if call.draft is not None else asked
    if not isinstance(sent.get("messages"), list):
        return _of_texts(sent, family)
    if call.operation.startswith("converse") or _is_estimated(sent, family):
        return tokens_of(sent, family)
    return _translated("chat/completions", sent, family, headers)


def _is_estimated(body: Json, family: Family) -> bool:
    """Whether a body for InvokeModel is Anthropic's, or Nova's, which is Converse's."""
    return family.messages or family.name.startswith("nova") or "anthropic_version" in body


def _translated(
    operation: str, asked: Json, family: Family, headers: Mapping[str, str]
) -> Tokens | None:
    """The tokens of an OpenAI body, by what it would be over Converse; None where it cannot be that."""
    translate = responses_to_converse if operation == "responses" else chat_to_converse
    try:
        draft = translate(asked, family, headers).draft
    except ApiError:
        return None
    return tokens_of(draft.body, family)


def _of_texts(body: Json, family: Family) -> Tokens | None:
    values = [body[name] for name in _TEXTS if name in body]
    texts = [text for value in values for text in (value if isinstance(value, list) else [value])]
    if not texts or not all(isinstance(text, str) for text in texts):
        return None
    return Tokens(text_tokens(" ".join(texts), family.tokenizer), 0)
