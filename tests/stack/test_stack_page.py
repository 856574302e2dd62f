"""docs/stack.md tells what the constructs take, what the stack puts out, and what checkers find."""

from pathlib import Path

import pytest

from tests.support.cloudformation import Template
from tests.support.stack_page import stack_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "stack.md"


def test_the_page_about_the_stack_is_current(
    pytestconfig: pytest.Config, template: Template
) -> None:
    page = stack_page(template)
    if pytestconfig.getoption("update_snapshots"):
        PAGE.write_text(page)
    assert PAGE.read_text() == page
