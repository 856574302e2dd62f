"""What the local stack can be told, checked before anything starts."""

import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from local.account import detached_session

SIMULATED = "simulated"
REAL_AWS = "aws"


class OptionError(Exception):
    """The options, or the machine, do not allow the stack to start; the text says why."""


class Options(NamedTuple):
    """`bedrock` is SIMULATED, REAL_AWS or the URL of a Bedrock endpoint; port 0 takes a free one."""

    port: int
    console_port: int
    bedrock: str
    openai_url: str | None
    anthropic_url: str | None
    tls: bool
    max_concurrency: int
    aliases: dict[str, str]
    region: str
    ca_bundle: str | None
    """Certificate authorities that the functions trust when Bedrock is not the simulated one."""
    recordings: str | None
    """A folder of recorded calls that the simulated Bedrock can replay."""


def parse_aliases(definitions: list[str]) -> dict[str, str]:
    """Each definition is NAME=ID. Raises OptionError."""
    aliases = {}
    for definition in definitions:
        name, separator, model_id = definition.partition("=")
        if not (name and separator and model_id):
            raise OptionError(f"--alias wants NAME=ID, not {definition!r}")
        aliases[name] = model_id
    return aliases


def checked_endpoint(option: str, endpoint: str) -> str:
    """One of the two words or a URL. Raises OptionError."""
    return endpoint if endpoint in {SIMULATED, REAL_AWS} else checked_url(option, endpoint)


def checked_url(option: str, url: str) -> str:
    """Raises OptionError."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise OptionError(f"{option}: {url!r} is no http or https URL")
    return url.rstrip("/")


def checked_region(region: str) -> str:
    """Raises OptionError for a Region that the AWS SDK does not know Lambda in."""
    session = detached_session()
    if not any(
        region in session.get_available_regions("lambda", partition)
        for partition in session.get_available_partitions()
    ):
        raise OptionError(f"--region: there is no AWS Region {region!r}")
    return region


def checked_ready_file(path: Path | None) -> Path | None:
    """Raises OptionError when nothing could be written there."""
    if path is not None and not os.access(path.parent, os.W_OK | os.X_OK):
        raise OptionError(f"--ready-file: nothing can be written to {path.parent}")
    return path


def require_node(environment: Mapping[str, str]) -> None:
    """The CDK runs on Node, or on what JSII_NODE names. Raises OptionError."""
    node = environment.get("JSII_NODE", "node")
    if not shutil.which(node):
        raise OptionError(
            f"{node!r} was not found: the CDK needs Node 20 or newer to synthesize the stack"
        )


def bound_socket(option: str, port: int) -> socket.socket:
    """A loopback socket that holds `port` but does not listen yet. Raises OptionError."""
    # With the protocol named, asyncio turns Nagle's algorithm off for what it accepts.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError as error:
        sock.close()
        raise OptionError(
            f"{option} {port}: {error.strerror}; another port or 0 for a free one will do"
        ) from error
    return sock
