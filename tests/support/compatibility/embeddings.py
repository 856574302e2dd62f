"""What docs/compatibility.md asks of every model of embeddings: one request per feature."""

from typing import Any

from tests.support.compatibility.probes import Probe, There


def _vectors(count: int) -> There:
    return lambda answer: len(answer.vectors) == count and all(answer.vectors)


def _embeddings(feature: str, there: There, **body: Any) -> Probe:
    return Probe(feature, {"input": "A text.", **body}, there)


EMBEDDINGS = (
    _embeddings("one text", _vectors(1)),
    _embeddings("many texts", _vectors(3), input=["a", "b", "c"]),
    _embeddings("`encoding_format` base64", _vectors(1), encoding_format="base64"),
    _embeddings("`encoding_format` float", _vectors(1), encoding_format="float"),
    _embeddings(
        "`dimensions` 256", lambda answer: [len(v) for v in answer.vectors] == [256], dimensions=256
    ),
    _embeddings("token ids", _vectors(1), input=[[1, 2, 3]]),
)
