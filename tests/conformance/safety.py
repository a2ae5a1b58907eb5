"""Checks every call before it is sent, on the fake and on AWS: it must not touch what the run has not created.

What was there before cannot be named, let alone changed: a call about a behavior graph goes to one that this run has
created, or to none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.conformance.settings import Role

MALFORMED_ARN: Final = "arn:aws:detective:us-east-1:111111111111:graph/1"

_ABOUT_THE_CALLER: Final = frozenset({"ListGraphs", "ListInvitations", "ListOrganizationAdminAccounts"})
"""Operations that read and name no graph."""


class UnsafeCallError(AssertionError):
    """A check makes a call that is not allowed."""


class Safety:
    """Restricts what the checks do.

    Attributes:
        may_create: Whether a behavior graph may be created.
        made: ARNs of all graphs that were created.
        alive: Those of them that were not deleted again.
    """

    def __init__(self, *, may_create: bool) -> None:
        self.may_create = may_create
        self.made: list[str] = []
        self.alive: list[str] = []

    def guard(self, client: Any, role: Role, *, graphs: Callable[[], Iterable[str]]) -> None:
        """Restrict the calls of a client.

        Args:
            graphs: Reads which behavior graphs the administrator has.
        """

        def before(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
            self._check(model.name, params, role, graphs)
            context[_NAMED] = params.get("GraphArn")

        def after(http_response: Any, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
            if http_response.status_code < _REFUSED:
                self._happened(model.name, parsed.get("GraphArn", context[_NAMED]))

        client.meta.events.register("provide-client-params.detective", before)
        client.meta.events.register("after-call.detective", after)

    def _happened(self, operation: str, arn: str) -> None:
        if operation == "CreateGraph":
            self.made[:] = dict.fromkeys([*self.made, arn])
            self.alive[:] = dict.fromkeys([*self.alive, arn])
        if operation == "DeleteGraph":
            self.alive[:] = [each for each in self.alive if each != arn]

    def _check(
        self, operation: str, parameters: dict[str, Any], role: Role, graphs: Callable[[], Iterable[str]]
    ) -> None:
        if operation in _ABOUT_THE_CALLER:
            return
        if operation == "CreateGraph":
            self._check_creation(role, graphs)
            return
        named = _graphs_in(parameters)
        if named is None:
            raise UnsafeCallError(f"{operation} names no behavior graph; what it would do to the account is unknown.")
        for arn in named:
            if arn not in self.made and not _is_nobodys(arn):
                raise UnsafeCallError(f"{operation}: {arn} is not a behavior graph that this run has created.")

    def _check_creation(self, role: Role, graphs: Callable[[], Iterable[str]]) -> None:
        if not self.may_create or role != "administrator":
            raise UnsafeCallError(f"CreateGraph by the {role}: nothing may be created here.")
        # CreateGraph returns the ARN of an existing graph, which we would then take for ours and delete.
        others = [arn for arn in graphs() if arn not in self.alive]
        if others:
            raise UnsafeCallError(f"The administrator has a behavior graph that this run has not created: {others[0]}.")


def nobodys_arn(account_id: str, region: str, partition: str) -> str:
    """Return the ARN of a behavior graph that does not exist."""
    return f"arn:{partition}:detective:{region}:{account_id}:graph:{_NOBODYS}"


_NOBODYS: Final = "0" * 32
_NAMED: Final = "conformance_graph_arn"
_REFUSED: Final = 300


def _is_nobodys(arn: object) -> bool:
    return arn == MALFORMED_ARN or str(arn).endswith(f":graph:{_NOBODYS}")


def _graphs_in(parameters: dict[str, Any]) -> list[Any] | None:
    """Return the ARNs in the parameters, or None."""
    named = [parameters[name] for name in ("GraphArn", "ResourceArn") if name in parameters]
    return [*named, *parameters.get("GraphArns", ())] or None
