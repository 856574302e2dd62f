"""Responses that Bedrock keeps for clients that asked it to (``store``): read, cancelled, deleted.

They belong to the account's default project, so the keys of one stack share them as the keys of one
OpenAI project do: whoever has a response's id may read and delete it.
https://docs.aws.amazon.com/bedrock/latest/userguide/inference-responses-api.html
"""

import string
from urllib.parse import unquote

from router.dialects import bedrock
from router.dialects.checks import invalid
from router.dialects.openai_native.refusals import refusal
from router.http import Request, Response
from router.metered_call import Services, look_up
from router.unpaid_calls import ask

_PATH = "/v1/responses/"
_CANCEL = "/cancel"

_ID_CHARACTERS = frozenset(string.ascii_letters + string.digits + "_-")
_LONGEST_ID = 512


def retrieve(services: Services, request: Request) -> Response:
    """The response with the id in the path."""
    return _relay(services, request, "GET")


def cancel(services: Services, request: Request) -> Response:
    """Cancels a response that is still in progress."""
    return _relay(services, request, "POST", _CANCEL)


def delete(services: Services, request: Request) -> Response:
    """Has Bedrock forget a response."""
    return _relay(services, request, "DELETE")


def _id_of(request: Request) -> str:
    """The id in the path. Raises `ApiError` for what would lead to another path of Bedrock's."""
    response_id = unquote(request.path.removeprefix(_PATH).removesuffix(_CANCEL))
    if not response_id or len(response_id) > _LONGEST_ID or set(response_id) - _ID_CHARACTERS:
        raise invalid("response_id", "must be made of letters, digits, hyphens and underscores")
    return response_id


def _relay(services: Services, request: Request, method: str, action: str = "") -> Response:
    look_up(services, request)
    path = f"/openai{_PATH}{_id_of(request)}{action}"
    answer, body = ask(services.bedrock_runtime, method, path, request)
    if answer.status != 200:
        return refusal(answer.status, answer.headers, body, request.request_id)
    return Response(200, bedrock.relayed(answer.headers), body)
