"""Access key ids: the account in them, and keys that hold one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.utils import generate_access_key_id_from_account_id

from detective_fake.interception.access_keys import NEUTRAL_ACCESS_KEY_ID, decode, make

ACCOUNT_IDS = st.from_regex(r"[0-9]{12}", fullmatch=True)


class TestDecode:
    def test_a_published_key_tells_its_account(self) -> None:
        """The pair that the scheme's discoverers have published."""
        assert decode("ASIAQNZGKIQY56JQ7WML") == "029608264753"

    @given(account_id=ACCOUNT_IDS, prefix=st.sampled_from(["AKIA", "ASIA"]))
    def test_keys_of_moto_tell_their_account(self, account_id: str, prefix: str) -> None:
        """Those of `assume_role` among them follow the scheme."""
        assert decode(generate_access_key_id_from_account_id(account_id, prefix)) == account_id

    @pytest.mark.parametrize(
        "access_key_id",
        [
            pytest.param("AKIAIOSFODNN7EXAMPLE", id="older than the scheme"),
            pytest.param("asiaqnzgkiqy56jq7wml", id="lower case"),
            pytest.param("ASIAQNZGKIQY56JQ7WM", id="too short"),
            pytest.param("ASIAQNZGKIQY56JQ7WML7", id="too long"),
            pytest.param("ASIAQNZGKIQY56JQ7WM1", id="no base32"),
            pytest.param("AROAQNZGKIQY56JQ7WML", id="of a role"),
            pytest.param("ASIA7777777777777777", id="beyond twelve digits"),
            pytest.param("ASIAQNZGKIQY56JQ7WML\n", id="with a newline"),
            pytest.param("FOOBARKEY", id="of moto's environment"),
            pytest.param("testing", id="made up"),
            pytest.param("", id="empty"),
            pytest.param(NEUTRAL_ACCESS_KEY_ID, id="neutral"),
        ],
    )
    def test_other_texts_tell_none(self, access_key_id: str) -> None:
        """What does not follow the scheme names no account."""
        assert decode(access_key_id) is None


class TestMake:
    @given(account_id=ACCOUNT_IDS, seed=st.integers())
    def test_keys_tell_their_account(self, account_id: str, seed: int) -> None:
        """Every account comes back out of its key."""
        assert decode(make(account_id, seed)["aws_access_key_id"]) == account_id

    def test_credentials_look_like_those_of_a_session(self) -> None:
        """Key, secret and token have the form that AWS gives them."""
        credentials = make("222222222222")
        assert re.fullmatch(r"ASIA[A-Z2-7]{16}", credentials["aws_access_key_id"])
        assert re.fullmatch(r"[A-Za-z0-9+/]{40}", credentials["aws_secret_access_key"])
        assert re.fullmatch(r"IQoJb3JpZ2luX2Vj[A-Za-z0-9+/]{300,}={0,2}", credentials["aws_session_token"])

    def test_equal_seeds_make_equal_credentials(self) -> None:
        """A test gets the same credentials each time it runs."""
        assert make("222222222222", 7) == make("222222222222", 7)

    def test_another_seed_makes_others(self) -> None:
        """Seeds tell the credentials of one account apart."""
        assert set(make("222222222222", 7).values()).isdisjoint(make("222222222222", 8).values())
