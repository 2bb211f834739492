"""Which manager a stack gets (state.md §12.1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackwright.secrets import (
    DecryptionError,
    LocalKeyManager,
    PassphraseManager,
    PassphraseSource,
    SecretsProvider,
    SecretsSettings,
    UnavailableSecretsProviderError,
    UnknownSecretsProviderError,
    check_provider_name,
    manager_of,
    new_manager,
    open_manager,
    reencrypt,
    settings_of,
)

SALT = "v1:AAECAwQFBgc=:v1:AAAA:BBBB"
RECORDED = SecretsProvider(type="passphrase", state={"salt": "v1:BwYFBAMCAQA=:v1:AAAA:BBBB"})


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACKWRIGHT_HOME", str(tmp_path))


class TestChoice:
    def test_a_key_service_comes_first(self) -> None:
        """A key service in the stack file wins over a salt, and says that it comes later (rule 1)."""
        settings = SecretsSettings(provider="awskms://alias/x?region=r", encryption_salt=SALT)

        with pytest.raises(UnavailableSecretsProviderError, match="AWS KMS"):
            open_manager(settings, RECORDED)

    def test_then_the_salt(self) -> None:
        """A salt in the stack file means a passphrase, whatever the state records (rule 2)."""
        manager = open_manager(SecretsSettings(encryption_salt=SALT), RECORDED)

        assert manager.provider.state == {"salt": SALT}

    def test_then_what_is_recorded(self) -> None:
        """Without a word in the stack file the state's own record decides (rule 3)."""
        assert open_manager(SecretsSettings(), RECORDED).provider == RECORDED
        assert (
            open_manager(SecretsSettings(provider="passphrase"), RECORDED, prefer_recorded=True).provider
            == RECORDED
        )

    def test_then_the_default(self) -> None:
        """A stack that says nothing and has nothing recorded uses the local key (rule 4)."""
        for name in ("", "default"):
            assert isinstance(open_manager(SecretsSettings(provider=name), None), LocalKeyManager)

    def test_a_passphrase_without_a_salt(self) -> None:
        """A stack file that asks for a passphrase and has no salt yet gets a new one (rule 4)."""
        manager = open_manager(
            SecretsSettings(provider="passphrase"),
            None,
            source=PassphraseSource(choose=lambda: "new"),
        )

        assert settings_of(manager).encryption_salt.startswith("v1:")

    def test_the_setting_prefers_the_record(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """`FALLBACK_TO_STATE_SECRETS_MANAGER` lets the state's record decide (§14)."""
        monkeypatch.setenv("PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER", "true")

        assert open_manager(SecretsSettings(provider="passphrase"), RECORDED).provider == RECORDED

    def test_what_the_stack_file_says(self) -> None:
        """A passphrase writes its salt to the stack file; the local key writes nothing."""
        assert settings_of(PassphraseManager(SALT)) == SecretsSettings(encryption_salt=SALT)
        assert settings_of(new_manager("default")) == SecretsSettings()


class TestNames:
    @pytest.mark.parametrize(
        "name", ["default", "", "passphrase", "awskms://k", "gcpkms://p", "hashivault://k"]
    )
    def test_known_names(self, name: str) -> None:
        """The names of the format are taken, key services with their address."""
        check_provider_name(name)

    @pytest.mark.parametrize("name", ["vault", "passphrase2", "s3://x"])
    def test_other_names(self, name: str) -> None:
        """Any other name is refused with the list of those there are."""
        with pytest.raises(
            UnknownSecretsProviderError, match=r"supported values: default,passphrase,awskms,"
        ):
            new_manager(name)

    @pytest.mark.parametrize(
        ("url", "named"),
        [
            ("awskms://alias/x", "AWS KMS"),
            ("azurekeyvault://v.vault.azure.net/keys/k", "Azure Key Vault"),
            ("gcpkms://projects/p", "Google Cloud KMS"),
            ("hashivault://k", "HashiCorp Vault"),
        ],
    )
    def test_key_services_come_later(self, url: str, named: str) -> None:
        """A key service is known, and refused with what works now."""
        for ask in (
            lambda: new_manager(url),
            lambda: manager_of(SecretsProvider(type="cloud", state={"url": url, "encryptedkey": "AQ=="})),
        ):
            with pytest.raises(UnavailableSecretsProviderError, match=f"by {named} are not served"):
                ask()

    def test_states_of_the_service(self) -> None:
        """A state whose secrets only the service can read says how to get at them (§12.4)."""
        with pytest.raises(UnavailableSecretsProviderError, match="export --show-secrets"):
            manager_of(SecretsProvider(type="service", state={"owner": "o"}))

    def test_an_unknown_type_in_a_state(self) -> None:
        """A manager that nobody knows is named (§12.4)."""
        with pytest.raises(UnavailableSecretsProviderError, match='no known secrets provider for type "x"'):
            manager_of(SecretsProvider(type="x"))


class TestBase64:
    def test_it_only_encodes(self) -> None:
        """The manager for tests is base64, both ways (§12.4)."""
        crypter = manager_of(SecretsProvider(type="b64")).crypter

        assert crypter.encrypt("häuser") == "aMOkdXNlcg=="
        assert list(crypter.decrypt_many(["aMOkdXNlcg=="])) == ["häuser"]
        with pytest.raises(DecryptionError):
            crypter.decrypt("%")


def test_secrets_move_to_another_key() -> None:
    """Re-encrypting gives texts that the new key opens and the old one does not (§12.5)."""
    old, new = new_manager("default").crypter, new_manager("default", rotating=True).crypter
    moved = reencrypt([old.encrypt("a"), old.encrypt("b")], old, new)

    assert [new.decrypt(text) for text in moved] == ["a", "b"]
    with pytest.raises(DecryptionError):
        old.decrypt(moved[0])
