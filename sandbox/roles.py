"""Credentials with exactly the permissions of a function's role, for a container that the emulator did not start itself.

Only Lambda may assume the role; so its policies are copied to a role beside it that the emulator's root may assume.
"""

import json
from typing import Final

from sandbox.deploy import client

_SECONDS: Final = 43_200  # as long as AWS would give at most
_ACCOUNT: Final = "000000000000"
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{_ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def credentials_of_role(endpoint: str, role_arn: str) -> dict[str, str]:
    """Return the environment variables of a session with this role's permissions; safe to repeat."""
    iam = client(endpoint, "iam")
    name = role_arn.rpartition("/")[2]
    copy = f"container-{name}"[:64]
    try:
        arn = iam.get_role(RoleName=copy)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        trust = json.dumps(_TRUST)
        arn = iam.create_role(RoleName=copy, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        text = document if isinstance(document, str) else json.dumps(document)
        iam.put_role_policy(RoleName=copy, PolicyName=policy, PolicyDocument=text)
    session = client(endpoint, "sts").assume_role(
        RoleArn=arn, RoleSessionName="container", DurationSeconds=_SECONDS
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }
