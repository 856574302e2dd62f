"""Fits the weights of ``lambda_src/catalog/tokenizers.py``, and measures how far estimates are off.

    python scripts/fit_token_weights.py TEXTS NAME=TOKENIZER…

TEXTS is a folder with a folder for each kind of text (``python``, ``german``, …), of files of some
8 KB. A TOKENIZER is the path of a ``tokenizer.json`` as models come with, of a ``tekken*.json`` out of
the package mistral-common, or ``claude-VERSION``, for which the package ctok counts. Errors are those
of texts that the weights were not fitted to, in five parts. What docs/token-counts.md tells was
measured so.

Beside numpy and scipy it needs those of tokenizers, mistral-common and ctok that are asked for; the
project itself needs none of them. ctok needs Python 3.12.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from catalog.tokenizers import Tokenizer
from router.text_tokens import features
from scipy.optimize import lsq_linear

Counter = Callable[[str], int]

PARTS = 5

LEAST = {
    "digits": 0.2,
    "latin": 0.5,
    "greek": 0.2,
    "more_latin": 0.5,
    "symbols": 0.2,
    "wide": 0.5,
}
"""Tokens that a character has at least, where the texts have too few of its kind to tell."""

DISCOUNTS = frozenset({"repeats", "symbol_pairs"})
"""What may have less than no token, as others count it too."""

RIDGE = 3e-3
"""How much large weights cost, of those that hardly any text tells apart."""


def counter(tokenizer: str) -> Counter:
    """What counts the tokens of a text."""
    if tokenizer.startswith("claude-"):
        from ctok import token_count  # noqa: PLC0415 (each of these only where it is asked for)

        version = tokenizer.removeprefix("claude-")
        # A word that is one token, and what surrounds a message.
        around = token_count("the", version) - 1
        return lambda text: token_count(text, version) - around
    if Path(tokenizer).name.startswith("tekken"):
        from mistral_common.tokens.tokenizers.tekken import Tekkenizer  # noqa: PLC0415

        tekken = Tekkenizer.from_file(tokenizer)
        return lambda text: len(tekken.encode(text, bos=False, eos=False))
    from tokenizers import Tokenizer as Vocabulary  # noqa: PLC0415

    vocabulary = Vocabulary.from_file(tokenizer)
    return lambda text: len(vocabulary.encode(text, add_special_tokens=False).ids)


def fit(counted: Any, tokens: Any) -> Any:
    """Weights, in tokens, that make relative errors smallest."""
    shares = counted / tokens[:, None]
    scale = np.abs(shares).max(axis=0) + 1e-12
    least = [-np.inf if name in DISCOUNTS else LEAST.get(name, 0.0) for name in Tokenizer._fields]
    wanted = np.concatenate([np.ones(len(tokens)), np.zeros(len(scale))])
    rows = np.vstack([shares / scale, RIDGE * np.eye(len(scale))])
    found = lsq_linear(rows, wanted, bounds=(np.array(least) * scale, np.inf))
    return found.x / scale


def errors(counted: Any, tokens: Any) -> Any:
    """Relative errors, each of a text that the weights it is estimated by were not fitted to."""
    off = np.zeros(len(tokens))
    order = np.random.RandomState(1).permutation(len(tokens))
    for part in range(PARTS):
        apart = np.zeros(len(tokens), bool)
        apart[order[part::PARTS]] = True
        weights = fit(counted[~apart], tokens[~apart])
        off[apart] = counted[apart] @ weights / tokens[apart] - 1
    return off


def summary(name: str, off: Any) -> str:
    """A row of the table of errors, in percent."""
    size = np.abs(off)
    told = [100 * off.mean(), *(100 * np.quantile(size, share) for share in (0.5, 0.9, 1))]
    return f"| {name} | {len(off)} | " + " | ".join(f"{value:.1f}" for value in told) + " |"


def report(name: str, kinds: Any, counted: Any, tokens: Any) -> str:
    """The errors of one tokenizer by kind of text, and its weights."""
    off = errors(counted, tokens)
    rows = [f"| {name} | texts | mean | median | nine of ten within | worst |", summary("all", off)]
    rows += [summary(kind, off[kinds == kind]) for kind in sorted(set(kinds))]
    weights = np.round(1_000 * fit(counted, tokens)).astype(int)
    return "\n".join([*rows, str(Tokenizer(*(int(weight) for weight in weights))), "", ""])


def main(folder: str, *tokenizers: str) -> None:
    """Writes a report on each tokenizer."""
    files = sorted(path for path in Path(folder).glob("*/*") if path.is_file())
    texts = [path.read_text(encoding="utf-8") for path in files]
    kinds = np.array([path.parent.name for path in files])
    counted = np.array([features(text) for text in texts], float)
    for asked in tokenizers:
        name, _, tokenizer = asked.partition("=")
        tokens = np.array([*map(counter(tokenizer), texts)], float)
        sys.stdout.write(report(name, kinds, counted, tokens))


if __name__ == "__main__":
    main(*sys.argv[1:])
