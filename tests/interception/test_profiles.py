"""Profiles: those that a fake declares, those of files that a test names, and those of the machine."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ProfileNotFound

from detective_fake import DetectiveFake, FakeUsageError
from detective_fake.interception import environment
from detective_fake.interception.callers import make_credentials
from detective_fake.interception.environment import Machine
from detective_fake.views.report import failure_report
from tests.interception.stand_in import OTHER_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROFILES: Mapping[str, str | Mapping[str, str]] = {
    "member": OTHER_ACCOUNT,
    "audit": {"account_id": "333333333333", "region": "eu-west-1"},
}


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give the machine a file with a profile that has the name of a declared one, and one with a process."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(
        "[default]\nmax_attempts = 9\nregion = sa-east-1\n"
        "[profile member]\nregion = sa-east-1\naws_access_key_id = AKIAQNZGKIQY56JQ7WML\naws_secret_access_key = real\n"
        "[profile prod]\ncredential_process = touch /nowhere/called\n"
        "[profile role]\nrole_arn = arn:aws:iam::444444444444:role/Dev\nsource_profile = member\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "prod")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "7")
    monkeypatch.setattr(environment, "_machine", Machine(is_known=True))
    return tmp_path


def caller_of(session: Any, fake: DetectiveFake) -> tuple[str, str]:
    """Return account and Region of a call of a session."""
    make = getattr(session, "create_client", None) or session.client
    make("detective").list_graphs()
    return fake.calls[-1].account_id, fake.calls[-1].region


class TestDeclared:
    @pytest.mark.parametrize(
        ("profile", "expected"), [("member", (OTHER_ACCOUNT, "us-east-1")), ("audit", ("333333333333", "eu-west-1"))]
    )
    def test_account_and_region(self, profile: str, expected: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        """By `profile_name=`, by botocore's `profile=`, and by `AWS_PROFILE`."""
        with DetectiveFake(profiles=PROFILES) as fake:
            assert caller_of(boto3.Session(profile_name=profile), fake) == expected
            assert caller_of(botocore.session.Session(profile=profile), fake) == expected
            with monkeypatch.context() as patch:
                patch.setenv("AWS_PROFILE", profile)
                assert caller_of(boto3.Session(), fake) == expected

    def test_a_profile_chosen_before_the_fake_stays_chosen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only the machine's choice is hidden."""
        monkeypatch.setenv("AWS_PROFILE", "audit")
        with DetectiveFake(profiles=PROFILES) as fake:
            assert caller_of(boto3.Session(), fake) == ("333333333333", "eu-west-1")

    def test_without_a_profile_the_default_caller_calls(self) -> None:
        """In the fake's Region, and without the machine's settings."""
        with DetectiveFake(profiles=PROFILES, region="eu-central-1") as fake:
            session = boto3.Session()
            assert caller_of(session, fake) == ("123456789012", "eu-central-1")
            config: Any = session.client("detective").meta.config
            assert config.retries.get("total_max_attempts") in {None, 5}

    def test_the_default_profile_may_be_declared(self) -> None:
        """Then it is the caller without a profile."""
        with DetectiveFake(profiles={"default": OTHER_ACCOUNT}) as fake:
            assert caller_of(boto3.Session(), fake)[0] == OTHER_ACCOUNT

    @pytest.mark.parametrize(
        "profiles",
        [
            "member",
            {"member": "2"},
            {"a member": OTHER_ACCOUNT},
            {"member": {"region": "eu-west-1"}},
            {"member": {"account_id": OTHER_ACCOUNT, "regoin": "eu-west-1"}},
            {"member": {"account_id": OTHER_ACCOUNT, "region": "nowhere"}},
        ],
        ids=str,
    )
    def test_invalid_ones_are_rejected(self, profiles: Any) -> None:
        """The message says what is allowed."""
        with pytest.raises(FakeUsageError, match=r"account|Region"):
            DetectiveFake(profiles=profiles)

    def test_they_need_an_environment(self) -> None:
        """The environment names the files that have them."""
        with pytest.raises(FakeUsageError, match="hermetic=True"):
            DetectiveFake(profiles=PROFILES, hermetic=False)


