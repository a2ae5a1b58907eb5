"""The environment while fakes are active, and how it is restored."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import pytest
from moto import mock_aws

from detective_fake.interception.callers import NEUTRAL_ACCESS_KEY_ID, decode_access_key
from detective_fake.interception.environment import HermeticEnvironment, machine_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

MACHINES = {
    "AWS_ACCESS_KEY_ID": "AKIAQNZGKIQY56JQ7WML",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_SECURITY_TOKEN": "real",
    "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
    "AWS_PROFILE": "real",
    "AWS_DEFAULT_PROFILE": "real",
    "AWS_ACCOUNT_ID": "029608264753",
    "AWS_ENDPOINT_URL": "http://localhost:4566",
    "AWS_ENDPOINT_URL_DETECTIVE": "http://localhost:4567",
    "AWS_ENDPOINT_URL_S3": "http://localhost:4568",
    "AWS_EC2_METADATA_DISABLED": "false",
    "AWS_DEFAULT_REGION": "eu-north-1",
    "AWS_REGION": "eu-north-1",
    "AWS_CONFIG_FILE": "/nowhere",
}


@pytest.fixture(params=[MACHINES, {}], ids=["login", "bare"], autouse=True)
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Simulate a developer's machine with a login, or one with no AWS variables."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)
    return aws_variables()


def aws_variables() -> dict[str, str]:
    """Return the variables that AWS tools read."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


@contextmanager
def hermetic(region: str = "us-east-1") -> Iterator[None]:
    """Replace the environment for a block."""
    environment = HermeticEnvironment(region)
    environment.start()
    try:
        yield
    finally:
        environment.stop()


