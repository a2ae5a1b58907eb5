"""Lists the members of behavior graphs: `python list_members.py --profile security --profile security-eu`."""

import argparse

import boto3


def statuses(profile):
    """Return account ID -> status for every graph that the profile's account administers in the profile's Region."""
    detective = boto3.Session(profile_name=profile).client("detective")
    return {
        member["AccountId"]: member["Status"]
        for graph in detective.list_graphs()["GraphList"]
        for member in detective.list_members(GraphArn=graph["Arn"])["MemberDetails"]
    }


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="append", required=True)
    for profile in parser.parse_args(arguments).profile:
        for account_id, status in statuses(profile).items():
            print(profile, account_id, status)


if __name__ == "__main__":
    main()
