"""A request for embeddings as the InvokeModel calls it needs.

Members: https://platform.openai.com/docs/api-reference/embeddings/create, and `input_type`, `truncate`
and `normalize`, which models on Amazon Bedrock have beside them.
"""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.models import Target

from router.dialects.checks import Json, boolean, clipped, invalid, name, request_object, text
from router.dialects.dialect import Call, Names
from router.dialects.model_ids import read_model
from router.dialects.openai_embeddings.families import EmbeddingFamily, Options, family_of
from router.errors import ApiError

MAX_TEXTS = 2048
"""As many as OpenAI takes at once."""

PREFIX_TOKENS = 16
"""The most tokens that a model adds to a text: where it begins, where it ends, what it is for."""

_READ = frozenset(
    {
        "dimensions",
        "encoding_format",
        "input",
        "input_type",
        "model",
        "normalize",
        "truncate",
        "user",
    }
)

_NOT_TEXT = (
    "holds token ids, which only OpenAI's own models can read: send text. In LangChain, make "
    "OpenAIEmbeddings with check_embedding_ctx_length=False"
)


class Part(NamedTuple):
    """One InvokeModel call, with some of a request's texts."""

    where: str
    """Which texts, for errors: ``input[3]``."""
    texts: int
    body: bytes
    prompt_tokens: int
    """The most tokens its texts can have: a token covers at least one byte."""


class Plan(NamedTuple):
    """A request, ready to be priced, admitted and sent to Bedrock."""

    call: Call
    """All parts as one call, for what they may cost together; its body is the client's. Each part is
    sent to its path and with its headers."""
    parts: list[Part]
    family: EmbeddingFamily
    encoding: str
    """A key of `router.dialects.openai_embeddings.answer.PACKING`."""
    changes: set[str]
    """Notices for the response header ``x-bedrockrouter-changes``."""


def plan(body: bytes, catalog: Names) -> Plan:
    """Translates any body; raises `ApiError` for what the model cannot be asked."""
    asked = request_object(body)
    target = read_model(asked, catalog)
    family = _family(target, catalog)
    changes = _changes(asked)
    texts = _texts(asked.get("input"), family)
    options = Options(
        dimensions=_dimensions(asked.get("dimensions"), family),
        input_type=_word(asked, "input_type", family.input_types),
        truncate=_word(asked, "truncate", family.truncate),
        normalize=_normalize(asked.get("normalize"), family),
    )
    parts = list(_parts(texts, options, family))
    call = Call(
        target=target,
        operation="invoke",
        headers=[("content-type", "application/json"), ("accept", "application/json")],
        body=body,
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        output_tokens=0,
    )
    return Plan(call, parts, family, _encoding(asked.get("encoding_format")), changes)


def _changes(asked: Json) -> set[str]:
    """Refuses members that mean nothing here; tells of the one that is dropped."""
    for key, value in asked.items():
        if key not in _READ and value is not None:
            raise invalid(clipped(key), "is not supported")
    if asked.get("user") is None:
        return set()
    text(asked["user"], "user")
    return {"user dropped"}


def _family(target: Target, catalog: Names) -> EmbeddingFamily:
    family = family_of(target.runs)
    if family is not None:
        return family
    models = ", ".join(model.name for model in catalog.models if "embeddings" in model.capabilities)
    told = f"'{clipped(target.requested)}' is no embedding model. There are: {models}."
    kind = "invalid_request" if target.priced else "unknown_model"
    raise ApiError(kind, told, param="model")


def _texts(value: object, family: EmbeddingFamily) -> dict[str, str]:
    """The texts by where they stand."""
    if isinstance(value, str):
        return {"input": _text(value, "input", family)}
    if not isinstance(value, list):
        raise invalid("input", "must be a string or a list of strings")
    if not value:
        raise invalid("input", "must not be empty")
    if _is_token_ids(value) or _is_token_ids(value[0]):
        raise invalid("input", _NOT_TEXT)
    if len(value) > MAX_TEXTS:
        raise invalid("input", f"must hold at most {MAX_TEXTS} texts")
    wheres = [f"input[{index}]" for index in range(len(value))]
    return {where: _text(item, where, family) for where, item in zip(wheres, value, strict=True)}


def _is_token_ids(value: object) -> bool:
    return isinstance(value, list) and type(next(iter(value), None)) is int


def _text(value: object, where: str, family: EmbeddingFamily) -> str:
    found = name(value, where)
    most = family.longest_text
    if most is not None and len(found) > most:
        raise invalid(where, f"must have at most {most} characters with this model: split it")
    return found


def _dimensions(value: object, family: EmbeddingFamily) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value not in family.dimensions:
        raise invalid("dimensions", f"must be {_listed(family.dimensions)} with this model")
    return value


def _word(asked: Json, key: str, words: Mapping[str, str]) -> str | None:
    """The family's own word for what the member asks."""
    value = asked.get(key)
    if value is None:
        return None
    if not words:
        raise invalid(key, "is not supported by this model")
    if not isinstance(value, str) or value not in words:
        raise invalid(key, f"must be {_listed(words)} with this model")
    return words[value]


def _normalize(value: object, family: EmbeddingFamily) -> bool | None:
    if value is None:
        return None
    if not family.normalize:
        raise invalid("normalize", "is not supported by this model")
    wanted = boolean(value, "normalize")
    if wanted not in family.normalize:
        raise invalid("normalize", f"must be {json.dumps(not wanted)} with this model")
    return wanted


def _encoding(value: object) -> str:
    if value is None:
        return "float"
    if value not in ("float", "base64"):
        raise invalid("encoding_format", "must be float or base64")
    return str(value)


def _parts(texts: dict[str, str], options: Options, family: EmbeddingFamily) -> Iterable[Part]:
    wheres = list(texts)
    for first in range(0, len(wheres), family.texts_per_call):
        some = wheres[first : first + family.texts_per_call]
        content = family.body_of([texts[where] for where in some], options)
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        yield Part(
            where=some[0] if len(some) == 1 else "input",
            texts=len(some),
            body=body,
            prompt_tokens=len(body) + PREFIX_TOKENS * len(some),
        )


def _listed(values: Iterable[object]) -> str:
    """``256, 512 or 1024``."""
    *others, last = map(str, values)
    return f"{', '.join(others)} or {last}" if others else last
