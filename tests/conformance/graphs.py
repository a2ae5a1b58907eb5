"""Creates the behavior graph that the checks share, and resets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.conformance.accounts import Accounts

CORE: Final = "DETECTIVE_CORE"
TAGS: Final = {"made-by": "detective_fake-conformance"}
"""Marks the graph, so that one left behind by a killed run can be found."""


def open_graph(accounts: Accounts) -> str:
    """Return the ARN of the administrator's graph; create it if there is none."""
    if accounts.safety.alive:
        return accounts.safety.alive[0]
    return str(accounts.client("administrator").create_graph(Tags=TAGS)["GraphArn"])


def tidy(accounts: Accounts, arn: str) -> None:
    """Remove the members, tags and packages that a check has added."""
    administrator = accounts.client("administrator")
    tags = administrator.list_tags_for_resource(ResourceArn=arn)["Tags"].keys() - TAGS.keys()
    if tags:
        administrator.untag_resource(ResourceArn=arn, TagKeys=sorted(tags))
    if started(administrator, arn) != [CORE]:
        administrator.update_datasource_packages(GraphArn=arn, DatasourcePackages=[CORE])
    members = [each["AccountId"] for each in list_members(administrator, arn)]
    if members:
        administrator.delete_members(GraphArn=arn, AccountIds=members)
        accounts.wait_until(lambda: not list_members(administrator, arn), "the members are gone")


def list_members(administrator: Any, arn: str) -> list[dict[str, Any]]:
    """Return all members of the graph; they fit on a page."""
    return list(administrator.list_members(GraphArn=arn)["MemberDetails"])


def states(administrator: Any, arn: str) -> dict[str, str]:
    """Return the data source packages of the graph, each with its state."""
    packages = administrator.list_datasource_packages(GraphArn=arn)["DatasourcePackages"]
    return {name: each["DatasourcePackageIngestState"] for name, each in packages.items()}


def started(administrator: Any, arn: str) -> list[str]:
    """Return the data source packages that the graph takes in."""
    return [name for name, state in states(administrator, arn).items() if state == "STARTED"]


def status_of_member(accounts: Accounts, arn: str) -> str | None:
    """Return the member's status after its address is verified, or None if it is not in the graph."""

    def status() -> str | None:
        rows = list_members(accounts.client("administrator"), arn)
        return next((row["Status"] for row in rows if row["AccountId"] == accounts.account_id("member")), None)

    accounts.wait_until(lambda: status() != "VERIFICATION_IN_PROGRESS", "the member's e-mail address is verified")
    return status()
