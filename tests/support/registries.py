"""A registry of Terraform providers on a misbehaving server, with keys of its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pysequoia import Cert, SignatureMode, Tsk, sign
from support.misbehaving import Reply, Server
from support.provider_archives import archive

from stackwright.providers.terraform.installed import ProviderAddress, archive_name, current_platform


class Key:
    """A key that signs releases."""

    def __init__(self, *, validity_seconds: int | None = None) -> None:
        self._secret = Tsk.generate("Publisher <publisher@example.com>", validity_seconds=validity_seconds)
        self.certificate = self._secret.extract_certificate()
        self.public = str(self.certificate)

    def sign(self, data: bytes) -> bytes:
        return bytes(sign(self._secret.signer(), data, mode=SignatureMode.DETACHED, armor=False))

    def revoked(self) -> str:
        """The key as it is announced once it was revoked."""
        revocation = self.certificate.revoke(self._secret.certifier())
        return str(Cert.from_bytes(bytes(self.certificate) + bytes(revocation)))


class FakeRegistry:
    """What publishers put into a registry, and what it then answers."""

    def __init__(self, server: Server, directory: Path, key: Key) -> None:
        self.server = server
        self.address = ProviderAddress(server.host, "acme", "thing")
        self._directory = directory
        self._key = key
        self._versions: dict[str, list[str]] = {}
        server.json("/.well-known/terraform.json", {"providers.v1": "/v1/providers/"})

    def publish(
        self,
        version: str,
        *,
        protocols: tuple[str, ...] = ("5.0",),
        body: bytes | None = None,
        sums: bytes | None = None,
        key: Key | None = None,
        announced: tuple[str, ...] | None = None,
        signature: bytes | None = None,
        shasum: str | None = None,
        url: str | None = None,
    ) -> bytes:
        """Offer a version; what is given overrides what an honest publisher would say. Its archive."""
        name = archive_name(self.address, version, current_platform())
        data = archive(self._directory, version, address=self.address).read_bytes() if body is None else body
        digest = hashlib.sha256(data).hexdigest()
        listed = (
            sums if sums is not None else f"{digest}  {name}\n{'0' * 64}  other_darwin_arm64.zip\n".encode()
        )
        signer = key or self._key
        base = f"/files/{version}"
        self.server.on(f"{base}/SHA256SUMS", listed)
        self.server.on(f"{base}/SHA256SUMS.sig", signature if signature is not None else signer.sign(listed))
        self.server.on(f"{base}/{name}", Reply(body=data, headers={"ETag": f'"{digest}"'}))
        system, _, machine = current_platform().partition("_")
        keys = (signer.public,) if announced is None else announced
        place = f"/v1/providers/acme/thing/{version}/download/{system}/{machine}"
        self.server.json(
            place,
            {
                "protocols": list(protocols),
                "os": system,
                "arch": machine,
                "filename": name,
                "download_url": url or f"{base}/{name}",
                "shasum": digest if shasum is None else shasum,
                "shasums_url": f"{base}/SHA256SUMS",
                "shasums_signature_url": f"{base}/SHA256SUMS.sig",
                "signing_keys": {"gpg_public_keys": [{"key_id": "1", "ascii_armor": each} for each in keys]},
            },
        )
        self._versions[version] = list(protocols)
        said = [{"version": each, "protocols": known} for each, known in self._versions.items()]
        self.server.json("/v1/providers/acme/thing/versions", {"versions": said})
        return data

    def file(self, version: str) -> str:
        """The path of a version's archive."""
        return f"/files/{version}/{archive_name(self.address, version, current_platform())}"
