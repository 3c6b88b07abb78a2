"""What an operator is told about a storage that cannot work: one sentence each, at start, in seconds."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from kineograph.core.errors import OperatorError
from kineograph.store.bucket import Bucket, BucketFileStore
from kineograph.store.disk import DiskFileStore
from kineograph.store.storage import open_storage, prove
from kineograph.testing.proxy import Hang, Proxy, Refuse
from kineograph.testing.s3 import S3Server


def refused(url: str, options: dict[str, Any] | None = None) -> str:
    began = time.monotonic()
    with pytest.raises(OperatorError) as caught:
        prove(open_storage(url, Path("nowhere"), options or {}))
    assert time.monotonic() - began < 15
    return caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        "films",
        "ftp://films/x",
        "s3://",
        "s3:///films",
        "s3:films",
        "S3 films",
        "s3://films/a b",
        "s3://films/../x",
        "s3://films?region=x",
        "https://films.s3.amazonaws.com/x",
        "file://films/x",
        "file:films",
        "",
    ],
)
def test_a_url_that_names_no_storage_is_refused_with_the_forms_there_are(url: str) -> None:
    assert "s3://BUCKET/PREFIX" in refused(url)


def test_a_url_with_a_password_is_refused_and_not_repeated() -> None:
    message = refused("s3://key:hush@films/x")
    assert "AWS_SECRET_ACCESS_KEY" in message
    assert "hush" not in message


def test_a_file_url_is_a_folder_and_none_is_the_data_folders(tmp_path: Path) -> None:
    for store, folder in (
        (open_storage(f"file://{tmp_path}/a%20b", tmp_path, {}), tmp_path / "a b"),
        (open_storage(None, tmp_path / "files", {}), tmp_path / "files"),
    ):
        assert isinstance(store, DiskFileStore)
        assert store.folder == folder


def test_the_prefix_may_be_missing_or_end_with_a_slash() -> None:
    for url, shown in (
        ("s3://films", "s3://films"),
        ("s3://films/", "s3://films"),
        ("s3://films/a/b/", "s3://films/a/b"),
    ):
        store = open_storage(url, Path("nowhere"), {"region": "us-east-1"})
        assert isinstance(store, BucketFileStore)
        assert store.bucket.url == shown


def test_an_option_nobody_knows_and_a_bad_value_are_refused(s3: S3Server) -> None:
    assert "bogus" in refused("s3://films", s3.options() | {"bogus": "1"})
    assert "Duration" in refused("s3://films", s3.options() | {"read_timeout": "soon"})
    assert "Account" in refused("az://films", {})


def test_a_storage_that_works_is_left_as_it_was(s3: S3Server) -> None:
    prove(open_storage(f"s3://{s3.bucket('proved')}/a", Path("nowhere"), s3.options()))
    assert b"<Key>" not in s3.call("GET", "/proved?list-type=2")


def test_a_bucket_that_does_not_exist_is_told(s3: S3Server) -> None:
    assert refused("s3://nobody/x", s3.options()).startswith(f"there is no bucket 'nobody' at {s3.url}; create it")


def test_a_server_that_is_not_there_hangs_or_has_no_address_is_told(s3: S3Server) -> None:
    with Proxy(s3.port) as proxy:
        for mood, cause in ((Refuse(), "Connection refused"), (Hang(), "timed out")):
            proxy.mood = mood
            message = refused("s3://films/x", s3.options(proxy.port))
            assert f"at http://127.0.0.1:{proxy.port} cannot be reached ({cause})" in message
    assert "cannot be reached (dns error)" in refused(
        "s3://films/x", s3.options() | {"endpoint": "http://films.invalid"}
    )


def test_a_machine_without_credentials_is_told_which_to_set(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    with Proxy(s3.port) as proxy:
        proxy.mood = Hang()  # as the address of a cloud's metadata is, where there is no cloud
        options = {"endpoint": s3.url, "metadata_endpoint": f"http://127.0.0.1:{proxy.port}"}
        assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in refused("s3://films/x", options)


@pytest.fixture(scope="module")
def guarded() -> Iterator[tuple[S3Server, dict[str, dict[str, Any]]]]:
    """A server that asks for credentials, and the options of users who may not do everything."""
    with S3Server() as server:
        server.bucket()
        iam = boto3.client(
            "iam", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        users = {}
        for name, actions in (
            ("reader", ["s3:GetObject", "s3:ListBucket"]),
            ("writer", ["s3:PutObject", "s3:GetObject"]),
            ("keeper", ["s3:PutObject", "s3:GetObject", "s3:ListBucket"]),
        ):
            iam.create_user(UserName=name)
            policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
            key = iam.create_access_key(UserName=name)["AccessKey"]
            users[name] = server.options() | {
                "access_key_id": key["AccessKeyId"],
                "secret_access_key": key["SecretAccessKey"],
            }
        server.call("POST", "/moto-api/reset-auth", b"0")
        yield server, users


Guarded = tuple[S3Server, dict[str, dict[str, Any]]]


def test_wrong_credentials_are_told(guarded: Guarded) -> None:
    server, users = guarded
    assert "refuses our credentials" in (message := refused("s3://films/x", server.options()))
    assert "InvalidAccessKeyId" in message
    message = refused("s3://films/x", users["reader"] | {"secret_access_key": "hush"})
    assert "SignatureDoesNotMatch" in message
    assert "hush" not in message


def test_a_missing_permission_is_named(guarded: Guarded) -> None:
    _, users = guarded
    assert refused("s3://films/x", users["reader"]).startswith("we may not write in s3://films/x")
    assert refused("s3://films/x", users["writer"]).startswith("we may not list in s3://films/x")
    assert refused("s3://films/x", users["keeper"]).startswith("we may not delete in s3://films/x")


def test_what_a_bucket_shows_of_itself_holds_no_secret() -> None:
    assert repr(Bucket("s3", "films", "a", {"secret_access_key": "hush"})) == "s3://films/a"
