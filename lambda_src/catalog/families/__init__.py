"""What the models of each family accept, beyond what all of Bedrock has in common.

    family.py         Family: a row, and what each of its fields means
    claude.py, amazon.py, openai.py, open_weights.py, older.py    the rows

A row is found by how a foundation model's id begins. A model that no row names gets `UNKNOWN`, which
takes everything and leaves it to Bedrock to refuse. Where sources disagree a row has what works
either way, and says so. Sources that rows share:

- Bedrock's model cards, https://docs.aws.amazon.com/bedrock/latest/userguide/model-cards.html;
- its "Supported models and model features" for Converse, for the families up to 2025;
- litellm 1.109.1, `model_prices_and_context_window_backup.json` and `converse_transformation.py`;
- langchain-aws 1.9.1, `chat_models/bedrock_converse.py`: tool choices, and which reasoning can go
  back, as its maintainers found when they tried.
"""

from catalog.families.amazon import AMAZON
from catalog.families.claude import CLAUDES
from catalog.families.family import Family, nested
from catalog.families.older import OLDER
from catalog.families.open_weights import OPEN_WEIGHTS
from catalog.families.openai import OPENAI
from catalog.models import base_id

__all__ = ["FAMILIES", "UNKNOWN", "Family", "family_of", "nested"]

UNKNOWN = Family(
    "unknown",
    (),
    strict_tools=True,
    structured_beside_tools=True,
    citations=True,
    cache_ttls=("5m", "1h"),
    # It may be any family's model, behind an application inference profile.
    image_tokens=36_000,
)

FAMILIES: tuple[Family, ...] = (*CLAUDES, *AMAZON, *OPENAI, *OPEN_WEIGHTS, *OLDER)

_BY_BEGINNING = {begins: family for family in FAMILIES for begins in family.begins}


def family_of(model_id: str) -> Family:
    """The family of a model id, a profile id or an ARN; `UNKNOWN` when no row has it."""
    bare = base_id(model_id.rpartition("/")[2])
    # Behind a geography that the catalog does not know yet, such as ``in.``.
    family = _longest_match(bare) or _longest_match(bare.partition(".")[2])
    return family or UNKNOWN


def _longest_match(model_id: str) -> Family | None:
    matches = [begins for begins in _BY_BEGINNING if model_id.startswith(begins)]
    return _BY_BEGINNING[max(matches, key=len)] if matches else None
