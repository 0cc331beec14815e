"""Who asks AWS for an export: its default chain, a role that is assumed, or a named profile."""

import os
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, RefreshableCredentials

# Of every call to AWS: whoever hangs is given up, and asked again.
CONNECT_SECONDS = 10
READ_SECONDS = 30
ATTEMPTS = 3
# Where a person waits for a page.
QUICK_SECONDS = 5


def region() -> str | None:
    """Return the region that the environment names; a profile may name another."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


def bounded(*, quick: bool = False, **more: object) -> Config:
    """Return how AWS is called: each wait bounded, a few attempts; one where a person waits."""
    return Config(
        retries={"mode": "standard", "total_max_attempts": 1 if quick else ATTEMPTS},
        connect_timeout=QUICK_SECONDS if quick else CONNECT_SECONDS,
        read_timeout=QUICK_SECONDS if quick else READ_SECONDS,
        **more,  # type: ignore[arg-type]
    )


@dataclass(frozen=True, slots=True)
class Credentials:
    """How ValueBoard proves who it is; secrets are never part of it.

    With nothing named by AWS's default chain: environment, files, the machine's own role.
    """

    role_arn: str = ""
    external_id: str = ""
    profile: str = ""

    def session(self) -> boto3.Session:
        """Return a session that signs so; BotoCoreError or ClientError where that can't be."""
        own = boto3.Session(profile_name=self.profile or None, region_name=region())
        if not self.role_arn:
            return own
        core = botocore.session.get_session()
        provider = _AssumedRole(own, self.role_arn, self.external_id)
        core.register_component("credential_provider", CredentialResolver([provider]))
        return boto3.Session(botocore_session=core, region_name=own.region_name)


class _AssumedRole(CredentialProvider):
    """Credentials of a role, taken anew before they expire.

    Another endpoint of STS comes from AWS_ENDPOINT_URL_STS.
    """

    METHOD = "sts-assume-role"

    def __init__(self, own: boto3.Session, role_arn: str, external_id: str) -> None:
        super().__init__()
        self.own, self.role_arn, self.external_id = own, role_arn, external_id

    def load(self) -> RefreshableCredentials:
        """Assume the role, and again whenever that runs out."""
        return RefreshableCredentials.create_from_metadata(
            self._assume(), refresh_using=self._assume, method=self.METHOD
        )

    def _assume(self) -> dict[str, Any]:
        sts = self.own.client(
            "sts", config=bounded(quick=True), region_name=self.own.region_name or REGION
        )
        asked = {"ExternalId": self.external_id} if self.external_id else {}
        answer = sts.assume_role(RoleArn=self.role_arn, RoleSessionName="valueboard", **asked)
        given = answer["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }


# STS wants one to sign for; roles are the same in each.
REGION = "us-east-1"
