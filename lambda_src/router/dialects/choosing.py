"""Serves a request by an API of Bedrock's that speaks the client's protocol, or by a translation."""

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from catalog.models import Target

from router.dialects.checks import Json, request_object
from router.dialects.dialect import Call, Dialect, Names, Translator
from router.dialects.model_ids import read_model
from router.errors import ApiError
from router.http import Headers, Request, Response


class Untaken(ApiError):
    """A native dialect's refusal of what only the translation knows a way for."""

    def __init__(self, where: str) -> None:
        told = f"{where} is not supported by this model on Amazon Bedrock."
        super().__init__("invalid_request", told, param=where)


_Found = TypeVar("_Found")


def either(
    body: bytes, asked: Json, native: Callable[[Json], _Found], translated: Callable[[Json], _Found]
) -> _Found:
    """What `native` makes of a request, or what `translated` does where that refuses it.

    Only what both refuse is refused, for the reason of the first unless that is no more than `Untaken`.
    `asked` is what `body` holds.
    """
    try:
        return native(asked)
    except ApiError as refusal:
        try:
            # Read anew: the other one has begun to change it.
            return translated(request_object(body))
        except ApiError as other:
            raise (other if isinstance(refusal, Untaken) else refusal) from None


class Reader(Dialect, Protocol):
    """A dialect that reads what others have begun to read."""

    def read(self, asked: Json, target: Target, request: Request) -> Call:
        """The call that a body, read already, asks for. Raises `ApiError`."""
        ...


class ChoosingDialect:
    """One request in either of two dialects of one protocol; see `router.dialects.dialect.Dialect`.

    What the native one refuses is translated, as Converse knows ways that the other does not:
    guardrails on Responses, documents by URL, tool names with dots, answers in JSON of a Claude that
    has no form for them.
    """

    def __init__(
        self,
        route: str,
        serves: Callable[[Target], bool],
        native: Callable[[], Reader],
        translated: Callable[[], Reader],
    ) -> None:
        """`serves` tells whether `native` is the better one for a model; either is made when needed."""
        self.route = route
        self._serves = serves
        self._native = native
        self._translated = translated
        self._chosen: Dialect

    def parse(self, request: Request, catalog: Names) -> Call:
        asked = request_object(request.body)
        target = read_model(asked, catalog)

        def read(make: Callable[[], Reader], asked: Json) -> Call:
            self._chosen = dialect = make()
            return dialect.read(asked, target, request)

        native, translated = partial(read, self._native), partial(read, self._translated)
        if not self._serves(target):
            return translated(asked)
        return either(request.body, asked, native, translated)

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:
        return self._chosen.answer(call, headers, body)

    def stream(self, call: Call, headers: Headers) -> Translator:
        return self._chosen.stream(call, headers)

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        return self._chosen.refusal(status, headers, body)
