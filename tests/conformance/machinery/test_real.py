"""Accounts in AWS: who they are, what is said where they cannot be used, and how long is waited."""

from __future__ import annotations

import pytest

from tests.conformance.machinery.local_aws import ADMINISTRATOR, EMAIL, MEMBER, LocalAws
from tests.conformance.real import EVERY_SECONDS, LIMIT_SECONDS, RealAccounts, open_accounts, poll
from tests.conformance.settings import Role, Settings


def opened(administrator: str = "boss", member: str = "worker", region: str | None = None) -> RealAccounts:
    """Return the accounts of two profiles."""
    profiles: dict[Role, str] = {"administrator": administrator, "member": member}
    return open_accounts(Settings(profiles, region, create=True, member_email=EMAIL))


@pytest.mark.usefixtures("aws")
class TestOpen:
    def test_the_accounts_are_those_of_the_profiles(self) -> None:
        """AWS STS knows their ids."""
        accounts = opened()
        assert (accounts.account_id("administrator"), accounts.account_id("member")) == (ADMINISTRATOR, MEMBER)
        assert (accounts.region, accounts.member_email) == ("eu-west-1", EMAIL)

    def test_the_region_may_be_another(self) -> None:
        """The option takes precedence over the profile."""
        accounts = opened(region="eu-central-1")
        assert accounts.client("member").meta.region_name == accounts.region == "eu-central-1"

    @pytest.mark.parametrize(
        ("administrator", "member", "said"),
        [
            ("chief", "worker", r"^--aws-profile administrator=chief: .*\(chief\) could not be found"),
            ("nowhere", "worker", "^The profile 'nowhere' has no Region; add --aws-region REGION"),
            ("boss", "boss", f"^Both profiles are of the account {ADMINISTRATOR}; an administrator and a member are"),
        ],
    )
    def test_profiles_that_cannot_be_used_are_refused(self, administrator: str, member: str, said: str) -> None:
        """Before anything is asked of Detective."""
        with pytest.raises(pytest.UsageError, match=said):
            opened(administrator, member)

    def test_accounts_that_cannot_be_asked_are_refused(self, aws: LocalAws) -> None:
        """The message has AWS's own words."""
        aws.fake.faults.add("ListGraphs", error="AccessDeniedException", message="Not you.", times=None)
        with pytest.raises(pytest.UsageError, match=r"The accounts of boss and worker cannot be asked: .* Not you\."):
            opened()

    @pytest.mark.parametrize(("owner", "role"), [(ADMINISTRATOR, "administrator"), (MEMBER, "member")])
    def test_an_account_that_has_a_graph_is_refused(self, aws: LocalAws, owner: str, role: str) -> None:
        """Either account may be the one."""
        arn = aws.fake.seed.graph(owner, "eu-west-1")
        said = f"The {role}, account {owner}, has a behavior graph in eu-west-1: {arn}. The checks never touch"
        with pytest.raises(pytest.UsageError, match=said):
            opened()

    def test_an_account_that_is_a_member_already_is_refused(self, aws: LocalAws) -> None:
        """It would see more than the checks expect."""
        aws.fake.seed.graph("777777777777", "eu-west-1", members=[MEMBER])
        with pytest.raises(pytest.UsageError, match=f"The member, account {MEMBER}, is invited to, or a member of"):
            opened()


class TestOrganizations:
    @pytest.mark.parametrize(("profile", "expected"), [("boss", False), ("manager", True)])
    @pytest.mark.usefixtures("aws")
    def test_are_asked_for(self, profile: str, *, expected: bool) -> None:
        """The accounts call AWS Organizations to find out."""
        assert opened(profile).in_organization("administrator") is expected


class TestPoll:
    def waiting(self, happens_at: float) -> list[float]:
        """Wait for something, and return when it was looked at, in seconds."""
        now, looked = [100.0], []

        def happened() -> bool:
            looked.append(now[0] - 100)
            return looked[-1] >= happens_at

        poll(happened, "it rains", clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
        return looked

    def test_it_looks_at_once(self) -> None:
        """And does not wait where there is nothing to wait for."""
        assert self.waiting(0) == [0]

    def test_it_looks_again_and_again(self) -> None:
        """Until it has happened."""
        assert self.waiting(EVERY_SECONDS * 1.5) == [0, EVERY_SECONDS, 2 * EVERY_SECONDS]

    def test_it_gives_up(self) -> None:
        """And says on what."""
        with pytest.raises(TimeoutError, match=f"Not within {LIMIT_SECONDS} seconds: it rains"):
            self.waiting(LIMIT_SECONDS * 2)
