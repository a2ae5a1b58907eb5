"""Runs the checks of this folder on the fake or, if the command line names profiles, on AWS accounts.

    python -m pytest tests/conformance --aws-profile administrator=NAME --aws-profile member=NAME

pytest has these options only if it is started on this folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from detective_fake import DetectiveFake
from tests.conformance.accounts import FakeAccounts, blotted
from tests.conformance.comparing import Comparison, Finding
from tests.conformance.graphs import open_graph, status_of_member, tidy
from tests.conformance.real import RealAccounts, open_accounts
from tests.conformance.report import Checked, summary
from tests.conformance.rules import rule_count, rules_of_check
from tests.conformance.safety import nobodys_arn
from tests.conformance.settings import Settings, settings_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.conformance.accounts import Accounts

SETTINGS: Final = pytest.StashKey[Settings]()
REAL: Final = pytest.StashKey[RealAccounts]()
FINDINGS: Final = pytest.StashKey[list[Finding]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a run on AWS."""
    group = parser.getgroup("conformance", "the checks of tests/conformance, on AWS accounts")
    group.addoption(
        "--aws-profile",
        action="append",
        metavar="ROLE=NAME",
        help="AWS profile of the 'administrator' and of the 'member' account; give both",
    )
    group.addoption("--aws-region", metavar="REGION", help="the administrator profile's own if not given")
    group.addoption(
        "--aws-create",
        action="store_true",
        help="create a behavior graph, which may cost money, invite the member, and delete all of it at the end",
    )
    group.addoption("--aws-member-email", metavar="ADDRESS", help="root e-mail address of the member account")


def pytest_configure(config: pytest.Config) -> None:
    """Read the options.

    Raises:
        pytest.UsageError: They are inconsistent.
    """
    config.addinivalue_line("markers", "holds(*rules): the rules of the fidelity page that a check holds.")
    # Without the options if pytest was started on another folder.
    option = config.getoption
    settings = settings_of(
        option("aws_profile", None) or (),
        region=option("aws_region", None),
        create=option("aws_create", default=False),
        member_email=option("aws_member_email", None),
    )
    if settings is not None:
        if option("numprocesses", None):
            raise pytest.UsageError("On AWS the checks share one behavior graph; leave out -n.")
        config.stash[SETTINGS] = settings


def pytest_report_header(config: pytest.Config) -> str:
    """Say what the checks run on."""
    settings = config.stash.get(SETTINGS, None)
    if settings is None:
        return "conformance: on the fake; for AWS accounts see docs/how-to/conformance.md"
    created = "a behavior graph is created, and deleted again" if settings.create else "nothing is created"
    return f"conformance: on AWS, profiles {' and '.join(settings.profiles.values())}; {created}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On AWS, run only checks, and those that delete the graph last: a new one takes minutes."""
    if SETTINGS not in config.stash:
        return
    others = [item for item in items if not rules_of_check(item)]
    config.hook.pytest_deselected(items=others)
    items[:] = sorted((item for item in items if rules_of_check(item)), key=_rank)


def _rank(item: pytest.Item) -> int:
    fixtures: tuple[str, ...] = getattr(item, "fixturenames", ())
    return ("may_create" in fixtures) + ("doomed_graph_arn" in fixtures)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Before any check begins, verify that the accounts can be reached and have no behavior graph.

    Raises:
        pytest.UsageError: They cannot, or have one.
    """
    settings = session.config.stash.get(SETTINGS, None)
    if settings is not None and not session.config.getoption("collectonly"):
        session.config.stash[REAL] = open_accounts(settings)


@pytest.fixture(scope="session", autouse=True)
def no_network(request: pytest.FixtureRequest) -> None:
    """Keep the network guard, except for runs on AWS."""
    if SETTINGS not in request.config.stash:
        request.getfixturevalue("no_network")


@pytest.fixture(scope="session")
def real_accounts(request: pytest.FixtureRequest) -> Iterator[RealAccounts | None]:
    """The accounts in AWS, for a run on AWS; at the end, everything created is deleted."""
    real = request.config.stash.get(REAL, None)
    yield real
    if real is not None:
        real.close()


@pytest.fixture
def accounts(real_accounts: RealAccounts | None) -> Iterator[Accounts]:
    """An administrator and a member."""
    if real_accounts is not None:
        yield real_accounts
    else:
        with DetectiveFake() as fake:
            yield FakeAccounts(fake)


@pytest.fixture
def administrator(accounts: Accounts) -> Any:
    """The administrator's client."""
    return accounts.client("administrator")


