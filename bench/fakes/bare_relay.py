"""A worker that passes Bedrock's bytes on unread: the least that relaying in Python can cost.

A script, so that it starts as barely as the router does.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

sys.path[0] = str(Path(__file__).parents[2])

from bench import wire  # noqa: E402 (importable from here on)
from bench.fakes.runtime_api import RuntimeApi  # noqa: E402

_READ_SIZE = 65536


def main() -> None:
    """Takes the event for the request, and whatever comes back for the answer."""
    upstream = urlsplit(os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"])
    bedrock = wire.connect((upstream.hostname or "", upstream.port or 80))
    api = RuntimeApi()
    for event in api.invocations():
        bedrock.sendall(wire.message("POST /model/bare/converse-stream HTTP/1.1", {}, event))
        api.begin()
        last = b""
        while not last.endswith(wire.LAST_CHUNK):
            last = bedrock.recv(_READ_SIZE)
            api.send(last)
        api.end()


if __name__ == "__main__":
    main()
