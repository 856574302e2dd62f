"""Which model an application inference profile runs: asked of Bedrock once, then known to the catalog.

Its ARN says nothing of the model, and without that a call has no price, no limits and no family. The
profile is met where a dialect resolves the model that a request names, so it needs no knowledge of where
a protocol names it, and no request that names none waits: what dialects ask of the catalog raises
`HiddenModel`, Bedrock is asked, and the request is read anew.

An answer holds for the life of the process: a profile's model cannot be changed, there is no operation for
that and in CloudFormation it means another profile
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-bedrock-applicationinferenceprofile-inferenceprofilemodelsource.html).
While there is no answer the call goes on as one of a model that the catalog does not know, at the
fallback price: asking is never the cause of an outage.
"""

import json
from urllib.parse import quote

from catalog.arns import foundation_model, is_application_profile
from catalog.models import GEOGRAPHIES, Catalog, Target, geographies_of

from router.aws import Clock, Endpoint
from router.http_pool import UpstreamUnreachable

LIMIT_S = 3.0
"""The most that a request waits for the answer."""

REFUSED_S = 60.0
"""How long a profile is not asked for again that Bedrock told nothing of: there is none, or no
permission to read it."""

BUSY_S = 5.0
"""How long none is asked for when Bedrock could not be reached, was throttling or failed: shorter, as
other profiles are not asked for either."""

_MOST_KEPT = 1000

_GLOBAL = "global"


class HiddenModel(Exception):
    """A request names its model by an application inference profile that the catalog has not learned."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self.target = target


class AskingNames:
    """A catalog's `router.dialects.dialect.Names`, of which `resolve` raises `HiddenModel` for a profile
    that the catalog has not learned."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.models = catalog.models
        self.is_name = catalog.is_name

    def resolve(self, requested: str) -> Target:
        target = self._catalog.resolve(requested)
        if target.runs == target.model_id and is_application_profile(
            target.runs, self._catalog.region
        ):
            raise HiddenModel(target)
        return target


class InferenceProfiles:
    """Asks Bedrock of application inference profiles; one for each process."""

    def __init__(self, bedrock: Endpoint, clock: Clock) -> None:
        self._bedrock = bedrock
        self._clock = clock
        self._refused_until: dict[str, float] = {}
        self._busy_until = 0.0

    def teach(self, catalog: Catalog, arn: str) -> None:
        """Has the catalog learn what a profile stands for, where Bedrock tells."""
        now = self._clock()
        if now < self._busy_until or now < self._refused_until.get(arn, now):
            return
        told = self._ask(arn)
        if told is None:
            self._busy_until = self._clock() + BUSY_S
        elif found := stands_for(told, catalog.region):
            catalog.learn(arn, found)
        else:
            if len(self._refused_until) >= _MOST_KEPT:
                self._refused_until.clear()
            self._refused_until[arn] = now + REFUSED_S

    def _ask(self, arn: str) -> bytes | None:
        """What Bedrock tells of a profile, or why it does not; None where asking later may help."""
        path = f"/inference-profiles/{quote(arn, safe='')}"
        headers = [("accept", "application/json")]
        try:
            answer = self._bedrock.call("GET", path, headers, b"", limit_s=LIMIT_S)
            body = answer.read()
        except UpstreamUnreachable:
            return None
        return None if answer.status == 429 or answer.status >= 500 else body


def stands_for(body: bytes, region: str) -> list[str]:
    """The ids that a profile may stand for, by GetInferenceProfile's answer in a Region; empty for none.

    The answer does not say what the profile was made from, only which models it runs in which Regions
    (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetInferenceProfile.html): one model in
    the Region itself where it was made from a foundation model, else those of the cross-Region profile
    (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-create.html). A global one
    lists an ARN without a Region, as seen in answers of November 2025 and later. In some Regions two
    geographies fit, such as ``jp`` and ``apac``.
    """
    found = _models(body)
    if not found:
        return []
    regions = {place for place, _ in found}
    names = dict.fromkeys(model_id for _, model_id in found)
    if regions == {region}:
        return list(names)
    return [f"{place}.{name}" for place in _geographies(regions, region) for name in names]


def _models(body: bytes) -> list[tuple[str, str]]:
    """Region and model id of each of the profile's models; empty if any cannot be read."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return []
    models = answer.get("models") if isinstance(answer, dict) else None
    found = []
    for model in models if isinstance(models, list) else ():
        arn = model.get("modelArn") if isinstance(model, dict) else None
        read = foundation_model(arn) if isinstance(arn, str) else None
        if read is None:
            return []
        found.append(read)
    return found


def _geographies(regions: set[str], region: str) -> list[str]:
    """The geographies of which a cross-Region profile of these Regions may be, the smallest first.

    The Region itself does not count: it is listed also where its own geography is another. Regions of
    several continents only the global profile has; with one of no geography known here it may be any.
    """
    others = sorted(regions - {region})
    if "" in others:
        return [_GLOBAL]
    first, *rest = possible = [geographies_of(place) for place in others]
    if (_GLOBAL,) in possible:
        return list(GEOGRAPHIES)
    shared = [name for name in first if all(name in other for other in rest)]
    return [name for name in shared if name != _GLOBAL] or [_GLOBAL]
