"""The console's Lambda entry: a Function URL event in, its answer out.

Shapes: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

import base64
import json
import logging
import os
from functools import cache
from time import monotonic, time
from typing import Any
from urllib.parse import parse_qsl

import boto3
from botocore.config import Config
from ledger.administration import Administration

from console.api import Api, Request, Response
from console.cost_explorer import CostExplorer
from console.errors import ApiError
from console.reports import Reports
from console.secret_values import SecretValue
from console.settings import settings_from
from console.table import BotoTable

logger = logging.getLogger("console")
logger.setLevel(logging.INFO)

AWS_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
)
"""Three tries fit in the function's time-out; endpoints come from AWS's own environment variables."""

BILL_CONFIG = AWS_CONFIG.merge(
    Config(read_timeout=8, retries={"mode": "standard", "total_max_attempts": 1})
)
"""Cost Explorer takes its time, and whoever asks again decides so."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answers one request. What fails unforeseen is a 500, logged without anything that was sent."""
    try:
        response = api().respond(_request_of(event))
    except ApiError as error:
        response = Response(error.status, error.body(), error.headers)
    except Exception as error:
        logger.error("unforeseen %s at %s", type(error).__name__, _place(error))
        internal = ApiError(500, "internal", "something went wrong, see the console's log")
        response = Response(500, internal.body())
    return _answer(response)


@cache
def api() -> Api:
    """The API as the environment sets it up, made once in each execution environment."""
    settings = settings_from(os.environ)
    secrets = boto3.client("secretsmanager", region_name=settings.region, config=AWS_CONFIG)
    dynamodb = boto3.client("dynamodb", region_name=settings.region, config=AWS_CONFIG)
    administration = Administration(BotoTable(dynamodb), settings.table_name, time)
    cost_explorer = CostExplorer(
        cache(lambda: boto3.client("ce", region_name=settings.region, config=BILL_CONFIG)),
        settings.account_id,
    )
    return Api(
        administration,
        Reports(administration, cost_explorer, region=settings.region, now=time),
        hmac_secret=SecretValue(secrets, settings.hmac_secret_id, monotonic),
        admin_key=SecretValue(secrets, settings.admin_key_secret_id, monotonic),
        proxy_url=settings.proxy_url,
        now=time,
        randbytes=os.urandom,
    )


def _request_of(event: dict[str, Any]) -> Request:
    body = event.get("body") or ""
    try:
        raw = base64.b64decode(body, validate=True) if event["isBase64Encoded"] else body.encode()
    except ValueError as error:
        raise ApiError(400, "invalid_body", "the body is not valid base64 or Unicode") from error
    return Request(
        method=event["requestContext"]["http"]["method"],
        path=event["rawPath"],
        query=dict(parse_qsl(event["rawQueryString"], keep_blank_values=True)),
        headers={name.lower(): value for name, value in event["headers"].items()},
        body=raw,
    )


def _answer(response: Response) -> dict[str, Any]:
    # no-store: a new key is in one of these answers, and what is left to spend changes any time
    headers = {"cache-control": "no-store"} | dict(response.headers)
    if response.body is not None:
        headers["content-type"] = "application/json"
    return {
        "statusCode": response.status,
        "headers": headers,
        "body": "" if response.body is None else json.dumps(response.body),
        "isBase64Encoded": False,
    }


def _place(error: BaseException) -> str:
    """File and line where an error was raised, without the values its message may quote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
