"""Prices out of genai-prices' `data.py`, read as text: nothing of the package is run.

https://github.com/pydantic/genai-prices. The file is one list of `Provider(…)` calls, whose models
say by clauses which names they match, and whose prices are in USD per million tokens.
"""

import ast
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from scripts.catalog_sources.litellm_table import Row, usd

PARTS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
}
KIND = "kind"


def read(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The models of each provider, in the order in which they are tried."""
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == "providers":
            return {found["id"]: found["models"] for found in _value(statement.value)}
    raise ValueError(f"{path} has no list of providers")


def _value(node: ast.AST | None) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.List() | ast.Tuple():
            return [_value(item) for item in node.elts]
        case ast.Dict():
            return {
                _value(key): _value(item) for key, item in zip(node.keys, node.values, strict=True)
            }
        case ast.Call(func=ast.Name(id="Decimal"), args=[only]):
            return Decimal(str(_value(only)))
        case ast.Call():
            named = {word.arg: _value(word.value) for word in node.keywords}
            return {KIND: ast.unparse(node.func), "args": [*map(_value, node.args)], **named}
        case ast.Attribute() | ast.Name():
            return ast.unparse(node)
    raise ValueError(f"not data: {ast.dump(node) if node else node}")


def price(models: list[dict[str, Any]], name: str) -> Row:
    """The price row of the first model that matches a name; empty where none does."""
    for model in models:
        if _matches(model["match"], name):
            return _row(model["prices"])
    return {}


def _matches(clause: Mapping[str, Any], name: str) -> bool:
    match clause[KIND]:
        case "ClauseEquals":
            return bool(name == clause["equals"])
        case "ClauseStartsWith":
            return name.startswith(clause["starts_with"])
        case "ClauseEndsWith":
            return name.endswith(clause["ends_with"])
        case "ClauseContains":
            return clause["contains"] in name
        case "ClauseOr":
            return any(_matches(part, name) for part in clause["or_"])
        case "ClauseRegex":
            return re.search(clause["regex"], name) is not None
    raise ValueError(f"unknown clause: {clause[KIND]}")


def _row(prices: Any) -> Row:
    # Prices that changed stand in the order of their dates.
    latest = prices[-1]["prices"] if isinstance(prices, list) else prices
    base = {part: latest[key] for part, key in PARTS.items() if latest.get(key) is not None}
    row: Row = {part: usd(_base(found)) for part, found in base.items() if _base(found)}
    starts = {tier["start"] for found in base.values() for tier in _steps(found)}
    above = [
        {"tokens": start, **{part: usd(_above(found, start)) for part, found in base.items()}}
        for start in sorted(starts)
    ]
    return row | ({"above": above} if above else {})


def _base(found: Any) -> Decimal:
    return Decimal(found["base"] if isinstance(found, dict) else found)


def _steps(found: Any) -> list[dict[str, Any]]:
    return found["tiers"] if isinstance(found, dict) else []


def _above(found: Any, start: int) -> Decimal:
    reached = [step["price"] for step in _steps(found) if step["start"] <= start]
    return Decimal(reached[-1]) if reached else _base(found)
