"""The passphrase manager, against an implementation of the format of its own."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from stackwright.secrets import (
    DecryptionError,
    PassphraseManager,
    PassphraseMissingError,
    PassphraseSource,
    SecretsError,
    SecretsProvider,
    WrongPassphraseError,
    manager_of,
)

PHRASE = "correct horse"
SALT = bytes(range(8))
NONCE = bytes(range(12))

# Derived once: this is what a person pays a second for.
KEY = PBKDF2HMAC(algorithm=SHA256(), length=32, salt=SALT, iterations=1_000_000).derive(PHRASE.encode())


def sealed(text: str) -> str:
    """A ciphertext of the format, made from primitives (state.md §12.2)."""
    raw = AESGCM(KEY).encrypt(NONCE, text.encode(), None)
    return f"v1:{base64.b64encode(NONCE).decode()}:{base64.b64encode(raw).decode()}"


SALT_TEXT = f"v1:{base64.b64encode(SALT).decode()}:{sealed('pulumi')}"
PROVIDER = SecretsProvider(type="passphrase", state={"salt": SALT_TEXT})


@pytest.fixture(autouse=True)
def _no_phrase(monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix in ("STACKWRIGHT_", "PULUMI_"):
        for name in ("CONFIG_PASSPHRASE", "CONFIG_PASSPHRASE_FILE"):
            monkeypatch.delenv(prefix + name, raising=False)


class TestFormat:
    def test_a_known_salt_and_ciphertext_open(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was encrypted by another implementation of the format is decrypted (§12.2)."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PHRASE)

        assert manager_of(PROVIDER).crypter.decrypt(sealed('"häuser"')) == '"häuser"'

    def test_ours_opens_elsewhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What we encrypt is decrypted by another implementation of the format (§12.2)."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PHRASE)
        version, nonce, raw = manager_of(PROVIDER).crypter.encrypt("text").split(":")

        assert version == "v1"
        assert len(base64.b64decode(nonce)) == 12
        assert AESGCM(KEY).decrypt(base64.b64decode(nonce), base64.b64decode(raw), None) == b"text"

    def test_a_new_salt(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A new stack gets eight random bytes and a check value that opens with the phrase only (§12.2)."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PHRASE)
        manager = PassphraseManager.new()
        version, salt, check_version, nonce, raw = manager.salt_text.split(":")
        key = PBKDF2HMAC(algorithm=SHA256(), length=32, salt=base64.b64decode(salt), iterations=1_000_000)

        assert (version, check_version) == ("v1", "v1")
        assert len(base64.b64decode(salt)) == 8
        plain = AESGCM(key.derive(PHRASE.encode())).decrypt(
            base64.b64decode(nonce), base64.b64decode(raw), None
        )
        assert plain == b"pulumi"
        assert manager.provider == SecretsProvider(type="passphrase", state={"salt": manager.salt_text})

    def test_each_encryption_differs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One text never has one ciphertext."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PHRASE)
        crypter = manager_of(PROVIDER).crypter

        assert crypter.encrypt("x") != crypter.encrypt("x")

    @pytest.mark.parametrize(
        "text", ["", "x", "v2:AAAA:AAAA", "v1:AAAA", "v1:AAAA:BBBB:CCCC", "v1:!:BBBB", "v1:AAAA:BBBB"]
    )
    def test_malformed_ciphertexts(self, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Another version, another number of parts, or no base64 is an error (§12.2)."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PHRASE)

        with pytest.raises(DecryptionError):
            manager_of(PROVIDER).crypter.decrypt(text)

    def test_a_changed_ciphertext(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A ciphertext that was tampered with is noticed."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PHRASE)
        text = sealed("secret")
        at = len(text) - 6
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]

        with pytest.raises(DecryptionError, match="or it was changed since"):
            manager_of(PROVIDER).crypter.decrypt(changed)

    @pytest.mark.parametrize("salt", ["", "v1", "v2:AAAA:v1:x:y", "v1:%:v1:x:y", "v1::v1:x:y", None, 3])
    def test_malformed_salts(self, salt: object) -> None:
        """A salt that is not of the format is an error that does not ask for a phrase."""
        with pytest.raises(SecretsError):
            manager_of(SecretsProvider(type="passphrase", state={"salt": salt}))


class TestPhrase:
    def test_nobody_is_asked_before_it_is_needed(self) -> None:
        """A manager without a phrase tells whose key it is; only encrypting needs the phrase (§12.2)."""
        manager = manager_of(PROVIDER, stack="dev")
        assert manager.provider == PROVIDER

        with pytest.raises(PassphraseMissingError, match="must be set with PULUMI_CONFIG_PASSPHRASE"):
            _ = manager.crypter

    def test_a_wrong_phrase(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A wrong phrase is told with where it came from, and never repeated in the message."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "guess")

        with pytest.raises(WrongPassphraseError, match="incorrect passphrase") as caught:
            _ = manager_of(PROVIDER, stack="dev").crypter
        assert "PULUMI_CONFIG_PASSPHRASE" in str(caught.value)
        assert "`dev`" in str(caught.value)
        assert "guess" not in str(caught.value)

    def test_ours_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where both are set, the variable of ours decides."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "guess")
        monkeypatch.setenv("STACKWRIGHT_CONFIG_PASSPHRASE", PHRASE)

        assert manager_of(PROVIDER).crypter.decrypt(sealed("x")) == "x"

    def test_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The phrase may stand in a file, whose surrounding space does not count (§12.2)."""
        file = tmp_path / "phrase"
        file.write_text(f"\n {PHRASE} \n")
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(file))

        assert manager_of(PROVIDER).crypter.decrypt(sealed("x")) == "x"

    def test_a_file_that_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file that cannot be read is named."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "none"))

        with pytest.raises(SecretsError, match="none cannot be read"):
            _ = manager_of(PROVIDER).crypter

    def test_the_empty_phrase_is_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A variable that is set to nothing holds the empty phrase (§12.2)."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
        manager = PassphraseManager.new()

        assert manager_of(manager.provider).crypter.decrypt(manager.crypter.encrypt("x")) == "x"

    def test_whoever_is_asked_may_err(self) -> None:
        """A person is asked again after a wrong answer, and told that it was wrong (§12.2)."""
        answers = iter(["guess", PHRASE])
        told: list[str] = []
        asked: list[str] = []

        def unlock(stack: str) -> str:
            asked.append(stack)
            return next(answers)

        source = PassphraseSource(unlock=unlock, complain=told.append)
        manager = manager_of(PROVIDER, stack="dev", source=source)

        assert manager.crypter.decrypt(sealed("x")) == "x"
        assert manager.crypter is manager.crypter
        assert asked == ["dev", "dev"]
        assert told == ["incorrect passphrase"]

    def test_rotation_does_not_take_the_old_phrase(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Variables hold the old phrase, so the new one is asked for (§12.2)."""
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PHRASE)
        with pytest.raises(PassphraseMissingError):
            PassphraseManager.new(rotating=True)
        manager = PassphraseManager.new(rotating=True, source=PassphraseSource(choose=lambda: "guess"))
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "guess")

        assert manager_of(manager.provider).crypter.decrypt(manager.crypter.encrypt("x")) == "x"
