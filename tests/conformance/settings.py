"""The AWS accounts that the command line names for the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

Role = Literal["administrator", "member"]

ROLES: Final[tuple[Role, ...]] = ("administrator", "member")

_HOW: Final = "--aws-profile administrator=NAME --aws-profile member=NAME"


class Settings(NamedTuple):
    """A run on AWS.

    Attributes:
        profiles: Names of AWS profiles.
        region: None for that of the administrator's profile.
        create: Whether a behavior graph may be created, and what belongs into it.
        member_email: The root e-mail address of the member account; AWS accepts no other.
    """

    profiles: Mapping[Role, str]
    region: str | None = None
    create: bool = False
    member_email: str | None = None


def settings_of(
    profiles: Sequence[str], *, region: str | None = None, create: bool = False, member_email: str | None = None
) -> Settings | None:
    """Return the settings, or None if the checks run on the fake.

    Args:
        profiles: Each `role=name`.
    Raises:
        pytest.UsageError: They do not fit together.
    """
    if not profiles:
        if region or create or member_email:
            _refuse(f"The other --aws-… options say how to run on AWS accounts, and none is given: {_HOW}.")
        return None
    if create and not member_email:
        _refuse(
            "--aws-create needs --aws-member-email ADDRESS, the root e-mail address of the member account: AWS "
            "invites an account under no other address. (No e-mail is sent.)"
        )
    return Settings(_named(profiles), region, create, member_email)


def _named(profiles: Sequence[str]) -> dict[Role, str]:
    named: dict[str, str] = {}
    for given in profiles:
        role, _, name = given.partition("=")
        if role not in ROLES or not name:
            _refuse(f"--aws-profile {given} is not of the form ROLE=NAME with a role of {' and '.join(ROLES)}.")
        if role in named:
            _refuse(f"--aws-profile {given}: the {role} is {named[role]!r} already.")
        named[role] = name
    missing = [role for role in ROLES if role not in named]
    if missing:
        _refuse(f"There is no profile for the {missing[0]}; two accounts are needed: {_HOW}.")
    return {role: named[role] for role in ROLES}


def _refuse(message: str) -> NoReturn:
    raise pytest.UsageError(message)
