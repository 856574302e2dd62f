"""Puts the router together from its settings, and warms up what a first request would wait for."""

import time
from collections.abc import Callable

from catalog import models
from ledger.admission import Ledger

from router import metering
from router.authentication import SecretVersions
from router.aws import DynamoDbTable, Endpoint, SecretUnavailable, get_secret
from router.fetching import Fetcher
from router.http import Request, Response
from router.http_pool import Pool, tls_context
from router.inference_profiles import InferenceProfiles
from router.metered_call import Services
from router.routes import handle
from router.settings import Settings

LANES = 8
"""Connections to Bedrock: so many parts of one request can be under way at once."""


def build(settings: Settings) -> Callable[[Request], Response]:
    """The handler of requests. Lambda gives initialization a full core, so connections open here."""
    tls = tls_context(settings.ca_bundle)
    pool = Pool(tls)

    def endpoint(url: str, service: str, lane: int = 0) -> Endpoint:
        return Endpoint(
            pool.connection(url, lane),
            service=service,
            region=settings.region,
            credentials=settings.credentials,
            clock=time.time,
        )

    secrets_manager = endpoint(settings.secrets_manager_url, "secretsmanager")
    dynamodb = endpoint(settings.dynamodb_url, "dynamodb")
    lanes = [endpoint(settings.bedrock_runtime_url, "bedrock", lane) for lane in range(LANES)]
    secrets = SecretVersions(
        lambda stage: get_secret(secrets_manager, settings.hmac_secret_id, stage), time.time
    )
    bedrock = endpoint(settings.bedrock_url, "bedrock")
    services = Services(
        secrets=secrets,
        ledger=Ledger(DynamoDbTable(dynamodb), settings.table_name, time.time),
        catalog=models.load(settings.region, settings.aliases),
        bedrock_runtime=lanes[0],
        bedrock_runtime_lanes=lanes,
        bedrock=bedrock,
        profiles=InferenceProfiles(bedrock, time.time),
        fetcher=Fetcher(tls),
        clock=time.time,
        meter=metering.write,
    )
    _warm_up(secrets, dynamodb, lanes[0])
    return lambda request: handle(services, request)


def _warm_up(secrets: SecretVersions, *endpoints: Endpoint) -> None:
    for endpoint in endpoints:
        endpoint.open()
    try:
        secrets.load()
    except SecretUnavailable as error:
        # The first request fetches it again, and can tell its client when that fails too.
        metering.log_error(error)
