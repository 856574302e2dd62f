"""docs/compatibility.md tells what the local stack does with every feature on every model family."""

import pytest

from tests.support.compatibility.page import PROTOCOLS, page_sections, section, write_section
from tests.support.stack import LocalStack


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_page_tells_what_happens(
    name: str, stack: LocalStack, pytestconfig: pytest.Config
) -> None:
    measured = section(PROTOCOLS[name], stack)
    if pytestconfig.getoption("update_snapshots"):
        write_section(name, measured)
    assert page_sections()[name] == measured
