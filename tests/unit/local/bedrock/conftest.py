"""Simulators for the tests of this folder."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import boto_client, serving, sim

__all__ = ["sim"]


@pytest.fixture
def url(sim: Simulator) -> Iterator[str]:
    """Where `sim` is served over HTTP."""
    with serving(sim) as where:
        yield where


@pytest.fixture
def boto(url: str) -> Iterator[Any]:
    """boto3's ``bedrock-runtime`` client of `sim`."""
    with boto_client(url) as client:
        yield client
