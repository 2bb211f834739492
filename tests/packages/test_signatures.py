"""OpenPGP signatures over checksums (terraform.md §7.4)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.registries import Key

from stackwright.packages._errors import VerificationError
from stackwright.packages._signatures import verify_signature

SUMS = b"sums\n"
LATER = datetime.now(UTC) + timedelta(days=30)


class TestExpiry:
    def test_an_expired_key_earns_a_warning(self) -> None:
        """§7.4 (3): what it signed while it was valid still counts."""
        key = Key(validity_seconds=24 * 3600)
        args = (SUMS, key.sign(SUMS), [key.public])
        assert verify_signature(*args, what="it", environ={}) == ()
        (warning,) = verify_signature(*args, what="it", environ={}, now=LATER)
        assert "expired on" in warning

    def test_unless_that_is_enforced(self) -> None:
        """§7.4 (3): OPENTOFU_ENFORCE_GPG_EXPIRATION."""
        key = Key(validity_seconds=24 * 3600)
        with pytest.raises(VerificationError, match="expired on"):
            verify_signature(
                SUMS,
                key.sign(SUMS),
                [key.public],
                what="it",
                environ={"OPENTOFU_ENFORCE_GPG_EXPIRATION": "true"},
                now=LATER,
            )

    def test_a_revoked_key_is_refused(self) -> None:
        """§7.4 (3): whatever it signed."""
        key = Key()
        with pytest.raises(VerificationError):
            verify_signature(SUMS, key.sign(SUMS), [key.revoked()], what="it", environ={})


@pytest.mark.real
class TestGenuine:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Iterator[Path]:
        """A folder for keys; the agent that gpg starts ends with the test."""
        home = tmp_path / "gnupg"
        home.mkdir(mode=0o700)
        yield home
        if shutil.which("gpgconf"):
            subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], check=False)

    def test_signatures_of_gpg(self, tmp_path: Path, home: Path) -> None:
        """§7.4 (3): keys and signatures as publishers make them, an old expired key among them."""
        gpg = shutil.which("gpg")
        if gpg is None:
            pytest.skip("gpg is not on PATH")
        (tmp_path / "sums").write_bytes(SUMS)

        def run(*arguments: str) -> bytes:
            command = [gpg, "--homedir", str(home), "--batch", "--quiet", "--passphrase", "", *arguments]
            return subprocess.run(command, check=True, capture_output=True).stdout

        then = "20200101T000000"
        run("--faked-system-time", then, "--quick-gen-key", "Old <old@example.com>", "rsa2048", "sign", "1m")
        run("--quick-gen-key", "New <new@example.com>", "ed25519", "sign", "never")
        document = str(tmp_path / "sums")
        old = run("--faked-system-time", then, "-u", "old@example.com", "-o", "-", "--detach-sign", document)
        new = run("-u", "new@example.com", "-o", "-", "--detach-sign", document)
        both = run("--armor", "--export").decode()

        assert verify_signature(SUMS, new, [both], what="it", environ={}) == ()
        (warning,) = verify_signature(SUMS, old, [both], what="it", environ={})
        assert "2020-01-31" in warning
        with pytest.raises(VerificationError) as caught:
            verify_signature(b"other", new, [both], what="it", environ={})
        assert "backtrace" not in str(caught.value)
