"""How commands lay out what they print."""

from decimal import Decimal

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

PLACES = 4
"""Decimals of a dollar in tables: a hundredth of a cent."""

EXACT_BELOW = 100_000
"""Counts that are shown in full."""

LEAST_TEXT = 14
"""The narrowest that text is folded to."""

WIDEST = 1000

TEXT, WORD, NUMBER = "text", "word", "number"
"""Kinds of columns."""


def table(title: str, *columns: tuple[str, str]) -> Table:
    """A table of columns, each a heading and `TEXT`, which may be folded, `WORD` or `NUMBER`."""
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading, kind in columns:
        made.add_column(
            heading,
            justify="right" if kind == NUMBER else "left",
            no_wrap=kind != TEXT,
            overflow="fold",
            min_width=LEAST_TEXT if kind == TEXT else None,
        )
    return made


def show(output: Console, shown: Table) -> None:
    """Prints a table, wider than the terminal rather than with columns too narrow to read."""
    least = Measurement.get(output, output.options.update(width=WIDEST), shown).minimum
    output.print(shown, width=max(output.width, least), crop=False)


def count(number: int) -> str:
    """A count to read: ``12,345``, ``678.9k``, ``12.3M``."""
    if number < EXACT_BELOW:
        return f"{number:,}"
    return f"{number / 1e3:,.1f}k" if number < 1_000_000 else f"{number / 1e6:,.1f}M"


def dollars(exact: str) -> str:
    """An amount to read: ``1,234.5000``, ``<0.0001`` for what would look like nothing."""
    amount = Decimal(exact)
    shown = f"{amount:,.{PLACES}f}"
    if amount and not shown.strip("-0.,"):
        return f"{'-' if amount < 0 else ''}<0.{'0' * (PLACES - 1)}1"
    return shown


def signed(exact: str) -> str:
    """A difference to read, its sign before it even where it is above zero."""
    shown = dollars(exact)
    return shown if Decimal(exact) <= 0 else f"+{shown}"


def plain(text: str) -> Text:
    """Text of others, in which brackets mean nothing."""
    return Text(text)
