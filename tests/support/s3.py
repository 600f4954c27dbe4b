"""An object storage for tests: a server that speaks S3 and refuses who doesn't sign with a key that it knows."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
import botocore.config
import requests

from support.site_under_test import answers, free_port, wait_for

REGION = "eu-west-1"
ALLOW = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
_UNSIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0"
_ACTIONS_BEFORE_KEYS = 3
"""What makes a user with a key is taken from anybody; everything after it must be signed."""


class Server:
    """A server that runs, and a key that it knows."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._ask("CreateUser")
        made = self._ask("CreateAccessKey")
        self._ask("PutUserPolicy", PolicyName="all", PolicyDocument=ALLOW)
        self.key, self.secret = (_element(made, name) for name in ("AccessKeyId", "SecretAccessKey"))
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=address,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            region_name=REGION,
            config=botocore.config.Config(s3={"addressing_style": "path"}),
        )

    def _ask(self, action: str, **fields: str) -> str:
        data = {"Version": "2010-05-08", "Action": action, "UserName": "twite", **fields}
        answer = requests.post(self.address, data=data, headers={"Authorization": _UNSIGNED}, timeout=30)
        answer.raise_for_status()
        return answer.text

    def make_bucket(self) -> "TestBucket":
        """Make an empty bucket."""
        name = f"twite-{uuid.uuid4().hex}"
        self.client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return TestBucket(self, name)


class TestBucket:
    """A bucket of a test's own; `address` is what the setting says."""

    __test__ = False

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name

    @property
    def address(self) -> str:
        """What the setting media_storage says."""
        return self.address_with()

    def address_with(self, *, key: str = "", secret: str = "", bucket: str = "", host: str = "") -> str:
        """Return the setting with something else in it."""
        login = f"{quote(key or self.server.key, safe='')}:{quote(secret or self.server.secret, safe='')}"
        place = f"{host or urlsplit(self.server.address).netloc}/{bucket or self.name}"
        return f"s3+http://{login}@{place}?region={REGION}"

    def files(self) -> set[str]:
        """Return the names of all that is in the bucket."""
        pages = self.server.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return {found["Key"] for page in pages for found in page.get("Contents", [])}

    def read(self, name: str) -> bytes:
        """Return what is in the bucket under a name."""
        content: bytes = self.server.client.get_object(Bucket=self.name, Key=name)["Body"].read()
        return content

    def head(self, name: str) -> Any:
        """Return what the storage says of what is under a name."""
        return self.server.client.head_object(Bucket=self.name, Key=name)

    def put(self, name: str, content: bytes) -> None:
        """Put something into the bucket."""
        self.server.client.put_object(Bucket=self.name, Key=name, Body=content)

    def remove(self, name: str) -> None:
        """Remove something from the bucket."""
        self.server.client.delete_object(Bucket=self.name, Key=name)


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Run a server that keeps everything in memory; what it prints is in the folder."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "INITIAL_NO_AUTH_ACTION_COUNT": str(_ACTIONS_BEFORE_KEYS),
    }
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    log = folder / "s3.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: process.poll() is not None or answers(f"{address}/moto-api/data.json"), log.read_text)
        yield Server(address)
    finally:
        process.terminate()
        process.wait(15)


def _element(document: str, name: str) -> str:
    return document.partition(f"<{name}>")[2].partition("<")[0]
