"""Which file store a storage URL means, and whether it works: asked once, at start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from ulid import ULID

from kineograph.core.errors import OperatorError
from kineograph.core.names import is_file_name
from kineograph.store.bucket import Bucket, BucketFileStore
from kineograph.store.disk import DiskFileStore
from kineograph.store.files import PROBE, ObjectFileStore, plain

TRY = "3s"  # for each of the four small calls at start: twice that for the one that fails, and three others, are 15 s
_FORMS = "write s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX or file:///FOLDER"
_WRONG_KEYS = re.compile(
    r"InvalidAccessKeyId|SignatureDoesNotMatch|InvalidClientTokenId|AuthenticationFailed|ExpiredToken"
)
_KEYS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "gs": "GOOGLE_SERVICE_ACCOUNT or GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
# Where the library looks for an identity when it was given none: the machine's own, from its cloud.
_MACHINE = re.compile(r"169\.254\.169\.254|metadata\.google\.internal|/latest/api/token|token request", re.IGNORECASE)


def open_storage(url: str | None, folder: Path, options: Mapping[str, Any]) -> ObjectFileStore:
    """The store, not yet asked anything.

    Args:
        url: The operator's; None = `folder`.
        options: obstore's, for a bucket.

    Raises:
        OperatorError: the URL or an option cannot be used.
    """
    if url is None:
        return DiskFileStore(folder)
    parts = urlsplit(url)
    match parts.scheme:
        case "file" if not parts.netloc and parts.path.startswith("/"):
            return DiskFileStore(Path(unquote(parts.path)))
        case "s3" | "gs" | "az":
            return _bucket(url, options)
    raise OperatorError(f"KINEO_STORAGE_URL {_shown(url)!r} is no storage we know; {_FORMS}")


def _bucket(url: str, options: Mapping[str, Any]) -> ObjectFileStore:
    parts = urlsplit(url)
    name, prefix = parts.netloc, parts.path.strip("/")
    if "@" in name:
        raise OperatorError(
            f"KINEO_STORAGE_URL {_shown(url)!r} holds credentials; set {_KEYS[parts.scheme]} instead, URLs end up in logs"
        )
    if parts.query or parts.fragment or not is_file_name(name) or (prefix and not is_file_name(prefix)):
        raise OperatorError(f"KINEO_STORAGE_URL {_shown(url)!r} names no bucket and prefix; {_FORMS}")
    try:
        return BucketFileStore(Bucket(parts.scheme, name, prefix, options))
    except (BaseError, ValueError, TypeError) as error:
        raise OperatorError(f"storage_options: {plain(error)}; see docs/howto/object-storage.md") from error


def _shown(url: str) -> str:
    """Without what may be a password or a token."""
    return re.sub(r"//[^/]*@", "//…@", url).partition("?")[0][:200]


def prove(files: ObjectFileStore) -> None:
    """Put a small object, look at it, list it, remove it: at most 15 s, whatever the storage does.

    Raises:
        OperatorError: it does not work; says what to do.
    """
    if not isinstance(files, BucketFileStore):
        return  # a folder was tried when it was opened
    store, name = files.bucket.store(timeout=TRY), f"{PROBE}{ULID()}"
    doing = "write"
    try:
        store.put(name, b"kineograph", use_multipart=False)
        doing = "read"
        store.head(name)
        doing = "list"
        next(iter(store.list(PROBE)), None)
        doing = "delete"
        store.delete(name)
    except (BaseError, OSError) as error:
        raise OperatorError(_fault(files.bucket, doing, error)) from error


def _fault(bucket: Bucket, doing: str, error: Exception) -> str:
    """The sentence for the operator."""
    text, at = str(error), f" at {bucket.endpoint}" if bucket.endpoint else ""
    if (
        "NoSuchBucket" in text
        or "ContainerNotFound" in text
        or (doing == "write" and isinstance(error, FileNotFoundError))
    ):
        return f"there is no bucket {bucket.name!r}{at}; create it, or mend KINEO_STORAGE_URL"
    if found := _WRONG_KEYS.search(text):
        return f"the storage refuses our credentials for {bucket.url}{at} ({found[0]}); check {_KEYS[bucket.kind]}"
    # A refused listing comes as a general error.
    if isinstance(error, PermissionDeniedError | UnauthenticatedError) or "AccessDenied" in text:
        return (
            f"we may not {doing} in {bucket.url}{at}; the credentials need to put, get, list and delete objects there"
        )
    if _MACHINE.search(text):
        return f"there are no credentials for {bucket.url}; set {_KEYS[bucket.kind]}, or give the machine a role"
    if "error sending request" in text or "timed out" in text.lower():
        return f"the storage of {bucket.url}{at} cannot be reached ({_cause(text)}); check the endpoint and the network"
    return f"the storage of {bucket.url}{at} does not work: {plain(error)}"


def _cause(text: str) -> str:
    found = re.search(r'message: "([^"]{1,80})"|(dns error|TimedOut|certificate)', text)
    return (found[1] or found[2]).replace("TimedOut", "timed out") if found else "no answer"
