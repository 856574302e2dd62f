"""Minted keys prove themselves; nothing else does."""

import hashlib
import hmac
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.keys import DIGITS, KEY_LENGTH, Credential, identify, mint

SECRET = b"a" * 64
OTHER = b"b" * 64

minted = st.binary(min_size=32, max_size=32).map(
    lambda entropy: mint(SECRET, lambda count: entropy[:8] if count == 8 else entropy[8:])
)


@given(minted)
def test_a_minted_key_proves_its_id_and_the_hash_the_table_holds(made):
    assert identify(made.key, [SECRET]) == Credential(made.id, made.hash)


@given(minted)
def test_a_key_has_the_documented_form(made):
    assert len(made.key) == KEY_LENGTH == 69
    assert made.key.startswith("sk_m11_" + made.id)
    assert len(made.id) == 12
    assert set(made.id) <= set("0123456789abcdefghijklmnopqrstuvwxyz")
    assert set(made.key.removeprefix("sk_m11_")) <= set(DIGITS)


def test_the_hash_is_an_hmac_of_the_whole_key():
    made = mint(SECRET, os.urandom)
    assert made.hash == hmac.new(SECRET, made.key.encode(), hashlib.sha256).hexdigest()


def test_the_tag_is_a_truncated_hmac_in_base_62():
    made = mint(SECRET, os.urandom)
    body, tag = made.key[:-17], made.key[-17:]
    digest = hmac.new(SECRET, b"tag:" + body.encode(), hashlib.sha256).digest()
    value = 0
    for digit in tag:
        value = value * 62 + DIGITS.index(digit)
    assert value == int.from_bytes(digest[:12])


@pytest.mark.parametrize("byte", [0x00, 0xFF])
def test_extreme_randomness_still_fits_the_form(byte):
    made = mint(SECRET, lambda count: bytes([byte]) * count)
    assert identify(made.key, [SECRET]) == Credential(made.id, made.hash)


def test_every_random_bit_reaches_the_key():
    zero = mint(SECRET, bytes).key
    for bit in range(192):
        entropy = (1 << bit).to_bytes(24)
        key = mint(SECRET, lambda count, e=entropy: e if count == 24 else bytes(count)).key
        assert key[19:52] != zero[19:52]


@given(minted, st.integers(0, KEY_LENGTH - 1), st.sampled_from(DIGITS + "_-~ é"))
def test_a_key_tampered_with_at_any_position_is_refused(made, position, character):
    tampered = made.key[:position] + character + made.key[position + 1 :]
    if tampered != made.key:
        assert identify(tampered, [SECRET]) is None


@given(minted, st.integers(1, KEY_LENGTH))
def test_a_shortened_key_is_refused(made, cut):
    assert identify(made.key[:-cut], [SECRET]) is None


@given(st.text())
def test_garbage_is_refused(garbage):
    assert identify(garbage, [SECRET]) is None
    assert identify("sk_m11_" + garbage, [SECRET]) is None


def test_a_key_of_another_deployment_is_refused():
    assert identify(mint(OTHER, os.urandom).key, [SECRET]) is None


def test_no_secret_verifies_no_key():
    assert identify(mint(SECRET, os.urandom).key, []) is None


@given(minted, st.text())
def test_the_host_after_a_tilde_is_no_part_of_the_key(made, host):
    assert identify(f"{made.key}~{host}", [SECRET]) == Credential(made.id, made.hash)


@given(minted)
def test_a_key_outlives_one_rotation_of_the_secret_with_its_hash_unchanged(made):
    assert identify(made.key, [OTHER, SECRET]) == Credential(made.id, made.hash)


def test_a_tag_spliced_from_another_key_is_refused():
    one, two = mint(SECRET, os.urandom), mint(SECRET, os.urandom)
    assert identify(one.key[:-17] + two.key[-17:], [SECRET]) is None
