"""Serves a request by Bedrock's own OpenAI API or by a translation, whichever does it better."""

from collections.abc import Mapping
from typing import Protocol

from catalog.models import Catalog, Target

from router.dialects.checks import Json, name, request_object
from router.dialects.dialect import Call, Dialect, Translator
from router.errors import ApiError
from router.http import Headers, Request, Response


class Reader(Dialect, Protocol):
    """A dialect whose body can be read before it is chosen."""

    def read(self, asked: Json, target: Target, request: Request) -> Call:
        """The call that a body, read already, asks for. Raises `ApiError`."""
        ...


class Native(Reader, Protocol):
    """A dialect that serves some models only, and some requests to them."""

    def serves(self, asked: Json, target: Target, headers: Mapping[str, str]) -> bool:
        """Whether it is the better one for this request."""
        ...


class ChoosingDialect:
    """One request to either of two dialects of one protocol; see `router.dialects.dialect.Dialect`."""

    def __init__(self, native: Native, translated: Reader) -> None:
        self.route = translated.route
        self._native = native
        self._chosen = translated

    def parse(self, request: Request, catalog: Catalog) -> Call:
        asked = request_object(request.body)
        target = catalog.resolve(name(asked.get("model"), "model"))
        if self._native.serves(asked, target, request.headers):
            self._chosen = self._native
        return self._chosen.read(asked, target, request)

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:
        return self._chosen.answer(call, headers, body)

    def stream(self, call: Call, headers: Headers) -> Translator:
        return self._chosen.stream(call, headers)

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        return self._chosen.refusal(status, headers, body)

    def error(self, error: ApiError) -> Response:
        return self._chosen.error(error)
