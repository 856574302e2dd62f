"""The official client, on a simulator that checks its signatures."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import OpenAI

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import simulator
from tests.support.simulated_openai import openai_client


@pytest.fixture
def signed_sim(tmp_path: Path) -> Simulator:
    """A simulator that checks signatures."""
    return simulator(tmp_path, gate_seconds=0.05, access_key="key", secret_key="secret")


@pytest.fixture
def client(signed_sim: Simulator) -> Iterator[OpenAI]:
    """The official client of `signed_sim`."""
    with openai_client(signed_sim) as made:
        yield made
