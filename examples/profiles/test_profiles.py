"""The profiles exist only in these tests, on every machine."""

import pytest
from list_members import main

from detective_fake import DetectiveFake

PROFILES = {
    "security": "111111111111",
    "security-eu": {"account_id": "111111111111", "region": "eu-west-1"},
    "shop": "222222222222",
}

pytestmark = pytest.mark.detective_fake(profiles=PROFILES)


def test_each_profile_has_its_account_and_region(detective_fake: DetectiveFake, capsys):
    detective_fake.seed.graph("111111111111", members=["222222222222"])
    detective_fake.seed.graph("111111111111", region="eu-west-1", members={"333333333333": "INVITED"})

    main(["--profile", "security", "--profile", "security-eu"])

    assert capsys.readouterr().out.splitlines() == [
        "security 222222222222 ENABLED",
        "security-eu 333333333333 INVITED",
    ]
    assert {call.account_id for call in detective_fake.calls} == {"111111111111"}


def test_a_member_administers_nothing(detective_fake: DetectiveFake, capsys):
    detective_fake.seed.graph("111111111111", members=["222222222222"])

    main(["--profile", "shop"])

    assert capsys.readouterr().out == ""
