"""What becomes on Bedrock of the betas that a Messages request asks for.

    table.py    BETAS: a row for each ``anthropic-beta``

Bedrock refuses a request that names a beta its model does not know ("invalid beta flag"), and fields
whose beta is missing ("Extra inputs are not permitted"), so both go by the table alone.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from catalog.betas.table import BETAS, GATED, Beta
from catalog.families.family import Family

__all__ = ["BETAS", "GATED", "Beta", "Betas", "bedrock_betas"]

_BY_NAME = {beta.name: beta for beta in BETAS}

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")
_LONGEST = 64


class Betas(NamedTuple):
    """What of the betas of a request goes to Bedrock."""

    kept: list[str]
    """The betas for ``anthropic_beta``, by Bedrock's names, each once."""
    dropped: list[str]
    """Those to tell the client of, as short plain text."""
    closed: frozenset[str]
    """What of `used` nothing opens: the request has to go without it."""


def bedrock_betas(
    asked: Iterable[str], family: Family, used: Iterable[str] = (), *, converse: bool = False
) -> Betas:
    """What goes to a model of that family of the betas that a client asked for, in any case.

    Each of `asked` may be a list of names between commas, as in the header. `used` is what the request
    has of `GATED`: the beta that opens it comes in unasked, as clients leave out those that Anthropic's
    API has made general. With `converse` for a request to Converse, else for InvokeModel's body.
    """
    kept: dict[str, None] = {}
    dropped: set[str] = set()
    closed = set(used)
    for name in _names(asked):
        beta = _BY_NAME.get(name)
        if beta is not None and _goes(beta, family, converse=converse):
            kept[beta.goes_as or name] = None
            closed.difference_update(beta.opens)
        elif beta is None or not (beta.quiet or family.name in beta.built_in):
            dropped.add("".join(filter(_PLAIN.__contains__, name))[:_LONGEST] or "of another form")
    for beta in BETAS if closed else ():
        if closed.isdisjoint(beta.opens):
            continue
        goes = _goes(beta, family, converse=converse)
        if goes:
            kept[beta.goes_as or beta.name] = None
        if goes or family.name in beta.built_in:
            closed.difference_update(beta.opens)
    return Betas(list(kept), sorted(dropped), frozenset(closed))


def _goes(beta: Beta, family: Family, *, converse: bool) -> bool:
    return family.name in beta.families and (beta.converse or not converse)


def _names(asked: Iterable[str]) -> Iterator[str]:
    for entry in asked:
        yield from filter(None, (name.strip().lower() for name in entry.split(",")))
