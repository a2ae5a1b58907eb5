"""`fake.seed.investigation`: reports that are there, and reports that are to come."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake import DetectiveFake, FakeUsageError
from detective_fake.domain.indicators import FlaggedIpAddress, NewAso
from tests.builders import ADMINISTRATOR, NOON, ROLE

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    """A fake at noon."""
    with DetectiveFake(ADMINISTRATOR) as fake:
        fake.clock.freeze(NOON)
        yield fake


def indicators(fake: DetectiveFake, arn: str, investigation_id: str) -> list[dict[str, Any]]:
    """Return an investigation's indicators as a client gets them."""
    client: Any = fake.client()
    return list(client.list_indicators(GraphArn=arn, InvestigationId=investigation_id)["Indicators"])


class TestReportsThatAreThere:
    """As if the investigation had been made long ago."""

    def test_has_severity_and_indicators(self, fake: DetectiveFake) -> None:
        """They are those that the test gives, by class or by mapping."""
        arn = fake.seed.graph()
        found: list[Any] = [FlaggedIpAddress(ip_address="192.0.2.1"), {"indicator_type": "NEW_ASO", "aso": "ASO-1"}]
        investigation_id = fake.seed.investigation(arn, entity_arn=ROLE, severity="HIGH", indicators=found)
        report = fake.client().get_investigation(GraphArn=arn, InvestigationId=investigation_id)
        assert (report["Status"], report["Severity"], report["EntityType"]) == ("SUCCESSFUL", "HIGH", "IAM_ROLE")
        types = [each["IndicatorType"] for each in indicators(fake, arn, investigation_id)]
        assert types == ["FLAGGED_IP_ADDRESS", "NEW_ASO"]

    def test_times_are_cut_as_the_clock_cuts_them(self, fake: DetectiveFake) -> None:
        """They have whole milliseconds."""
        arn = fake.seed.graph()
        created = NOON - timedelta(days=3, microseconds=-1234)
        investigation_id = fake.seed.investigation(arn, entity_arn=ROLE, created_at=created, scope_end=created)
        report = fake.client().get_investigation(GraphArn=arn, InvestigationId=investigation_id)
        assert report["CreatedTime"] == report["ScopeEndTime"] == NOON - timedelta(days=3, milliseconds=-1)

    def test_a_running_one_goes_on(self, fake: DetectiveFake) -> None:
        """It has finished at the next call."""
        arn = fake.seed.graph()
        investigation_id = fake.seed.investigation(arn, entity_arn=ROLE, status="RUNNING")
        report = fake.client().get_investigation(GraphArn=arn, InvestigationId=investigation_id)
        assert report["Status"] == "SUCCESSFUL"

    def test_a_graph_that_is_not_there_is_refused(self, fake: DetectiveFake) -> None:
        """With those that are."""
        arn = fake.seed.graph()
        with pytest.raises(FakeUsageError, match=f"Known graphs: {arn}"):
            fake.seed.investigation("arn:aws:nothing", entity_arn=ROLE)


class TestReportsToCome:
    """For what the code under test is about to start."""

    def test_come_out_as_prepared(self, fake: DetectiveFake) -> None:
        """The ARN of the entity decides."""
        arn = fake.seed.graph()
        fake.seed.investigation_outcome(arn, entity_arn=ROLE, severity="CRITICAL", indicators=[NewAso(aso="ASO-1")])
        client = fake.client()
        started = client.start_investigation(
            GraphArn=arn, EntityArn=ROLE, ScopeStartTime=NOON - timedelta(days=1), ScopeEndTime=NOON
        )
        report = client.get_investigation(GraphArn=arn, InvestigationId=started["InvestigationId"])
        assert (report["Status"], report["Severity"]) == ("SUCCESSFUL", "CRITICAL")
        assert len(indicators(fake, arn, started["InvestigationId"])) == 1

    def test_may_fail(self, fake: DetectiveFake) -> None:
        """Then there is no severity."""
        arn = fake.seed.graph()
        fake.seed.investigation_outcome(arn, entity_arn=ROLE, status="FAILED")
        client = fake.client()
        started = client.start_investigation(
            GraphArn=arn, EntityArn=ROLE, ScopeStartTime=NOON - timedelta(days=1), ScopeEndTime=NOON
        )
        report = client.get_investigation(GraphArn=arn, InvestigationId=started["InvestigationId"])
        assert report["Status"] == "FAILED"
        assert "Severity" not in report


class TestValuesOfTheWrongKind:
    """Refused with a sentence that names the argument."""

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"entity_arn": 5}, "^entity_arn: expected the ARN of an IAM user or role, got the int 5"),
            ({"entity_arn": ROLE, "indicators": 5}, "^indicators: expected a list of indicators, got the int 5"),
            ({"entity_arn": ROLE, "indicators": "x"}, "^indicators: expected a list of indicators, got the string 'x'"),
            ({"entity_arn": ROLE, "indicators": [{"aso": "x"}]}, "^indicators: Unknown indicator type None"),
            ({"entity_arn": ROLE, "indicators": {"aso": "x"}}, "^indicators: expected a list of indicators, got the d"),
        ],
    )
    def test_are_refused(self, fake: DetectiveFake, arguments: dict[str, Any], message: str) -> None:
        """For reports that are there and for those to come."""
        arn = fake.seed.graph()
        for seed in (fake.seed.investigation, fake.seed.investigation_outcome):
            with pytest.raises(FakeUsageError, match=message):
                seed(arn, **arguments)
