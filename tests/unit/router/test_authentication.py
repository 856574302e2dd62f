import os

import pytest
from ledger import keys
from router.authentication import SecretVersions, authenticate
from router.aws import SecretUnavailable
from router.errors import ApiError

from tests.support.key_table import Clock
from tests.support.upstream import FakeSecret

CURRENT, PREVIOUS, OLDER = "c" * 64, "p" * 64, "o" * 64


def mint(secret: str = CURRENT) -> keys.Minted:
    return keys.mint(secret.encode(), os.urandom)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def secret() -> FakeSecret:
    return FakeSecret(CURRENT, PREVIOUS)


@pytest.fixture
def versions(secret: FakeSecret, clock: Clock) -> SecretVersions:
    loaded = SecretVersions(secret, clock)
    loaded.load()
    secret.fetched.clear()
    return loaded


# --- where a key may stand ------------------------------------------------------------------------

KEY = mint()
OTHER = mint()


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {KEY.key}"},
        {"authorization": f"bearer {KEY.key}"},
        {"authorization": f"BEARER   {KEY.key}  "},
        {"x-api-key": KEY.key},
        {"x-api-key": f" {KEY.key} "},
        {"api-key": KEY.key},
        {"api-key": f"{KEY.key}~proxy.example"},
        {"authorization": f"Bearer {KEY.key}", "x-api-key": OTHER.key},
        {"x-api-key": KEY.key, "api-key": OTHER.key},
        {"authorization": "Bearer foreign", "x-api-key": KEY.key},
        {"authorization": "Bearer", "x-api-key": KEY.key},
        {"authorization": "Basic dXNlcjpwYXNz", "api-key": KEY.key},
        {"authorization": "AWS4-HMAC-SHA256 Credential=…", "x-api-key": KEY.key},
        {"x-api-key": "foreign", "api-key": KEY.key},
    ],
)
def test_a_key_is_found_wherever_clients_put_it(
    headers: dict[str, str], versions: SecretVersions
) -> None:
    found = authenticate(headers, versions)
    assert (found.id, found.hash) == (KEY.id, KEY.hash)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "No API key was sent"),
        ({"authorization": ""}, "No API key was sent"),
        ({"authorization": "Bearer "}, "No API key was sent"),
        ({"authorization": f"Basic {KEY.key}"}, "No API key was sent"),
        ({"authorization": KEY.key}, "No API key was sent"),
        ({"x-api-key": "  "}, "No API key was sent"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=AKID/…"}, "AWS_BEARER_TOKEN_BEDROCK"),
        ({"x-api-key": "sk-ant-1234"}, "not valid"),
        ({"authorization": f"Bearer {KEY.key[:-1]}"}, "not valid"),
        ({"authorization": f"Bearer {KEY.key[:-1]}~"}, "not valid"),
        ({"authorization": f"Bearer {mint(OLDER).key}"}, "not valid"),
    ],
)
def test_whoever_has_no_key_of_this_stack_is_told_what_is_wrong(
    headers: dict[str, str], words: str, versions: SecretVersions
) -> None:
    with pytest.raises(ApiError, match=words) as raised:
        authenticate(headers, versions)
    assert raised.value.kind == "invalid_key"
    for value in headers.values():
        assert len(value) < 8 or value not in raised.value.message


# --- the secret's versions ------------------------------------------------------------------------


def test_nothing_is_fetched_for_a_key_of_the_version_that_is_kept(
    versions: SecretVersions, secret: FakeSecret
) -> None:
    for _ in range(10):
        assert versions.identify(KEY.key) is not None
    assert secret.fetched == []


def test_a_process_that_could_not_load_the_secret_at_its_start_loads_it_when_asked(
    secret: FakeSecret, clock: Clock
) -> None:
    assert SecretVersions(secret, clock).identify(KEY.key) is not None
    assert secret.fetched == ["AWSCURRENT"]


def test_the_version_is_fetched_again_after_minutes(
    versions: SecretVersions, secret: FakeSecret, clock: Clock
) -> None:
    clock.seconds += 299
    versions.identify(KEY.key)
    assert secret.fetched == []
    clock.seconds += 2
    versions.identify(KEY.key)
    versions.identify(KEY.key)
    assert secret.fetched == ["AWSCURRENT"]


