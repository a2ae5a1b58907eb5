"""The environment that the Lambda service sets before it imports the module."""

import os

os.environ.update(
    AWS_ACCESS_KEY_ID="ASIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY="example",
    AWS_DEFAULT_REGION="eu-central-1",
    SECURITY_ACCOUNT="111111111111",
)
