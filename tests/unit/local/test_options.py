"""What is refused before anything starts, with words that say what to do."""

import asyncio
import socket
from pathlib import Path

import pytest

from local.options import (
    OptionError,
    bound_socket,
    checked_endpoint,
    checked_ready_file,
    checked_region,
    checked_url,
    parse_aliases,
    require_node,
)


def test_aliases_are_names_and_ids() -> None:
    assert parse_aliases(["gpt-5=us.a.b-v1:0", "x=y=z"]) == {"gpt-5": "us.a.b-v1:0", "x": "y=z"}


@pytest.mark.parametrize("definition", ["gpt-5", "=id", "name="])
def test_alias_without_name_or_id_is_refused(definition: str) -> None:
    with pytest.raises(OptionError, match="NAME=ID"):
        parse_aliases([definition])


@pytest.mark.parametrize("endpoint", ["simulated", "aws", "https://vpce-1.example"])
def test_bedrock_is_a_word_or_a_url(endpoint: str) -> None:
    assert checked_endpoint("--bedrock", endpoint) == endpoint


def test_url_loses_its_last_slash() -> None:
    assert checked_url("--openai-url", "http://127.0.0.1:1/v1/") == "http://127.0.0.1:1/v1"


@pytest.mark.parametrize("url", ["real", "ftp://host", "http://", ""])
def test_what_is_no_url_is_refused_by_the_options_name(url: str) -> None:
    with pytest.raises(OptionError, match="--bedrock"):
        checked_endpoint("--bedrock", url)
    with pytest.raises(OptionError, match="--openai-url"):
        checked_url("--openai-url", url)


def test_what_asyncio_accepts_on_the_socket_does_not_wait_for_full_packets() -> None:
    accepted: list[int] = []

    class Recorder(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connection = transport.get_extra_info("socket")
            accepted.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    async def scenario() -> None:
        sock = bound_socket("--port", 0)
        async with await asyncio.get_running_loop().create_server(Recorder, sock=sock) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            await asyncio.sleep(0)
            writer.close()
            await writer.wait_closed()
            del reader

    asyncio.run(scenario())
    assert accepted == [1]


def test_region_is_one_of_awss() -> None:
    assert [checked_region(name) for name in ("eu-west-1", "us-gov-west-1")]
    with pytest.raises(OptionError, match="no AWS Region 'mars-north-1'"):
        checked_region("mars-north-1")


def test_ready_file_needs_a_folder_that_takes_it(tmp_path: Path) -> None:
    assert checked_ready_file(None) is None
    assert checked_ready_file(tmp_path / "ready.json") == tmp_path / "ready.json"
    with pytest.raises(OptionError, match=r"--ready-file: nothing can be written to .*/missing"):
        checked_ready_file(tmp_path / "missing" / "ready.json")


def test_port_in_use_is_refused_by_the_options_name() -> None:
    with bound_socket("--port", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OptionError, match=f"--port {port}: Address already in use"):
            bound_socket("--port", port)


def test_missing_node_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    require_node({})
    with pytest.raises(OptionError, match="needs Node 20"):
        require_node({"JSII_NODE": "/nonexistent/node"})
    monkeypatch.setenv("PATH", "")
    with pytest.raises(OptionError, match="'node' was not found"):
        require_node({})
