"""The endpoints that call no model: the key's own account, the models, and the control plane."""

from catalog.models import provider
from ledger.admission import Refused
from ledger.money import UNLIMITED, to_usd
from ledger.records import KeyRecord, balance
from ledger.table import TableUnavailable

from router import bedrock_errors
from router.dialects import bedrock
from router.http import Request, Response, json_response
from router.http_pool import UpstreamUnreachable
from router.metered_call import Services, identify, refused, table_down

_CONTROL_PLANE_LIMIT_S = 30.0


def health(services: Services, request: Request) -> Response:  # noqa: ARG001
    """Whether the router runs; asks nothing of the table or of Bedrock."""
    return json_response(200, {"status": "ok"})


def key(services: Services, request: Request) -> Response:
    """The caller's own limit, spend and remaining credit, in dollars as decimal strings."""
    record = _look_up(services, request)
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
    """The models of the catalog in OpenAI's list shape, the owner's aliases first."""
    _look_up(services, request)
    catalog = services.catalog
    rows = [
        {"id": alias, "object": "model", "created": 0, "owned_by": "alias", "target": target}
        for alias, target in catalog.owner_aliases.items()
    ]
    rows += [
        {
            "id": model.name,
            "object": "model",
            "created": 0,
            "owned_by": provider(target := catalog.local_id(model)),
            "target": target,
            "aliases": list(model.aliases),
            "context_window": model.context_window,
            "max_output_tokens": model.max_output_tokens,
            "capabilities": list(model.capabilities),
        }
        for model in catalog.models
    ]
    return json_response(200, {"object": "list", "data": rows})


def control_plane(services: Services, request: Request) -> Response:
    """Bedrock's own list of inference profiles or foundation models, relayed."""
    _look_up(services, request)
    try:
        answer = services.bedrock.call(
            "GET",
            request.path,
            [("accept", "application/json")],
            b"",
            query=request.query,
            limit_s=_CONTROL_PLANE_LIMIT_S,
        )
        body = answer.read()
    except UpstreamUnreachable as error:
        raise bedrock_errors.unreachable() from error
    if bedrock_errors.is_unknown_operation(body):
        raise bedrock_errors.unknown_operation()
    return Response(answer.status, bedrock.relayed(answer.headers), body)


def _look_up(services: Services, request: Request) -> KeyRecord:
    credential = identify(services, request)
    try:
        return services.ledger.look_up(credential)
    except Refused as error:
        raise refused(error, "") from error
    except TableUnavailable as error:
        raise table_down(error) from error