def test_a_key_of_the_previous_version_stays_good(
    versions: SecretVersions, secret: FakeSecret
) -> None:
    old = mint(PREVIOUS)
    found = versions.identify(old.key)
    assert found is not None
    assert found.hash == old.hash
    assert secret.fetched == ["AWSCURRENT", "AWSPREVIOUS"]
    assert versions.identify(old.key) is not None
    assert len(secret.fetched) == 2


def test_a_rotation_is_seen_with_the_first_new_key(
    versions: SecretVersions, secret: FakeSecret
) -> None:
    secret.rotate("n" * 64)
    assert versions.identify(mint("n" * 64).key) is not None
    assert versions.identify(KEY.key) is not None


@pytest.mark.parametrize("asked_between", [True, False])
def test_a_version_that_was_rotated_out_twice_opens_nothing(
    versions: SecretVersions, secret: FakeSecret, clock: Clock, *, asked_between: bool
) -> None:
    old = mint(PREVIOUS)
    assert versions.identify(old.key) is not None
    secret.rotate("n" * 64)
    if asked_between:
        clock.seconds += 301
        assert versions.identify(KEY.key) is not None
    secret.rotate("m" * 64)
    clock.seconds += 301
    assert versions.identify(mint("m" * 64).key) is not None
    assert versions.identify(old.key) is None
    assert versions.identify(KEY.key) is None
    assert versions.identify(mint("n" * 64).key) is not None


def test_garbage_makes_no_more_than_one_look_in_half_a_minute(
    versions: SecretVersions, secret: FakeSecret, clock: Clock
) -> None:
    for _ in range(100):
        assert versions.identify(mint(OLDER).key) is None
        assert versions.identify("sk_m11_") is None
        clock.seconds += 0.25
    assert secret.fetched == ["AWSCURRENT", "AWSPREVIOUS"]
    clock.seconds += 6
    versions.identify(mint(OLDER).key)
    assert len(secret.fetched) == 4


def test_a_key_of_somebody_elses_makes_no_look_at_all(
    versions: SecretVersions, secret: FakeSecret
) -> None:
    for foreign in ("", "sk-ant-api03-abc", "AKIDEXAMPLE", KEY.key[1:]):
        assert versions.identify(foreign) is None
    assert secret.fetched == []


def test_a_secret_without_a_previous_version_is_no_outage(clock: Clock) -> None:
    versions = SecretVersions(FakeSecret(CURRENT, None), clock)
    assert versions.identify(mint(PREVIOUS).key) is None
    assert versions.identify(KEY.key) is not None


# --- outages --------------------------------------------------------------------------------------


def test_nothing_is_let_in_or_turned_away_while_no_version_is_known(
    secret: FakeSecret, clock: Clock
) -> None:
    secret.outage = SecretUnavailable("InternalServiceError")
    versions = SecretVersions(secret, clock)
    for key in (KEY.key, "garbage"):
        with pytest.raises(SecretUnavailable):
            versions.identify(key)
    secret.outage = None
    assert versions.identify(KEY.key) is not None


def test_a_secret_that_is_gone_is_an_outage_and_not_a_wrong_key(clock: Clock) -> None:
    with pytest.raises(SecretUnavailable):
        SecretVersions(FakeSecret(), clock).identify(KEY.key)


def test_a_version_that_is_known_stays_good_in_an_outage(
    versions: SecretVersions,
    secret: FakeSecret,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    secret.outage = SecretUnavailable("InternalServiceError")
    clock.seconds += 301
    for _ in range(10):
        assert versions.identify(KEY.key) is not None
        clock.seconds += 2.9
    assert secret.fetched == ["AWSCURRENT"]
    assert "SecretUnavailable" in capsys.readouterr().out
    clock.seconds += 2
    versions.identify(KEY.key)
    assert secret.fetched == ["AWSCURRENT"] * 2
    secret.outage = None
    clock.seconds += 31
    versions.identify(KEY.key)
    versions.identify(KEY.key)
    assert secret.fetched == ["AWSCURRENT"] * 3


def test_garbage_in_an_outage_makes_no_more_looks_than_otherwise(
    versions: SecretVersions, secret: FakeSecret, clock: Clock
) -> None:
    secret.outage = SecretUnavailable("InternalServiceError")
    with pytest.raises(SecretUnavailable):
        versions.identify(mint(OLDER).key)
    for _ in range(10):
        assert versions.identify(mint(OLDER).key) is None
        clock.seconds += 2
    assert secret.fetched == ["AWSCURRENT"]
