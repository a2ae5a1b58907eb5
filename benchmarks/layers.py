"""`python -m benchmarks.layers`: where the time of a call goes, as each layer's share of the time under cProfile.

The profiler slows Python functions down more than C functions: compare these shares only with one another.
A C function counts for the layer that calls it.
"""

from __future__ import annotations

import cProfile
import gc
import pstats
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore

import detective_fake
from benchmarks.calls import ACCOUNTS, MEMBER, a_graph

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = tuple[str, int, str]

CALLS = 3_000
PACKAGE = Path(detective_fake.__file__).parent
BOTOCORE = Path(botocore.__file__).parent


def layer_of(function: Function) -> str:
    """Return the layer that a function belongs to, or an empty string for a C function."""
    file, _, _ = function
    if file.startswith("<attrs generated") and "detective_fake." in file:
        module = file.split("detective_fake.", 1)[1].split(".")[0].rstrip(">")
        return f"detective_fake.{module}"
    path = Path(file)
    if PACKAGE in path.parents:
        return f"detective_fake.{path.relative_to(PACKAGE).parts[0].removesuffix('.py')}"
    if BOTOCORE in path.parents:
        return "botocore"
    return "" if file == "~" else "Python's library"


def shares(work: Callable[[], object], number: int) -> tuple[Counter[str], Counter[str]]:
    """Return the seconds and the number of function calls of each layer."""
    profile = cProfile.Profile()
    work()
    gc.collect()
    profile.enable()
    for _ in range(number):
        work()
    profile.disable()
    seconds: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    found: dict[Function, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # typeshed hides it
    for function, (_, count, own, _, callers) in found.items():
        layer = layer_of(function)
        if layer:
            seconds[layer] += own
            calls[layer] += count
        for caller, (_, _, own_for_caller, _) in callers.items() if not layer else ():
            seconds[layer_of(caller) or "Python's library"] += own_for_caller
    return seconds, calls


def main() -> None:
    """Print a table each for a read, a long page, and a change."""
    with a_graph() as (client, arn):
        show("list_members, one member", lambda: client.list_members(GraphArn=arn), CALLS)
    with a_graph(members=200) as (client, arn):
        show("list_members, 200 members", lambda: client.list_members(GraphArn=arn, MaxResults=200), CALLS // 10)
    with a_graph(members=2) as (client, arn):

        def change() -> None:
            client.create_members(GraphArn=arn, Accounts=ACCOUNTS)
            client.delete_members(GraphArn=arn, AccountIds=[MEMBER])

        show("create_members + delete_members", change, CALLS // 2)


def show(title: str, work: Callable[[], object], number: int) -> None:
    """Print the shares of one piece of work."""
    seconds, calls = shares(work, number)
    whole = seconds.total()
    print(f"\n{title:<34} {'share':>7} {'Python calls':>13}")
    for layer, own in seconds.most_common():
        if own / whole >= 0.0005:
            print(f"  {layer:<32} {own / whole:>7.1%} {calls[layer] / number:>13.1f}")


if __name__ == "__main__":
    main()
