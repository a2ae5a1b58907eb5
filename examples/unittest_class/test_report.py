"""`python -m unittest` and pytest run this; each test has its own fake, from `setUp` on."""

import unittest

from report import silent_accounts

from detective_fake import DetectiveFake

TERABYTE = 10**12


@DetectiveFake(account_id="111111111111")
class SilentAccountsTest(unittest.TestCase):
    def setUp(self):
        self.graph_arn = self.fake.seed.graph(members=["222222222222"])

    def test_enabled_accounts_are_not_listed(self):
        self.assertEqual(silent_accounts(self.graph_arn, ["222222222222"]), {})

    def test_an_open_invitation_is_a_reason(self):
        self.fake.seed.member(self.graph_arn, "333333333333", status="INVITED")

        self.assertEqual(silent_accounts(self.graph_arn, ["333333333333"]), {"333333333333": "INVITED"})

    def test_too_much_data_is_a_reason(self):
        self.fake.seed.account("444444444444", daily_volume_bytes=11 * TERABYTE)
        self.fake.seed.member(self.graph_arn, "444444444444", status="INVITED")

        self.fake.client("444444444444").accept_invitation(GraphArn=self.graph_arn)

        self.assertEqual(silent_accounts(self.graph_arn, ["444444444444"]), {"444444444444": "VOLUME_TOO_HIGH"})

    def test_an_account_that_was_never_invited_has_a_reason(self):
        reasons = silent_accounts(self.graph_arn, ["555555555555"])

        self.assertEqual(list(reasons), ["555555555555"])


if __name__ == "__main__":
    unittest.main()