class TestStart:
    def test_only_neutral_variables_are_left(self, machine: dict[str, str]) -> None:
        """New clients find no key, token, profile, account or endpoint of the machine."""
        with hermetic("eu-west-1"):
            assert aws_variables() == {
                "AWS_ACCESS_KEY_ID": NEUTRAL_ACCESS_KEY_ID,
                "AWS_SECRET_ACCESS_KEY": mock.ANY,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_DEFAULT_REGION": "eu-west-1",
                "AWS_REGION": "eu-west-1",
            } | {name: value for name, value in machine.items() if name == "AWS_CONFIG_FILE"}

    def test_the_neutral_key_encodes_no_account(self) -> None:
        """Clients that use it are the default caller's."""
        assert decode_access_key(NEUTRAL_ACCESS_KEY_ID) is None

    def test_new_clients_need_neither_region_nor_credentials(self) -> None:
        """They get both from the environment."""
        with hermetic("eu-west-1"):
            client = boto3.client("detective")
            assert client.meta.region_name == "eu-west-1"
            credentials = boto3.Session().get_credentials()
        assert credentials is not None
        assert credentials.access_key == NEUTRAL_ACCESS_KEY_ID

    def test_the_default_session_is_put_aside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It may hold the machine's login."""
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", before := object())
        with hermetic("eu-west-1"):
            assert boto3.client("detective").meta.region_name == "eu-west-1"
        assert boto3.DEFAULT_SESSION is before

    def test_boto3_is_not_imported(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Importing it takes long, and not every test needs it."""
        monkeypatch.delitem(sys.modules, "boto3")
        with hermetic():
            assert "boto3" not in sys.modules

    def test_a_default_session_created_meanwhile_is_dropped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also if boto3 was imported only then."""
        module = sys.modules["boto3"]
        monkeypatch.delitem(sys.modules, "boto3")
        monkeypatch.setattr(module, "DEFAULT_SESSION", None)
        with hermetic():
            monkeypatch.setitem(sys.modules, "boto3", module)
            boto3.setup_default_session()
        assert boto3.DEFAULT_SESSION is None

    def test_os_environ_may_be_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Some tests replace it by a dictionary."""
        own = {"AWS_PROFILE": "mine", "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1", "HOME": "/"}
        monkeypatch.setattr(os, "environ", dict(own))
        with hermetic("eu-west-1"):
            assert os.environ["AWS_REGION"] == "eu-west-1"
            assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_STS"} & os.environ.keys()
        assert os.environ == own

    def test_boto3_may_be_removed_meanwhile(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Some tests remove the module to import it again."""
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", object())
        with hermetic():
            monkeypatch.delitem(sys.modules, "boto3")
        assert boto3.DEFAULT_SESSION is None

    def test_a_value_that_cannot_be_set_changes_nothing(self, machine: dict[str, str]) -> None:
        """Neither in this process nor in programs that it starts."""
        with pytest.raises(ValueError, match="null byte"):
            HermeticEnvironment("us\0east").start()
        assert aws_variables() == machine
        names = "import os; print(*(f'{name}={os.environ[name]}' for name in os.environ if name.startswith('AWS_')))"
        # Without `env=` it inherits what the C library holds.
        inherited = subprocess.run([sys.executable, "-c", names], check=True, capture_output=True, text=True).stdout
        assert sorted(inherited.split()) == sorted(f"{name}={value}" for name, value in machine.items())


class TestStop:
    def test_each_variable_is_restored(self, machine: dict[str, str]) -> None:
        """Set, removed or missing."""
        with hermetic():
            pass
        assert aws_variables() == machine

    def test_changes_by_code_under_test_are_undone(self, machine: dict[str, str]) -> None:
        """A profile that it sets, a Region that it deletes."""
        with hermetic():
            os.environ["AWS_PROFILE"] = "another"
            os.environ["AWS_ENDPOINT_URL_DETECTIVE"] = "http://localhost:1"
            del os.environ["AWS_REGION"]
        assert aws_variables() == machine

    def test_stopping_twice_does_nothing(self, machine: dict[str, str]) -> None:
        """The second call has no effect."""
        replaced = HermeticEnvironment("us-east-1")
        replaced.start()
        replaced.stop()
        replaced.stop()
        assert aws_variables() == machine


class TestSeveral:
    REGIONS = ("us-east-1", "eu-west-1", "ap-south-1")

    @pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
    def test_they_stop_in_any_order(self, machine: dict[str, str], order: tuple[int, ...]) -> None:
        """The innermost that is left applies; the last one restores everything."""
        some = [HermeticEnvironment(region) for region in self.REGIONS]
        for each in some:
            each.start()
        left = [0, 1, 2]
        for position in order:
            assert os.environ["AWS_REGION"] == self.REGIONS[left[-1]]
            some[position].stop()
            left.remove(position)
        assert aws_variables() == machine

    def test_the_first_default_session_is_restored(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not one that was created under the first fake."""
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", before := object())
        first, second = HermeticEnvironment("us-east-1"), HermeticEnvironment("us-east-1")
        first.start()
        boto3.setup_default_session()
        second.start()
        first.stop()
        second.stop()
        assert boto3.DEFAULT_SESSION is before

    def test_an_endpoint_set_between_them_is_removed_too(self) -> None:
        """The inner fake restores it."""
        with hermetic(), mock.patch.dict(os.environ, AWS_ENDPOINT_URL_STS="http://localhost:1"):
            with hermetic():
                assert "AWS_ENDPOINT_URL_STS" not in os.environ
            assert os.environ["AWS_ENDPOINT_URL_STS"] == "http://localhost:1"

    def test_an_endpoint_set_after_a_fake_is_removed_by_the_next(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each fake looks for these variables again."""
        with hermetic():
            pass
        monkeypatch.setenv("AWS_ENDPOINT_URL_GUARDDUTY", "http://localhost:1")
        for _ in range(2):
            with hermetic():
                assert "AWS_ENDPOINT_URL_GUARDDUTY" not in os.environ
            assert os.environ["AWS_ENDPOINT_URL_GUARDDUTY"] == "http://localhost:1"


class TestBesideOthers:
    OTHERS: tuple[Any, ...] = (
        lambda: mock.patch.dict(os.environ, {"AWS_REGION": "sa-east-1", "AWS_PROFILE": "patched"}),
        lambda: mock.patch.dict(os.environ, clear=True),
        mock_aws,
    )

    @pytest.mark.parametrize("other", OTHERS)
    def test_around(self, machine: dict[str, str], other: Any) -> None:
        """A fake inside another patcher of the environment."""
        with other():
            inside = aws_variables()
            with hermetic():
                assert os.environ["AWS_ACCESS_KEY_ID"] == NEUTRAL_ACCESS_KEY_ID
            assert aws_variables() == inside
        assert aws_variables() == machine

    @pytest.mark.parametrize("other", OTHERS)
    def test_inside(self, machine: dict[str, str], other: Any) -> None:
        """Another patcher of the environment inside a fake."""
        with hermetic():
            outside = aws_variables()
            with other():
                assert aws_variables() != outside
            assert aws_variables() == outside
        assert aws_variables() == machine

    def test_monkeypatch_inside(self, machine: dict[str, str]) -> None:
        """As a fixture of the test."""
        with hermetic(), pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_REGION", "sa-east-1")
            patch.delenv("AWS_ACCESS_KEY_ID")
        assert aws_variables() == machine


class TestMachineKeys:
    def test_it_is_the_key_in_the_environment(self, machine: dict[str, str]) -> None:
        """Before any fake."""
        assert machine_keys() == {machine[name] for name in machine if name == "AWS_ACCESS_KEY_ID"}

    def test_an_inner_fake_also_finds_the_key_of_the_outer(self, machine: dict[str, str]) -> None:
        """And the key set since."""
        expected = {machine[name] for name in machine if name == "AWS_ACCESS_KEY_ID"}
        with hermetic():
            assert machine_keys() == expected
            with mock.patch.dict(os.environ, AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE"), hermetic():
                assert machine_keys() == expected | {"AKIAIOSFODNN7EXAMPLE"}