@pytest.fixture
def member(accounts: Accounts) -> Any:
    """The member's client."""
    return accounts.client("member")


@pytest.fixture
def unknown_arn(accounts: Accounts, administrator: Any) -> str:
    """The ARN of a graph that does not exist."""
    return nobodys_arn(accounts.account_id("administrator"), accounts.region, administrator.meta.partition)


@pytest.fixture
def outside_organizations(accounts: Accounts) -> None:
    """Skip the check if the accounts are in an organization."""
    if accounts.in_organization("administrator"):
        pytest.skip("The administrator is in an organization, or may not ask; this is about accounts that are in none.")


@pytest.fixture
def may_create(accounts: Accounts) -> None:
    """Skip the check if nothing may be created."""
    if not accounts.safety.may_create:
        pytest.skip(
            "This creates a behavior graph, which may cost money, and deletes it at the end; only with --aws-create."
        )


@pytest.fixture
def graph_arn(accounts: Accounts, may_create: None) -> Iterator[str]:  # noqa: ARG001 - may skip the check
    """The administrator's graph, as new: without members, with core data only."""
    arn = open_graph(accounts)
    yield arn
    if arn in accounts.safety.alive:
        tidy(accounts, arn)


@pytest.fixture
def doomed_graph_arn(graph_arn: str) -> str:
    """The same graph, for a check that deletes it."""
    return graph_arn


@pytest.fixture
def invited(accounts: Accounts, graph_arn: str) -> str:
    """The graph, with the member invited."""
    account = {"AccountId": accounts.account_id("member"), "EmailAddress": accounts.member_email}
    accounts.client("administrator").create_members(
        GraphArn=graph_arn, Accounts=[account], DisableEmailNotification=True
    )
    status = status_of_member(accounts, graph_arn)
    assert status == "INVITED", f"{status}: is {accounts.member_email} the root e-mail address of the member account?"
    return graph_arn


@pytest.fixture
def enabled(member: Any, invited: str) -> str:
    """The graph, with the member enabled."""
    member.accept_invitation(GraphArn=invited)
    return invited


@pytest.fixture
def compare(request: pytest.FixtureRequest, accounts: Accounts) -> Comparison:
    """Makes the comparisons of the check."""
    findings: list[Finding] = []
    request.node.stash[FINDINGS] = findings
    return Comparison(findings.append, lambda text: blotted(text, accounts))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the rules and findings of a check to its report."""
    report = yield
    rules = rules_of_check(item)
    if rules and (call.when == "call" or (call.when == "setup" and not report.passed)):
        findings = item.stash.get(FINDINGS, [])
        if report.failed and all(finding["agrees"] for finding in findings):
            findings = [*findings, _unexpected(item, call)]
        # As an attribute, because workers of pytest-xdist send those.
        vars(report)["conformance"] = {
            "name": item.nodeid.rpartition("/")[2],
            "rules": [list(rule) for rule in rules],
            "findings": findings,
        }
    return report


def _unexpected(item: pytest.Item, call: pytest.CallInfo[None]) -> Finding:
    """Return the finding of a check that failed before its comparison."""
    real = item.config.stash.get(REAL, None)
    told = call.excinfo.exconly() if call.excinfo else ""
    return {
        "expected": "an answer to compare",
        "answered": blotted(told, real) if real else told,
        "agrees": False,
        "text": "",
    }


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Report the differences by rule of the fidelity page."""
    checks = [checked for reports in terminalreporter.stats.values() for checked in map(_checked, reports) if checked]
    if SETTINGS in config.stash or any(check.differences for check in checks):
        terminalreporter.section("conformance")
        for line in summary(checks, rule_count()):
            terminalreporter.write_line(line)


def _checked(report: object) -> Checked | None:
    told = getattr(report, "conformance", None)
    if told is None:
        return None
    return Checked(told["name"], told["rules"], told["findings"])
