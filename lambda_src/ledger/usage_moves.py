"""The writes of one transaction that moves usage rows from a key's item to items of their own."""

from collections.abc import Sequence

from ledger import usage
from ledger.expressions import Clauses, Update, item_update
from ledger.records import KeyRecord, attribute, key_of


def removal(record: KeyRecord, names: Sequence[str]) -> Update:
    """Takes usage rows out of the key's item if they still are as seen, so that each goes but once."""
    clauses = Clauses(
        [], ["usage_moves = usage_moves + :one"], [], {"#usage": "usage"}, {":one": 1}
    )
    for number, name in enumerate(names):
        clauses.conditions.append(f"#usage.#u{number} = :u{number}")
        clauses.removes.append(f"#usage.#u{number}")
        clauses.names[f"#u{number}"] = name
        clauses.values[f":u{number}"] = record.usage[name]
    return item_update(key_of(record.id), clauses)


def addition(record: KeyRecord, name: str, until: int) -> Update:
    """Adds a usage row of the key's item to the row's own, kept to the epoch second `until`.

    That item begins with it if there is none yet.
    """
    names = {"#ttl": "ttl"}
    values = {":until": attribute(until)}
    additions = []
    for field, count in record.usage[name]._asdict().items():
        names[f"#{field}"] = field
        values[f":{field}"] = attribute(count)
        additions.append(f"#{field} :{field}")
    return {
        "Key": usage.item_key(key_of(record.id), name),
        "UpdateExpression": f"ADD {', '.join(additions)} SET #ttl = :until",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
