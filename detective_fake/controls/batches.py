"""Batches of accounts: some left out, and listed as unprocessed beside those that the service could not process itself.

Knows which member of a request names the accounts; must not know what the operations do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from detective_fake.exchange import Deferred, copy_value, write_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detective_fake.exchange import Body

__all__ = ["BATCHES", "accounts_of", "with_unprocessed", "without"]

BATCHES: Final[Mapping[str, str]] = {
    "BatchGetGraphMemberDatasources": "AccountIds",
    "CreateMembers": "Accounts",
    "DeleteMembers": "AccountIds",
    "GetMembers": "AccountIds",
}
"""Operations that answer with `UnprocessedAccounts`, each with the member that names the accounts."""

_UNPROCESSED: Final = "UnprocessedAccounts"


def accounts_of(operation: str, parameters: Mapping[str, Any]) -> list[str]:
    """Return the accounts that a call is about, in its order; none where it names none in the right way."""
    named = parameters.get(BATCHES[operation]) if operation in BATCHES else None
    if not isinstance(named, list):
        return []
    accounts = (item.get("AccountId") if isinstance(item, dict) else item for item in named)
    return [account_id for account_id in accounts if isinstance(account_id, str)]


def without(operation: str, parameters: Mapping[str, Any], unprocessed: Mapping[str, str]) -> dict[str, Any]:
    """Return valid parameters without the accounts that are not to be processed."""
    member = BATCHES[operation]
    ids = accounts_of(operation, parameters)
    kept = [item for item, account_id in zip(parameters[member], ids, strict=True) if account_id not in unprocessed]
    return {**parameters, member: kept}


def with_unprocessed(operation: str, parameters: Mapping[str, Any], body: Body, unprocessed: Mapping[str, str]) -> Body:
    """Return an answer with these accounts among the unprocessed ones, all in the order in which they were asked for.

    Args:
        parameters: Of the whole call.
        body: What was answered for the other accounts.
        unprocessed: Account ids and reasons.
    """
    ids = accounts_of(operation, parameters)
    rows = [*write_body(body)[_UNPROCESSED]]
    rows += [{"AccountId": each, "Reason": unprocessed[each]} for each in dict.fromkeys(ids) if each in unprocessed]
    rows.sort(key=lambda row: ids.index(row["AccountId"]))
    return {**body, _UNPROCESSED: Deferred(copy_value, (rows,))}
