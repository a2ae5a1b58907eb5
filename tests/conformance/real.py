"""The two accounts in AWS: opens them, checks that they have no behavior graph, and deletes everything created."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.conformance.accounts import CLIENT_CONFIG
from tests.conformance.safety import Safety
from tests.conformance.settings import ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from tests.conformance.settings import Role, Settings

LIMIT_SECONDS: Final = 600
EVERY_SECONDS: Final = 10


class CleanUpError(Exception):
    """A behavior graph that the run has created could not be deleted."""


class RealAccounts:
    """Two accounts in AWS; see `Accounts`.

    Args:
        sessions: Sessions with their credentials.
        ids: Their account IDs.
    """

    def __init__(
        self,
        sessions: Mapping[Role, boto3.Session],
        ids: Mapping[Role, str],
        *,
        region: str,
        create: bool,
        member_email: str | None,
    ) -> None:
        self.region = region
        self.member_email = member_email or ""
        self.safety = Safety(may_create=create)
        self._sessions = sessions
        self._ids = ids
        self._clients = {role: self._guarded_client(role) for role in ROLES}

    def _guarded_client(self, role: Role) -> Any:
        client = self._client(role, "detective")
        self.safety.guard(client, role, graphs=self.graphs)
        return client

    def _client(self, role: Role, service: Any) -> Any:
        return self._sessions[role].client(service, region_name=self.region, config=CLIENT_CONFIG)

    def account_id(self, role: Role) -> str:
        """Return the ID of an account."""
        return self._ids[role]

    def client(self, role: Role) -> Any:
        """Return the Detective client of an account."""
        return self._clients[role]

    def graphs(self, role: Role = "administrator") -> list[str]:
        """Return the ARNs of an account's behavior graphs."""
        return [each["Arn"] for each in self.client(role).list_graphs()["GraphList"]]

    def in_organization(self, role: Role) -> bool:
        """Return whether an account is in an organization, also if AWS Organizations denies the question."""
        try:
            self._client(role, "organizations").describe_organization()
        except ClientError as error:
            return error.response["Error"]["Code"] != "AWSOrganizationsNotInUseException"
        return True

    def wait_until(self, happened: Callable[[], bool], what: str) -> None:
        """Check repeatedly for up to ten minutes."""
        poll(happened, what)

    def close(self) -> None:
        """Delete what was created.

        Raises:
            CleanUpError: That failed; the message says what to do.
        """
        for arn in tuple(self.safety.alive):
            self._delete(arn)

    def _delete(self, arn: str) -> None:
        try:
            self.client("administrator").delete_graph(GraphArn=arn)
        except (BotoCoreError, ClientError) as error:
            command = f"aws detective delete-graph --graph-arn {arn} --region {self.region}"
            raise CleanUpError(
                f"{arn} was not deleted ({error}). Please see to it, as it costs money: {command}"
            ) from error


def open_accounts(settings: Settings) -> RealAccounts:
    """Return the accounts if they can be reached and have no behavior graph. Changes nothing.

    Raises:
        pytest.UsageError: They cannot, or have one.
    """
    sessions = {role: _session(settings, role) for role in ROLES}
    region = settings.region or sessions["administrator"].region_name
    if not region:
        _refuse(f"The profile {settings.profiles['administrator']!r} has no Region; add --aws-region REGION.")
    try:
        ids = {role: _account_id(session, region) for role, session in sessions.items()}
        accounts = RealAccounts(
            sessions, ids, region=region, create=settings.create, member_email=settings.member_email
        )
        _check(accounts)
    except (BotoCoreError, ClientError) as error:
        _refuse(f"The accounts of {' and '.join(settings.profiles.values())} cannot be asked: {error}")
    return accounts


def _session(settings: Settings, role: Role) -> boto3.Session:
    try:
        return boto3.Session(profile_name=settings.profiles[role], region_name=settings.region)
    except BotoCoreError as error:
        _refuse(f"--aws-profile {role}={settings.profiles[role]}: {error}")


def _account_id(session: boto3.Session, region: str) -> str:
    return str(session.client("sts", region_name=region).get_caller_identity()["Account"])


def _check(accounts: RealAccounts) -> None:
    ids = [accounts.account_id(role) for role in ROLES]
    if ids[0] == ids[1]:
        _refuse(f"Both profiles are of the account {ids[0]}; an administrator and a member are two.")
    for role in ROLES:
        graphs = accounts.graphs(role)
        if graphs:
            _refuse(
                f"The {role}, account {accounts.account_id(role)}, has a behavior graph in {accounts.region}: "
                f"{graphs[0]}. The checks never touch what was there before, and need a Region without one. "
                "Choose another with --aws-region."
            )
        if accounts.client(role).list_invitations()["Invitations"]:
            _refuse(
                f"The {role}, account {accounts.account_id(role)}, is invited to, or a member of, a behavior graph in "
                f"{accounts.region}. The checks need a Region where it is in none. Choose another with --aws-region."
            )


def _refuse(message: str) -> NoReturn:
    raise pytest.UsageError(message)


def poll(
    happened: Callable[[], bool],
    what: str,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return as soon as something has happened; look at once, and then every ten seconds for ten minutes.

    Raises:
        TimeoutError: It has not.
    """
    end = clock() + LIMIT_SECONDS
    while not happened():
        if clock() >= end:
            raise TimeoutError(f"Not within {LIMIT_SECONDS} seconds: {what}.")
        sleep(EVERY_SECONDS)
