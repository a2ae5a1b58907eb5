"""Tests of `detective_fake.journal.principals`."""

from __future__ import annotations

import pytest

from detective_fake.exchange import Caller
from detective_fake.journal.principals import principal_arn, user_identity
from tests.builders import ANA

ROLE = Caller(ANA, "default", "ASIAQAAAAAAAAAAAAAAA")
USER = Caller(ANA, "default", "AKIAQAAAAAAAAAAAAAAA")
NOBODY = Caller(ANA, "default")


class TestPrincipalArn:
    @pytest.mark.parametrize("caller", [ROLE, NOBODY])
    def test_a_session_is_an_assumed_role(self, caller: Caller) -> None:
        """Also one without a key."""
        assert principal_arn(caller, "us-east-1") == f"arn:aws:sts::{ANA}:assumed-role/detective-fake/detective-fake"

    def test_a_long_term_key_is_a_user(self) -> None:
        """As its first letters say."""
        assert principal_arn(USER, "us-east-1") == f"arn:aws:iam::{ANA}:user/detective-fake"

    def test_is_of_the_partition(self) -> None:
        """GovCloud's for its Regions."""
        assert principal_arn(USER, "us-gov-west-1").startswith("arn:aws-us-gov:iam::")


class TestUserIdentity:
    def test_a_role_has_a_session(self) -> None:
        """With issuer and creation time."""
        identity = user_identity(ROLE, "us-east-1", "2024-05-17T12:00:00Z")
        assert (identity["type"], identity["accountId"], identity["accessKeyId"]) == (
            "AssumedRole",
            ANA,
            ROLE.access_key,
        )
        issuer = identity["sessionContext"]["sessionIssuer"]
        assert issuer["arn"] == f"arn:aws:iam::{ANA}:role/detective-fake"
        assert identity["principalId"] == f"{issuer['principalId']}:detective-fake"
        assert identity["sessionContext"]["attributes"]["creationDate"] == "2024-05-17T12:00:00Z"

    def test_a_user_has_a_name(self) -> None:
        """And no session."""
        identity = user_identity(USER, "us-east-1", "2024-05-17T12:00:00Z")
        assert (identity["type"], identity["userName"]) == ("IAMUser", "detective-fake")
        assert "sessionContext" not in identity

    def test_there_is_always_an_access_key(self) -> None:
        """Of the usual form, and the same one each time."""
        identity = user_identity(NOBODY, "us-east-1", "")
        assert len(identity["accessKeyId"]) == 20
        assert identity == user_identity(NOBODY, "us-east-1", "")
