"""Which of the catalog's models AWS means, on its bill and in its price list.

AWS writes a model's name in many ways: ``Claude4.6Sonnet``, ``Claude Sonnet 4.6``, ``NovaPro``,
``openai.gpt-oss-120b-mantle``. A name is known by its letters and digits alone, without the maker, and
compared with the catalog's own names and ids; ``billed_names.json`` has the foundation models of those
that this does not find.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from catalog.models import Catalog, Model, base_id, provider

_NAMES = Path(__file__).with_name("billed_names.json")

_WHOLE_VERSION = re.compile(r"(\d)\.0(?!\d)")
_PIECE = re.compile(r"[a-z]+|\d+")
_SNAPSHOT = re.compile(r"(-\d{8})?(-v\d+)?(:\d+)?$")
_TUNING = re.compile(r"-(instruct|it|chat)$")


class BilledNames:
    """The models of a catalog by AWS's names."""

    def __init__(self, catalog: Catalog, exceptions: Mapping[str, str]) -> None:
        """`exceptions` are foundation models' ids by the name that AWS gives them."""
        self._makers = {provider(model_id) for model in catalog.models for model_id in model.ids}
        self._by_base = {base_id(each): model for model in catalog.models for each in model.ids}
        self._by_spelling: dict[str, Model] = {}
        # What the catalog calls a model counts more than what can be read from an id.
        for written in (_names, _ids):
            meant: dict[str, set[Model]] = {}
            for model in catalog.models:
                for name in written(model):
                    meant.setdefault(self._spelling(name), set()).add(model)
            # A spelling that several models share tells none of them.
            for spelling, found in meant.items():
                if len(found) == 1:
                    self._by_spelling.setdefault(spelling, *found)
        for name, model_id in exceptions.items():
            self._by_spelling[self._spelling(name)] = self._by_base[model_id]

    def find(self, billed: str) -> Model | None:
        """The model that AWS calls so; None where the catalog has none that is written like it."""
        return self._by_spelling.get(self._spelling(billed))

    def of_id(self, model_id: str) -> Model | None:
        """The model that an id of the catalog's is of, whatever its geography."""
        return self._by_base.get(base_id(model_id))

    def _spelling(self, name: str) -> str:
        text = _WHOLE_VERSION.sub(r"\1", name.lower().removesuffix("-mantle"))
        pieces = _PIECE.findall(text)
        while len(pieces) > 1 and pieces[0] in self._makers:
            pieces.pop(0)
        if pieces[:1] == ["claude"]:
            # "Claude4.6Sonnet" and "Claude Sonnet 4.6" are one.
            pieces.sort(key=str.isdecimal)
        joined = "".join(pieces)
        # One maker's name may begin with another's: moonshotai, moonshot.
        maker = max(filter(joined.startswith, self._makers), key=len, default="")
        return joined.removeprefix(maker)


def load(catalog: Catalog) -> BilledNames:
    """The names of a catalog's models, with the exceptions that ship with the code."""
    return BilledNames(catalog, json.loads(_NAMES.read_text(encoding="utf-8")))


def _names(model: Model) -> list[str]:
    return [model.name, *model.aliases]


def _ids(model: Model) -> list[str]:
    bases = sorted({base_id(model_id) for model_id in model.ids})
    undated = [_SNAPSHOT.sub("", base) for base in bases]
    return [*bases, *undated, *(_TUNING.sub("", name) for name in undated)]