class TestFilesOfATest:
    @pytest.fixture
    def own(self, tmp_path: Path) -> Path:
        """Return a file with keys, a Region, and a role."""
        keys = "\n".join(f"{name} = {value}" for name, value in make_credentials(OTHER_ACCOUNT).items())
        path = tmp_path / "own"
        path.write_text(
            f"[default]\n{keys}\n[profile mine]\nregion = eu-west-1\n{keys}\n"
            "[profile role]\nrole_arn = arn:aws:iam::444444444444:role/SecRole\nsource_profile = mine\n"
        )
        return path

    @pytest.mark.parametrize("before", [True, False])
    def test_are_read(self, own: Path, monkeypatch: pytest.MonkeyPatch, before: bool) -> None:  # noqa: FBT001
        """Named before the fake starts, or after."""
        if before:
            monkeypatch.setenv("AWS_CONFIG_FILE", str(own))
        with DetectiveFake() as fake, monkeypatch.context() as patch:
            patch.setenv("AWS_CONFIG_FILE", str(own))
            assert caller_of(boto3.Session(), fake) == (OTHER_ACCOUNT, "us-east-1")
            assert caller_of(boto3.Session(profile_name="mine"), fake) == (OTHER_ACCOUNT, "eu-west-1")
            assert caller_of(boto3.Session(profile_name="role"), fake) == ("444444444444", "us-east-1")
            assert caller_of(boto3.Session(profile_name="mine", region_name="us-east-1"), fake)[1] == "us-east-1"

    def test_beside_declared_profiles(self, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Both exist."""
        monkeypatch.setenv("AWS_CONFIG_FILE", str(own))
        with DetectiveFake(profiles=PROFILES) as fake:
            assert caller_of(boto3.Session(profile_name="audit"), fake) == ("333333333333", "eu-west-1")
            assert caller_of(boto3.Session(profile_name="mine"), fake)[0] == OTHER_ACCOUNT


class TestMachine:
    def test_a_key_in_its_files_is_the_default_callers(self) -> None:
        """Of a client that was made before the fake."""
        client = boto3.Session(profile_name="member").client("detective")
        with DetectiveFake() as fake:
            client.list_graphs()
            assert (fake.calls[0].account_id, fake.calls[0].caller.rule) == (
                "123456789012",
                "key decodes to 029608264753, the machine's own: default used",
            )

    def test_the_role_of_its_own_profile_is_the_default_callers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of a client that was made before the fake. A role that code chooses itself counts."""
        monkeypatch.setenv("AWS_PROFILE", "role")
        monkeypatch.setattr(environment, "_machine", Machine(is_known=True))
        client = boto3.Session(region_name="us-east-1").client("detective")
        with DetectiveFake() as fake:
            client.list_graphs()
            assert (fake.calls[0].account_id, fake.calls[0].caller.rule) == (
                "123456789012",
                "credentials (assume-role) are the machine's own: default used",
            )

    def test_a_session_that_has_read_its_files_reads_those_of_the_fake(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The command for credentials is not run, and the Region does not count. Afterwards all is as before."""
        monkeypatch.delenv("AWS_PROFILE")
        command = f"{sys.executable} -c \"open('{home / 'ran'}', 'w')\""
        (home / ".aws" / "config").write_text(f"[default]\nregion = eu-west-1\ncredential_process = {command}\n")
        session = boto3.Session()
        assert session.region_name == "eu-west-1"
        with DetectiveFake() as fake:
            assert caller_of(session, fake) == ("123456789012", "us-east-1")
        assert not (home / "ran").exists()
        assert session.region_name == "eu-west-1"

    def test_a_role_that_code_assumes_counts_although_its_files_have_it(self) -> None:
        """The caller is the same on every machine."""
        client = boto3.Session(profile_name="role", region_name="us-east-1").client("detective")
        with DetectiveFake() as fake:
            client.list_graphs()
            assert fake.calls[0].account_id == "444444444444"

    def test_a_session_can_choose_a_profile_or_a_file_later(self, tmp_path: Path) -> None:
        """Also after it has read a file."""
        (tmp_path / "own").write_text("[default]\nregion = eu-west-3\n", encoding="utf-8")
        with DetectiveFake(profiles=PROFILES) as fake:
            session = botocore.session.Session()
            assert session.get_scoped_config()["region"] == "us-east-1"
            session.set_config_variable("profile", "audit")
            assert caller_of(session, fake) == ("333333333333", "eu-west-1")
            other = botocore.session.Session()
            other.set_config_variable("config_file", str(tmp_path / "own"))
            assert other.get_scoped_config()["region"] == "eu-west-3"

    def test_sessions_are_freed(self) -> None:
        """The fake keeps nothing of a session that has ended."""
        with DetectiveFake() as fake:
            session = botocore.session.Session()
            session.get_scoped_config()
            ended = weakref.ref(session)
            del session
            gc.collect()
            assert ended() is None
            assert not fake._backend._readers  # noqa: SLF001 - there is no public name

    def test_a_session_does_not_keep_what_it_reads_of_the_fake(self) -> None:
        """Used again after the fake, it reads the machine's files."""
        session = botocore.session.Session()
        with DetectiveFake(profiles={"audit": "333333333333"}):
            assert set(session.full_config["profiles"]) == {"default", "audit"}
        assert "member" in session.full_config["profiles"]

    @pytest.mark.parametrize(("profile", "where"), [("prod", "exists on this machine"), ("prd", "does not exist")])
    def test_a_profile_that_is_not_declared_is_explained(self, profile: str, where: str) -> None:
        """The failure report says what to do."""
        with DetectiveFake() as fake:
            for _ in range(2):
                with pytest.raises(ProfileNotFound):
                    boto3.Session(profile_name=profile).client("detective")
            (line,) = fake.missing_profiles
            assert where in line
            assert f"profiles={{'{profile}': '222222222222'}}" in line
            assert line in failure_report(fake)
            fake.reset()
            assert fake.missing_profiles == ()
        with pytest.raises(ProfileNotFound):
            boto3.Session(profile_name="prd").client("detective")
