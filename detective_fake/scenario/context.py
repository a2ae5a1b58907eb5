"""What a scenario leaves open, and how it is filled in: from the fake that loads it, or from the rest of the file.

Knows the defaults that both checking and building need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from detective_fake.scenario.values import Delay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from detective_fake.scenario.entries import DesignationEntry, GraphEntry, OrganizationEntry
    from detective_fake.scenario.format import QuotasEntry, Scenario, TimingsEntry

    Place = tuple[str, str]

__all__ = [
    "Context",
    "account_ids",
    "delegated_administrator",
    "designated",
    "given_limits",
    "management_account",
    "organization_places",
    "place_of",
]


@attrs.frozen(kw_only=True)
class Context:
    """What a scenario leaves to the fake that loads it.

    Attributes:
        default_account: The default caller, who is meant where a file names no account.
        default_region: The fake's Region, likewise.
        check: Raises `FakeUsageError` if parameters are not valid for an operation under the service model.
    """

    default_account: str
    default_region: str
    check: Callable[[str, Mapping[str, Any]], None]


def place_of(graph: GraphEntry, context: Context) -> Place:
    """Return Region and administrator of a graph."""
    _, _, _, region, account_id, *_ = (graph.arn or ":::::").split(":")
    return (
        graph.region or region or context.default_region,
        graph.administrator_id or account_id or context.default_account,
    )


def designated(designation: DesignationEntry, context: Context) -> Place:
    """Return Region and administrator of a designation."""
    return designation.region or context.default_region, designation.administrator_id


def management_account(organization: OrganizationEntry, context: Context) -> str:
    """Return the management account of an organization."""
    return organization.management_account_id or context.default_account


def delegated_administrator(organization: OrganizationEntry, context: Context) -> str | None:
    """Return the delegated administrator of an organization, by default whoever is designated."""
    management = management_account(organization, context)
    administrators = (each.administrator_id for each in organization.designations)
    usual = next((each for each in administrators if each != management), None)
    return organization.delegated_administrator_id or usual


def account_ids(organization: OrganizationEntry, context: Context) -> list[str]:
    """Return the accounts of an organization as listed, after the management account if that is not among them."""
    listed: list[str] = [each.account_id for each in organization.accounts]
    management = management_account(organization, context)
    return listed if management in listed else [management, *listed]


def organization_places(scenario: Scenario, context: Context) -> dict[Place, frozenset[str]]:
    """Return Region and administrator of every organization behavior graph, with the organization's accounts."""
    return {
        designated(each, context): frozenset(account_ids(organization, context))
        for organization in scenario.organizations
        for each in organization.designations
        if each.deleted_graph_arn is None
    }


def given_limits(entry: QuotasEntry | TimingsEntry | None) -> dict[str, Any]:
    """Return the quotas or timings that a file has, by name."""
    if entry is None:
        return {}
    values = {field.name: getattr(entry, field.name) for field in attrs.fields(type(entry))}
    return {
        name: value.after if isinstance(value, Delay) else value for name, value in values.items() if value is not None
    }
