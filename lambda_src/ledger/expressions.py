"""DynamoDB's expressions of one write, put together from their parts.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
"""

from typing import Any, NamedTuple

from ledger.records import attribute, key_of
from ledger.table import Item

Update = dict[str, Any]
"""An UpdateItem's request, less the table's name."""


class Clauses(NamedTuple):
    """The parts of one UpdateItem as they come together."""

    conditions: list[str]
    sets: list[str]
    removes: list[str]
    names: dict[str, str]
    values: dict[str, Any]


def key_update(key_id: str, clauses: Clauses) -> Update:
    """A write to a key's item that answers with the whole of it."""
    # The item as it has become, or as the condition found it: no answer needs a second read.
    return item_update(key_of(key_id), clauses) | {
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def item_update(key: Item, clauses: Clauses) -> Update:
    """A write to the item with this primary key; at least one condition, value and set or remove."""
    expression = " ".join(
        f"{verb} {', '.join(actions)}"
        for verb, actions in (("SET", clauses.sets), ("REMOVE", clauses.removes))
        if actions
    )
    update: Update = {
        "Key": key,
        "ConditionExpression": " AND ".join(clauses.conditions),
        "UpdateExpression": expression,
        "ExpressionAttributeValues": {
            name: attribute(value) for name, value in clauses.values.items()
        },
    }
    if clauses.names:
        update["ExpressionAttributeNames"] = clauses.names
    return update
