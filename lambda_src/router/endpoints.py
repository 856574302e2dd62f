"""The endpoints that call no model: the key's own account, the models, and the control plane."""

from collections.abc import Iterable
from urllib.parse import unquote

from ledger.money import UNLIMITED, to_usd
from ledger.records import balance
from ledger.updates import allows

from router.dialects import bedrock
from router.dialects.checks import clipped
from router.dialects.shapes import ANTHROPIC, envelope_of
from router.errors import ApiError
from router.http import Request, Response, json_response
from router.inference_profiles import AskingNames, HiddenModel
from router.metered_call import Services, look_up
from router.unpaid_calls import ask


def health(services: Services, request: Request) -> Response:  # noqa: ARG001
    """Whether the router runs; asks nothing of the table or of Bedrock."""
    return json_response(200, {"status": "ok"})


def key(services: Services, request: Request) -> Response:
    """The caller's own limit, spend and remaining credit, in dollars as decimal strings."""
    record = look_up(services, request)
    found = balance(record, int(services.clock()))
    limited = record.credit_limit < UNLIMITED
    return json_response(
        200,
        {
            "object": "key",
            "id": record.id,
            "name": record.name,
            "credit_limit_usd": to_usd(record.credit_limit) if limited else None,
            "limit_period": None if record.limit_period == "none" else record.limit_period,
            "period_ends": found.period_ends if record.limit_period != "none" else None,
            "spent_usd": to_usd(found.spent),
            "reserved_usd": to_usd(found.held),
            "remaining_usd": to_usd(found.remaining) if limited else None,
            "allowed_models": sorted(record.allowed_models) if record.allowed_models else None,
            "requests_per_minute": record.requests_per_minute,
            "tokens_per_minute": record.tokens_per_minute,
        },
    )


def models(services: Services, request: Request) -> Response:
    """The models that the caller may use, in the shape of the API it speaks."""
    # Loaded when first asked for, so that a cold start does not wait for it; likewise below.
    from router import anthropic_model_list, model_list  # noqa: PLC0415

    allowed = look_up(services, request).allowed_models
    _learn(services, services.catalog.owner_aliases, allowed)
    if envelope_of(request.path, request.headers) is ANTHROPIC:
        page = anthropic_model_list.page(services.catalog, allowed, request.query)
        return json_response(200, page, ANTHROPIC.told(request.request_id, ()))
    rows = model_list.rows(services.catalog, allowed)
    return json_response(200, {"object": "list", "data": rows})


def model(services: Services, request: Request) -> Response:
    """One model by any of its names or ids, which may hold slashes and colons."""
    from router import anthropic_model_list, model_list  # noqa: PLC0415

    allowed = look_up(services, request).allowed_models
    requested = unquote(request.path.removeprefix("/v1/models/"))
    _learn(services, (requested,), allowed)
    speaks_anthropic = envelope_of(request.path, request.headers) is ANTHROPIC
    row_of = anthropic_model_list.row if speaks_anthropic else model_list.row
    row = row_of(services.catalog, requested, allowed)
    if row is None:
        told = f"There is no model '{clipped(requested)}' here that this API key may use."
        raise ApiError("unknown_model", told, param="model")
    told_id = ANTHROPIC.told(request.request_id, ()) if speaks_anthropic else []
    return json_response(200, row, told_id)


def _learn(services: Services, names: Iterable[str], allowed: frozenset[str] | None) -> None:
    """Has Bedrock tell what the application inference profiles run that the caller may use."""
    asking = AskingNames(services.catalog)
    for name in names:
        try:
            asking.resolve(name)
        except HiddenModel as error:
            if allows(allowed, error.target.called):
                services.profiles.teach(services.catalog, error.target.model_id)


def control_plane(services: Services, request: Request) -> Response:
    """Bedrock's own list of inference profiles or foundation models, relayed."""
    look_up(services, request)
    answer, body = ask(services.bedrock, "GET", request.path, request)
    return Response(answer.status, bedrock.relayed(answer.headers), body)
