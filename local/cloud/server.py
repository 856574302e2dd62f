"""moto as an HTTP server whose DynamoDB is atomic and whose answers are prompt."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

import moto.cloudformation.parsing  # noqa: F401 -- moto would load it within the first request
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

import local.cloud.resources  # noqa: F401 -- CloudFormation finds its types once imported

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class SerializedDynamoDb:
    """Lets one DynamoDB request at a time into `application`.

    moto checks a condition and applies the write in two steps, so under threads it accepts
    conditional updates that exclude each other, and builds answers from items that have changed
    since. DynamoDB does neither.
    """

    def __init__(self, application: WsgiApplication) -> None:
        self._application = application
        self._lock = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB"):
            with self._lock:
                return self._application(environ, start_response)
        return self._application(environ, start_response)


class _RequestHandler(MotoRequestHandler):
    # werkzeug writes head and body apart; Nagle's algorithm would hold the body back for the
    # client's delayed acknowledgement, 40 ms.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...


def make_cloud_server(port: int) -> BaseWSGIServer:
    """A server on the loopback interface, listening but not yet serving; port 0 takes a free one."""
    application = SerializedDynamoDb(DomainDispatcherApplication(create_backend_app))
    return make_server(
        "127.0.0.1", port, application, threaded=True, request_handler=_RequestHandler
    )
