"""botocore really retries, but does not sleep: `backoffs` has the delays."""

import pytest
from botocore.exceptions import ClientError
from inviting import NotInvited, invite

from detective_fake import DetectiveFake

ACCOUNTS = {"222222222222": "shop@example.com", "333333333333": "lab@example.com"}


@pytest.fixture
def graph_arn(detective_fake: DetectiveFake):
    return detective_fake.seed.graph()


def members(fake: DetectiveFake, graph_arn):
    return [member.account_id for member in fake.members(graph_arn)]


def test_throttled_calls_are_retried(detective_fake: DetectiveFake, graph_arn):
    detective_fake.faults.add("CreateMembers", error="TooManyRequestsException", times=3)

    invite(graph_arn, ACCOUNTS)

    assert members(detective_fake, graph_arn) == list(ACCOUNTS)
    assert len(detective_fake.backoffs) == 3


def test_retries_are_limited(detective_fake: DetectiveFake, graph_arn):
    detective_fake.faults.add("CreateMembers", error="TooManyRequestsException", times=4)

    with pytest.raises(ClientError, match=r"TooManyRequestsException.*reached max retries: 3"):
        invite(graph_arn, ACCOUNTS)

    assert members(detective_fake, graph_arn) == []


def test_after_a_lost_response_all_accounts_are_members_already(detective_fake: DetectiveFake, graph_arn):
    detective_fake.faults.add("CreateMembers", network="ReadTimeoutError", when="after")

    with pytest.raises(NotInvited):
        invite(graph_arn, ACCOUNTS)

    assert members(detective_fake, graph_arn) == list(ACCOUNTS)


def test_an_account_that_is_left_out_once_is_invited_in_the_next_round(detective_fake: DetectiveFake, graph_arn):
    detective_fake.faults.add("CreateMembers", unprocessed={"333333333333": "Try again later."})

    invite(graph_arn, ACCOUNTS)

    first, second = detective_fake.calls.of("CreateMembers")
    assert [account["AccountId"] for account in second.parameters["Accounts"]] == ["333333333333"]
    assert first.result["UnprocessedAccounts"] == [{"AccountId": "333333333333", "Reason": "Try again later."}]


def test_an_account_that_is_always_left_out_is_named(detective_fake: DetectiveFake, graph_arn):
    detective_fake.faults.add("CreateMembers", unprocessed={"333333333333": "No such account."}, times=2)

    with pytest.raises(NotInvited, match=r"333333333333.*No such account."):
        invite(graph_arn, ACCOUNTS)
