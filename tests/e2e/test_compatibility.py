"""docs/compatibility.md tells what the router does with every feature on every model family."""

from pathlib import Path

import pytest

from tests.support.compatibility.page import PROTOCOLS, page_sections, section, write_section
from tests.support.whole_router import WholeRouter


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_page_tells_what_happens(
    name: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    measured = section(PROTOCOLS[name], WholeRouter(tmp_path))
    if pytestconfig.getoption("update_snapshots"):
        write_section(name, measured)
    assert page_sections()[name] == measured
