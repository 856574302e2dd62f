"""Checks made of the shapes in botocore's service models.

Wording: constraint violations as AWS's framework words them ("1 validation error detected: Value …
failed to satisfy constraint …"), type errors as its JSON reader does; the ContentBlock union as
callers have seen it. How Converse words an unknown member is not known: it is worded here as
InvokeModel words one.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from typing import Any

from local.bedrock.errors import ServiceError, invalid

Path = tuple[str | int, ...]
Check = Callable[[Any, Path, list[str]], None]

_SHOWN = 100
"""Characters of an offending value that a message repeats."""


def _member_path(path: Path) -> str:
    """'messages.1.member.content': list items count from 1 and are called ``member``."""
    return ".".join(f"{part + 1}.member" if isinstance(part, int) else part for part in path)


def dotted(path: Iterable[str | int]) -> str:
    """'messages.0.content.2', as Bedrock's own messages name a place."""
    return ".".join(str(part) for part in path)


def _problem(value: Any, path: Path, constraint: str) -> str:
    shown = "null" if value is None else f"'{str(value)[:_SHOWN]}'"
    return f"Value {shown} at '{_member_path(path)}' failed to satisfy constraint: {constraint}"


def _wrong_type(message: str) -> ServiceError:
    return ServiceError("SerializationException", message)


_FOUND = (
    (bool, "TRUE_VALUE"),
    (int, "NUMBER_VALUE"),
    (float, "DECIMAL_VALUE"),
    (str, "STRING_VALUE"),
)


def _refuse_type(value: Any, wanted: str) -> ServiceError:
    if isinstance(value, dict):
        return _wrong_type("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return _wrong_type("Start of list found where not expected")
    found = next((name for kind, name in _FOUND if isinstance(value, kind)), "NULL_VALUE")
    return _wrong_type(f"{found} can not be converted to {wanted}")


def compile_shape(shape: Any) -> Check:
    """The check of a shape. No shape of these services contains itself."""
    if shape.type_name == "structure":
        if shape.is_document_type:
            return _accept
        return structure_check(shape, list(shape.members))
    builders: dict[str, Callable[[Any], Check]] = {
        "list": _list_check,
        "map": _map_check,
        "string": _string_check,
        "blob": _blob_check,
        "boolean": _boolean_check,
    }
    return builders.get(shape.type_name, _number_check)(shape)


def _accept(value: Any, path: Path, problems: list[str]) -> None:
    """A document: any JSON."""


def structure_check(shape: Any, names: list[str]) -> Check:
    """The check of those members of a structure."""
    members = {
        shape.members[name].serialization.get("name", name): compile_shape(shape.members[name])
        for name in names
    }
    required = [name for name in shape.required_members if name in members]
    union = shape.is_tagged_union

    def check(value: Any, path: Path, problems: list[str]) -> None:
        if not isinstance(value, dict):
            raise _refuse_type(value, f"a {shape.name}")
        present = 0
        for name, item in value.items():
            if name not in members:
                raise invalid(
                    f"Malformed input request: {'/'.join(('#', *map(str, path)))}: extraneous key "
                    f"[{name}] is not permitted, please reformat your input and try again."
                )
            if item is not None:
                present += 1
                members[name](item, (*path, name), problems)
        problems += [
            _problem(None, (*path, name), "Member must not be null")
            for name in required
            if value.get(name) is None
        ]
        if union and present == 0:
            raise invalid(
                f"{shape.name} object at {dotted(path)} must set one of the following keys: "
                f"{', '.join(members)}."
            )
        if union and present > 1:
            raise invalid(
                f"{shape.name} object at {dotted(path)} has more than one of the following keys: "
                f"{', '.join(members)}. Set exactly one of them."
            )

    return check


def _list_check(shape: Any) -> Check:
    member = compile_shape(shape.member)
    length = _length_check(shape)

    def check(value: Any, path: Path, problems: list[str]) -> None:
        if not isinstance(value, list):
            raise _refuse_type(value, "a List")
        length(len(value), value, path, problems)
        for index, item in enumerate(value):
            member(item, (*path, index), problems)

    return check


def _map_check(shape: Any) -> Check:
    key_check, value_check = compile_shape(shape.key), compile_shape(shape.value)
    length = _length_check(shape)

    def check(value: Any, path: Path, problems: list[str]) -> None:
        if not isinstance(value, dict):
            raise _refuse_type(value, "a Map")
        length(len(value), value, path, problems)
        for key, item in value.items():
            key_check(key, (*path, key), problems)
            value_check(item, (*path, key), problems)

    return check


def _length_check(shape: Any) -> Callable[[int, Any, Path, list[str]], None]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")

    def check(length: int, value: Any, path: Path, problems: list[str]) -> None:
        shown = value if isinstance(value, str) else type(value).__name__
        if least is not None and length < least:
            constraint = f"Member must have length greater than or equal to {least}"
            problems.append(_problem(shown, path, constraint))
        if most is not None and length > most:
            constraint = f"Member must have length less than or equal to {most}"
            problems.append(_problem(shown, path, constraint))

    return check


def _string_check(shape: Any) -> Check:
    enum = shape.metadata.get("enum")
    pattern = shape.metadata.get("pattern")
    # The patterns are Java's, matched against the whole value.
    matches = re.compile(pattern).fullmatch if pattern else None
    length = _length_check(shape)

    def check(value: Any, path: Path, problems: list[str]) -> None:
        if not isinstance(value, str):
            raise _refuse_type(value, "a String")
        length(len(value), value, path, problems)
        if enum and value not in enum:
            constraint = f"Member must satisfy enum value set: [{', '.join(enum)}]"
            problems.append(_problem(value, path, constraint))
        if matches and not matches(value):
            constraint = f"Member must satisfy regular expression pattern: {pattern}"
            problems.append(_problem(value, path, constraint))

    return check


def _blob_check(shape: Any) -> Check:
    length = _length_check(shape)

    def check(value: Any, path: Path, problems: list[str]) -> None:
        if not isinstance(value, str):
            raise _refuse_type(value, "a Blob")
        try:
            content = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise _wrong_type(f"Invalid base64 in the blob at {dotted(path)}") from None
        length(len(content), content, path, problems)

    return check


def compile_raw_blob(shape: Any) -> Check:
    """The check of a blob that is the body itself, not base64 in it."""
    length = _length_check(shape)

    def check(value: Any, path: Path, problems: list[str]) -> None:
        length(len(value), value, (*path, "body"), problems)

    return check


def _boolean_check(_shape: Any) -> Check:
    def check(value: Any, _path: Path, _problems: list[str]) -> None:
        if not isinstance(value, bool):
            raise _refuse_type(value, "a Boolean")

    return check


def _number_check(shape: Any) -> Check:
    whole = shape.type_name in {"integer", "long"}
    wanted = "an Integer" if whole else "a Float"
    types = (int,) if whole else (int, float)
    least, most = shape.metadata.get("min"), shape.metadata.get("max")

    def check(value: Any, path: Path, problems: list[str]) -> None:
        if isinstance(value, bool) or not isinstance(value, types):
            raise _refuse_type(value, wanted)
        if least is not None and value < least:
            constraint = f"Member must have value greater than or equal to {least}"
            problems.append(_problem(value, path, constraint))
        if most is not None and value > most:
            constraint = f"Member must have value less than or equal to {most}"
            problems.append(_problem(value, path, constraint))

    return check
