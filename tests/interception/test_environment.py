"""The environment while fakes are active, and how it is restored."""

from __future__ import annotations

import ctypes
import itertools
import os
import stat
import sys
import types
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from detective_fake.interception import environment
from detective_fake.interception.callers import decode_access_key
from detective_fake.interception.environment import (
    NEUTRAL_ACCESS_KEY_ID,
    HermeticEnvironment,
    Machine,
    machine_keys,
    put_right,
    remember_machine,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    "AWS_MAX_ATTEMPTS": "9",
    "AWS_RETRY_MODE": "adaptive",
    "AWS_LAMBDA_FUNCTION_NAME": "mine",
}


@pytest.fixture(params=[MACHINES, {}], ids=["login", "bare"], autouse=True)
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Simulate a developer's machine with a login, or one with no AWS variables."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(environment, "_machine", Machine(is_known=True))
    for memory in ("_quiet", "_earlier_origins"):
        monkeypatch.setattr(environment, memory, {})
    put_right()  # the plugin does this before a test, with the variables as they are then
    return aws_variables()


def aws_variables() -> dict[str, str]:
    """Return the variables that AWS tools read."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


@contextmanager
def hermetic(region: str = "us-east-1") -> Iterator[None]:
    """Replace the environment for a block."""
    fake = HermeticEnvironment(region, {})
    fake.start()
    try:
        yield
    finally:
        fake.stop()


class TestStart:
    def test_only_neutral_settings_are_left(self, machine: dict[str, str]) -> None:
        """New clients find no key, token, profile, account, endpoint, file or retry mode of the machine."""
        with hermetic("eu-west-1"):
            assert aws_variables() == {
                "AWS_CONFIG_FILE": mock.ANY,
                "AWS_SECRET_ACCESS_KEY": mock.ANY,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_DEFAULT_REGION": "eu-west-1",
                "AWS_REGION": "eu-west-1",
            } | {name: value for name, value in machine.items() if name == "AWS_LAMBDA_FUNCTION_NAME"}
            assert os.environ["AWS_CONFIG_FILE"] != "/nowhere"

    def test_settings_of_a_test_are_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A test may set a key, a profile, a retry mode or a file after the process began."""
        own = {
            "AWS_ACCESS_KEY_ID": "222222222222",
            "AWS_PROFILE": "member",
            "AWS_MAX_ATTEMPTS": "2",
            "AWS_CONFIG_FILE": "/own",
            "AWS_SHARED_CREDENTIALS_FILE": "/own too",
            "AWS_ENDPOINT_URL_S3": "http://localhost:1",
        }
        for name, value in own.items():
            monkeypatch.setenv(name, value)
        with hermetic(), hermetic():
            assert {name: os.environ[name] for name in own} == own

    def test_a_key_is_removed_if_the_process_began_unobserved(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without pytest, a key that is there when the fake starts may be the machine's."""
        monkeypatch.setattr(environment, "_machine", Machine(is_known=False))
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "222222222222")
        with hermetic():
            assert "AWS_ACCESS_KEY_ID" not in os.environ
        assert os.environ["AWS_ACCESS_KEY_ID"] == "222222222222"

    def test_the_neutral_key_encodes_no_account(self) -> None:
        """Clients that use it are the default caller's."""
        assert decode_access_key(NEUTRAL_ACCESS_KEY_ID) is None

    def test_new_clients_need_neither_region_nor_credentials(self) -> None:
        """They get both from the environment and the file that it names."""
        with hermetic("eu-west-1"):
            client = boto3.client("detective")
            assert client.meta.region_name == "eu-west-1"
            credentials = boto3.Session().get_credentials()
        assert credentials is not None
        assert credentials.access_key == NEUTRAL_ACCESS_KEY_ID

    def test_the_default_session_is_put_aside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It may hold the machine's login."""
        before: Any = types.SimpleNamespace()  # cannot be hashed
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", before)
        with hermetic("eu-west-1"):
            assert boto3.client("detective").meta.region_name == "eu-west-1"
        assert boto3.DEFAULT_SESSION is before

    def test_boto3_is_not_imported(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Importing it takes long, and not every test needs it."""
        monkeypatch.delitem(sys.modules, "boto3")
        with hermetic():
            assert "boto3" not in sys.modules

    @pytest.mark.parametrize(
        "module", [None, object(), types.SimpleNamespace(client=None)], ids=["none", "stub", "half"]
    )
    def test_boto3_may_be_something_else(self, monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
        """A stub, or a module that another thread is importing and that has no names yet."""
        monkeypatch.setitem(sys.modules, "boto3", module)
        with hermetic():
            assert not hasattr(module, "DEFAULT_SESSION")
        assert not hasattr(module, "DEFAULT_SESSION")

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
        own = {"AWS_REGION": "mine", "HOME": "/"}
        monkeypatch.setattr(os, "environ", dict(own))
        with hermetic("eu-west-1"):
            assert os.environ["AWS_REGION"] == "eu-west-1"
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
            HermeticEnvironment("us\0east", {}).start()
        assert aws_variables() == machine
        assert c_variables() == machine

    def test_the_file_cannot_be_changed(self) -> None:
        """A program that configures a profile must not change it for later tests."""
        with hermetic():
            assert not stat.S_IMODE(Path(os.environ["AWS_CONFIG_FILE"]).stat().st_mode) & 0o222

    def test_files_are_removed_when_the_process_ends(self, tmp_path: Path) -> None:
        """By that process, not by one that was forked."""
        path = tmp_path / "file"
        path.touch()
        environment._remove(str(path), os.getpid() + 1)  # noqa: SLF001 of the package's own tests
        assert path.exists()
        environment._remove(str(path), os.getpid())  # noqa: SLF001 of the package's own tests
        environment._remove(str(path), os.getpid())  # noqa: SLF001 of the package's own tests
        assert not path.exists()


def c_variables() -> dict[str, str]:
    """Return the variables of AWS that the C library holds, and that programs inherit."""
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_char_p
    values = {name: libc.getenv(name.encode()) for name in {*MACHINES, *environment._NAMES}}  # noqa: SLF001 of the package's own tests
    return {name: value.decode() for name, value in values.items() if value is not None}


class TestStop:
    def test_each_variable_is_restored(self, machine: dict[str, str]) -> None:
        """Set, removed or missing."""
        with hermetic():
            pass
        assert aws_variables() == machine

    def test_changes_by_code_under_test_are_undone(self, machine: dict[str, str]) -> None:
        """A profile and a key that it sets, a Region that it deletes."""
        with hermetic():
            os.environ["AWS_PROFILE"] = "another"
            os.environ["AWS_ACCESS_KEY_ID"] = "222222222222"
            os.environ["AWS_ENDPOINT_URL_DETECTIVE"] = "http://localhost:1"
            del os.environ["AWS_REGION"]
        assert aws_variables() == machine

    def test_stopping_twice_does_nothing(self, machine: dict[str, str]) -> None:
        """The second call has no effect."""
        replaced = HermeticEnvironment("us-east-1", {})
        replaced.start()
        replaced.stop()
        replaced.stop()
        assert aws_variables() == machine


class TestSeveral:
    REGIONS = ("us-east-1", "eu-west-1", "ap-south-1")

    @pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
    def test_they_stop_in_any_order(self, machine: dict[str, str], order: tuple[int, ...]) -> None:
        """The innermost that is left applies; the last one restores everything."""
        some = [HermeticEnvironment(region, {}) for region in self.REGIONS]
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
        first, second = HermeticEnvironment("us-east-1", {}), HermeticEnvironment("us-east-1", {})
        first.start()
        boto3.setup_default_session()
        second.start()
        first.stop()
        second.stop()
        assert boto3.DEFAULT_SESSION is before


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
                assert os.environ["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
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
            patch.delenv("AWS_CONFIG_FILE")
        assert aws_variables() == machine


class TestEveryOrder:
    """Fakes and other patchers begin and end in any order; the other patchers nest, as they do in tests."""

    def monkeypatch(self) -> tuple[Any, Any]:
        patch = pytest.MonkeyPatch()

        def start() -> None:
            patch.setenv("AWS_REGION", "sa-east-1")
            patch.setenv("AWS_PROFILE", "patched")
            patch.delenv("AWS_DEFAULT_REGION", raising=False)

        return start, patch.undo

    def dictionary(self) -> tuple[Any, Any]:
        patch = mock.patch.dict(os.environ, AWS_REGION="ap-south-1", AWS_CONFIG_FILE="/own")
        return patch.start, patch.stop

    def moto(self) -> tuple[Any, Any]:
        patch = mock_aws()
        return patch.start, patch.stop

    def fake(self) -> tuple[Any, Any]:
        fake = HermeticEnvironment("us-east-1", {})
        return fake.start, fake.stop

    def second_fake(self) -> tuple[Any, Any]:
        fake = HermeticEnvironment("eu-west-1", {})
        return fake.start, fake.stop

    OTHERS = ("monkeypatch", "dictionary", "moto")

    def run(self, order: Sequence[str]) -> None:
        """Begin each patcher at its first place in the order, and end it at its second."""
        before, session = (aws_variables(), c_variables()), boto3.DEFAULT_SESSION
        ends: dict[str, Any] = {}
        for name in order:
            if name in ends:
                ends[name]()
            else:
                start, ends[name] = getattr(self, name)()
                start()
        put_right()
        assert (aws_variables(), c_variables()) == before, order
        assert boto3.DEFAULT_SESSION is session

    def nests(self, order: Sequence[str]) -> bool:
        """Return whether patchers other than fakes end in reverse order."""
        open_ones: list[str] = []
        for name in order:
            if name in self.OTHERS:
                if name not in open_ones:
                    open_ones.append(name)
                elif open_ones.pop() != name:
                    return False
        return True

    @pytest.mark.slow
    @pytest.mark.parametrize("other", OTHERS)
    def test_two_fakes_and_another_patcher(self, other: str) -> None:
        """All 90 orders."""
        for order in sorted(set(itertools.permutations(("fake", "second_fake", other) * 2))):
            self.run(order)

    @settings(suppress_health_check=list(HealthCheck))
    @given(order=st.permutations(("fake", "second_fake", *OTHERS) * 2))
    def test_two_fakes_and_three_patchers(self, order: list[str]) -> None:
        """Some of the 113,400 orders."""
        assume(self.nests(order))
        self.run(order)

    def test_inside_a_fake_that_stays(self, machine: dict[str, str]) -> None:
        """That of a session or a module: its values are left."""
        with hermetic("ap-south-1"):
            inside = aws_variables()
            self.run(("fake", "dictionary", "fake", "dictionary"))
            assert aws_variables() == inside
        assert aws_variables() == machine

    def test_a_value_set_later_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Values are only put right once after a fake, so a value that looks like a fake's is left in later tests."""
        with hermetic("eu-west-1"):
            pass
        put_right()
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        put_right()
        assert os.environ["AWS_REGION"] == "eu-west-1"

    def test_many_fakes_in_one_test(self) -> None:
        """What is remembered does not grow."""
        for _ in range(100):
            with hermetic():
                pass
        put_right()
        assert len(environment._earlier_origins) < 20  # noqa: SLF001 of the package's own tests


class TestMachine:
    def test_without_pytest_the_key_in_the_environment_is_the_machines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """That found by the fakes that are active, and one set since."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAQNZGKIQY56JQ7WML")
        monkeypatch.setattr(environment, "_machine", Machine(is_known=False))
        assert machine_keys() == {"AKIAQNZGKIQY56JQ7WML"}
        with hermetic():
            assert machine_keys() == {"AKIAQNZGKIQY56JQ7WML"}
            with mock.patch.dict(os.environ, AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE"), hermetic():
                assert machine_keys() == {"AKIAQNZGKIQY56JQ7WML", "AKIAIOSFODNN7EXAMPLE"}

    def test_with_pytest_it_is_the_key_that_the_process_began_with(self, machine: dict[str, str]) -> None:
        """One that a test sets is the test's."""
        with mock.patch.dict(os.environ, AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE"):
            assert machine_keys() == {machine[name] for name in machine if name == "AWS_ACCESS_KEY_ID"}

    def test_it_is_remembered_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A run of pytest may be inside another one."""
        monkeypatch.setattr(environment, "_machine", Machine(is_known=False))
        remember_machine()
        remembered = environment.machine()
        remember_machine()
        assert environment.machine() is remembered

    def test_its_files_are_at_the_default_locations_and_where_the_environment_said(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Profiles and keys of all of them are known; a file that cannot be parsed has none."""
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        (tmp_path / ".aws").mkdir()
        (tmp_path / ".aws" / "config").write_text("not an ini file")
        (tmp_path / ".aws" / "credentials").write_text("[prod]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n")
        role = "arn:aws:iam::222222222222:role/Dev"
        (tmp_path / "config").write_text(f'[default]\n[profile "my own"]\nrole_arn = {role}\nregion = eu-west-1\n')
        found = Machine(is_known=True)
        assert set(found.profiles) == {"prod", "default", "my own"}
        assert found.file_identities == {"", "AKIAIOSFODNN7EXAMPLE", role}
