"""Reads and answers queries of CloudWatch Logs Insights, of those few commands that are used here.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

COMMANDS = {"fields", "filter", "limit", "sort", "stats"}
FUNCTIONS = {"bin", "count", "count_distinct", "ispresent", "pct", "sum"}
WORDS = {"and", "as", "by", "desc", "not"}

DAY_MS = 86_400_000

Row = dict[str, Any]


def fields_of(query: str) -> set[str]:
    """The fields of log lines that a query is about, without what CloudWatch itself adds to a line.

    Raises ValueError for a command or a function that is not known here.
    """
    # What is quoted is a value; what begins with @ is CloudWatch's own.
    bare = re.sub(r'"[^"]*"|@\w+', "", query)
    for command in bare.split("|"):
        if command.split()[0] not in COMMANDS:
            raise ValueError(f"not a command: {command}")
    if unknown := set(re.findall(r"(\w+)\(", bare)) - FUNCTIONS:
        raise ValueError(f"not functions: {unknown}")
    aliases = set(re.findall(r"\bas (\w+)", bare))
    words = set(re.findall(r"\b([a-zA-Z_]\w*)\b(?!\()", bare))
    return words - aliases - WORDS - COMMANDS


def answer(query: str, lines: Sequence[str]) -> list[Row]:
    """The rows that a query gives of log lines: those of one `stats`, behind filters. Raises ValueError
    for anything else."""
    rows: list[Row] = [json.loads(line) for line in lines]
    for command in query.split("|"):
        name, rest = command.strip().split(" ", 1)
        match name:
            case "filter":
                rows = [row for row in rows if _holds(rest, row)]
            case "stats":
                rows = _stats(rest, rows)
            case "sort":
                field, order = rest.split()
                rows = sorted(rows, key=lambda row: row[field], reverse=order == "desc")
            case "limit":
                rows = rows[: int(rest)]
            case _:
                raise ValueError(f"not answered here: {command}")
    return rows


def _holds(condition: str, row: Row) -> bool:
    terms = [re.fullmatch(r"ispresent\((\w+)\)", term) for term in condition.split(" and ")]
    if None in terms:
        raise ValueError(f"not answered here: {condition}")
    return all(term[1] in row for term in terms if term)


def _stats(rest: str, rows: Sequence[Row]) -> list[Row]:
    aggregates, _, keys = rest.partition(" by ")
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(_key(key, row) for key in keys.split(", "))].append(row)
    return [
        dict(zip(keys.split(", "), group, strict=True))
        | {
            alias: _aggregated(function, argument, members)
            for function, argument, alias in re.findall(
                r"(\w+)\(([^)]*)\) as (\w+)(?:,|$)", aggregates
            )
        }
        for group, members in groups.items()
    ]


def _key(key: str, row: Row) -> Any:
    # The time of a line is that of the metrics in it.
    return row["_aws"]["Timestamp"] // DAY_MS if key == "bin(1d)" else row.get(key)


def _aggregated(function: str, argument: str, rows: Sequence[Row]) -> float:
    field, _, divisor = argument.partition(" / ")
    match function:
        case "count":
            return len(rows)
        case "count_distinct":
            return len({row[field] for row in rows if field in row})
        case "sum":
            return sum(row[field] / int(divisor or 1) for row in rows)
    raise ValueError(f"not answered here: {function}")
