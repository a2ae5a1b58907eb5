"""What the command line says, and what is said where it does not fit together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.settings import Settings, settings_of

BOTH = ("member=worker", "administrator=boss")


class TestSettings:
    def test_without_options_the_fake_answers(self) -> None:
        """Nothing else is needed."""
        assert settings_of(()) is None

    def test_two_profiles_are_enough(self) -> None:
        """In any order; nothing is created."""
        assert settings_of(BOTH) == Settings({"administrator": "boss", "member": "worker"})

    def test_everything_that_can_be_said(self) -> None:
        """A name may have an equals sign."""
        settings = settings_of(
            ("administrator=a=b", "member=c"), region="eu-west-1", create=True, member_email="root@example.org"
        )
        assert settings == Settings(
            {"administrator": "a=b", "member": "c"}, "eu-west-1", create=True, member_email="root@example.org"
        )

    @pytest.mark.parametrize(
        ("profiles", "options", "said"),
        [
            ((), {"create": True}, "none is given: --aws-profile administrator=NAME --aws-profile member=NAME."),
            ((), {"region": "eu-west-1"}, "how to run on AWS accounts, and none is given"),
            ((), {"member_email": "root@example.org"}, "how to run on AWS accounts, and none is given"),
            (("boss",), {}, "--aws-profile boss is not of the form ROLE=NAME"),
            (("member=",), {}, "--aws-profile member= is not of the form ROLE=NAME"),
            (("admin=boss",), {}, "with a role of administrator and member."),
            (("member=a", "member=b"), {}, "--aws-profile member=b: the member is 'a' already."),
            (("member=a",), {}, "no profile for the administrator; two accounts are needed"),
            (("administrator=a",), {}, "no profile for the member; two accounts are needed"),
            (BOTH, {"create": True}, "--aws-create needs --aws-member-email ADDRESS, the root e-mail address"),
        ],
    )
    def test_what_does_not_fit_together(self, profiles: tuple[str, ...], options: dict[str, Any], said: str) -> None:
        """It is said what is wrong, and what is missing."""
        with pytest.raises(pytest.UsageError) as refusal:
            settings_of(profiles, **options)
        assert said in str(refusal.value)
