"""Stores files in an S3-compatible bucket: private objects, read and written whole, shown by links that soon end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.utils.functional import cached_property
from storages.backends.s3 import S3Storage

SIGNED_SECONDS: Final = 300
KEPT_FOR_GOOD: Final = "private, max-age=31536000, immutable"  # names hold a hash of the content


class StoreError(OSError):
    """The store refused or failed. It is an OSError, like one from a failing disk."""


class Bucket(S3Storage):
    """One bucket with one client for all threads, because making a client takes a tenth of a second."""

    def __init__(self, **options: Any) -> None:
        is_amazon = settings.S3_ENDPOINT_URL.endswith(".amazonaws.com")
        defaults = {
            "bucket_name": settings.S3_BUCKET,
            "region_name": settings.S3_REGION,
            "endpoint_url": settings.S3_ENDPOINT_URL,
            "access_key": settings.S3_ACCESS_KEY_ID or None,
            "secret_key": settings.S3_SECRET_ACCESS_KEY or None,
            "default_acl": None,  # private; newer buckets refuse requests that name an ACL
            "file_overwrite": True,
            "querystring_auth": True,
            "querystring_expire": SIGNED_SECONDS,
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "total_max_attempts": 3},
                max_pool_connections=32,
                # Stores other than Amazon's may not understand its own checksums.
                **({} if is_amazon else {"request_checksum_calculation": "when_required"}),
            ),
        }
        super().__init__(**defaults | options)

    @cached_property
    def connection(self) -> Any:
        return self._create_session().resource(
            "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=self.client_config
        )

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        """Read the whole object in one request: sheets and stickers are a few megabytes."""
        if mode != "rb":
            raise ValueError("Files are written whole, by save().")
        with _as_os_errors(name):
            data: bytes = self._client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))[
                "Body"
            ].read()
        return ContentFile(data, name)

    def _save(self, name: str, content: File[bytes]) -> str:
        """Put the object. The store shows it whole or not at all. Putting the same bytes twice changes nothing."""
        content.seek(0)  # the writer left it at its end
        with _as_os_errors(name):
            self._client.put_object(
                Bucket=self.bucket_name,
                Key=self._normalize_name(name),
                Body=content,  # sent in pieces: an archive may be larger than the memory
                CacheControl=KEPT_FOR_GOOD,
                **self._get_write_parameters(name, content),
            )
        return name

    def delete(self, name: str) -> None:
        with _as_os_errors(name):
            self._client.delete_object(Bucket=self.bucket_name, Key=self._normalize_name(name))

    def exists(self, name: str) -> bool:
        with _as_os_errors(name):
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _as_os_errors(name):
            return int(
                self._client.head_object(Bucket=self.bucket_name, Key=self._normalize_name(name))["ContentLength"]
            )

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _as_os_errors(path):
            folders, files = super().listdir(path)
        return folders, files

    def check(self) -> None:
        """Raise StoreError if the bucket does not exist or does not let the studio in."""
        with _as_os_errors(self.bucket_name):
            self._client.head_bucket(Bucket=self.bucket_name)

    def signed_url(self, name: str, *, disposition: str, content_type: str, method: str) -> str:
        """A link straight to the object. It lasts five minutes and works for everyone. Signing it takes no request."""
        return str(
            self.url(
                name,
                parameters={"ResponseContentDisposition": disposition, "ResponseContentType": content_type},
                http_method=method,
            )
        )


@contextmanager
def _as_os_errors(name: str) -> Iterator[None]:
    """Turn the client's errors into OSError, and into FileNotFoundError for an object that is not there."""
    try:
        yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            raise FileNotFoundError(f"There is no {name} in the store.") from error
        raise StoreError(
            f"The store refused {name}: {error.response.get('Error', {}).get('Code', 'no reason')}."
        ) from error
    except BotoCoreError as error:
        raise StoreError(f"The store does not answer: {type(error).__name__}.") from error
