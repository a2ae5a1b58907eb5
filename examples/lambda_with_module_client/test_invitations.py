"""The function runs in account 222222222222; `invitations.detective` exists before any fake starts."""

import pytest
from invitations import SECURITY_ACCOUNT, handler

from detective_fake import DetectiveFake

pytestmark = pytest.mark.detective_fake(account_id="222222222222", region="eu-central-1")


@pytest.fixture
def invited_by(detective_fake: DetectiveFake):
    """Let an administrator invite this account."""

    def invite(administrator_id):
        return detective_fake.seed.graph(administrator_id, members={"222222222222": "INVITED"})

    return invite


def test_the_security_account_is_accepted(detective_fake: DetectiveFake, invited_by):
    graph_arn = invited_by(SECURITY_ACCOUNT)

    assert handler({}, None) == {"accepted": [graph_arn], "rejected": []}

    (member,) = detective_fake.members(graph_arn)
    assert member.status == "ENABLED"


def test_any_other_account_is_rejected(detective_fake: DetectiveFake, invited_by):
    graph_arn = invited_by("666666666666")

    assert handler({}, None) == {"accepted": [], "rejected": [graph_arn]}

    assert detective_fake.members(graph_arn) == ()


def test_a_second_run_changes_nothing(detective_fake: DetectiveFake, invited_by):
    invited_by(SECURITY_ACCOUNT)
    handler({}, None)

    assert handler({}, None) == {"accepted": [], "rejected": []}

    assert len(detective_fake.calls.of("AcceptInvitation")) == 1
