"""The default manager: a key in a file that only its owner can read."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stackwright.secrets import (
    KeyFileError,
    LocalKeyManager,
    SecretsError,
    SecretsProvider,
    manager_of,
    new_manager,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of the test's own."""
    monkeypatch.setenv("STACKWRIGHT_HOME", str(tmp_path))
    return tmp_path


def key_file(home: Path) -> Path:
    (found,) = (home / "keys").glob("*.key")
    return found


class TestLocalKey:
    def test_the_first_use_makes_a_key(self, home: Path) -> None:
        """A key is made without asking anybody, readable by its owner alone."""
        manager = new_manager("default")

        assert key_file(home).stat().st_mode & 0o777 == 0o600
        assert (home / "keys").stat().st_mode & 0o777 == 0o700
        assert manager.crypter.decrypt(manager.crypter.encrypt("häuser")) == "häuser"

    def test_the_same_key_serves_every_stack(self, home: Path) -> None:
        """A second stack uses the key of the first, and what one encrypted the state's record opens."""
        first, second = new_manager("default"), new_manager("")

        assert first.provider == second.provider
        assert manager_of(first.provider).crypter.decrypt(first.crypter.encrypt("x")) == "x"

    def test_the_state_does_not_hold_the_key(self, home: Path) -> None:
        """What is recorded names the key without giving it away."""
        provider = new_manager("default").provider
        secret = key_file(home).read_text().strip().rpartition(":")[2]

        assert provider.type == "local"
        assert secret not in str(provider)

    def test_rotation_makes_another_key(self, home: Path) -> None:
        """Rotating gives the stack a key of its own; the old one stays for other stacks."""
        old, new = new_manager("default"), new_manager("default", rotating=True)

        assert old.provider != new.provider
        assert manager_of(old.provider).crypter.decrypt(old.crypter.encrypt("x")) == "x"
        with pytest.raises(Exception, match="not encrypted with the local key"):
            new.crypter.decrypt(old.crypter.encrypt("x"))

    def test_a_key_of_another_machine(self) -> None:
        """A stack whose key is not here says which key is missing, and where to get it."""
        elsewhere = SecretsProvider(type="local", state={"key": "0123456789abcdef"})

        with pytest.raises(
            KeyFileError, match=r"local key 0123456789abcdef, which is not on this machine"
        ) as error:
            _ = manager_of(elsewhere).crypter
        assert "Copy the key file" in str(error.value)

    def test_a_key_that_was_copied_here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A key file in the folder is found by what it holds, whatever its name."""
        manager = new_manager("default")
        text = manager.crypter.encrypt("x")
        copy = tmp_path / "elsewhere" / "keys" / "from-ada.key"
        copy.parent.mkdir(parents=True)
        key_file(tmp_path).rename(copy)
        monkeypatch.setenv("STACKWRIGHT_HOME", str(tmp_path / "elsewhere"))

        assert manager_of(manager.provider).crypter.decrypt(text) == "x"

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
    def test_a_key_that_others_can_read_is_not_used(self, home: Path, mode: int) -> None:
        """A key file with loose permissions is refused with the command that mends it."""
        provider = new_manager("default").provider
        key_file(home).chmod(mode)

        with pytest.raises(KeyFileError, match="chmod 600"):
            _ = manager_of(provider).crypter

    @pytest.mark.parametrize("text", ["", "nonsense", "stackwright-key-v1:AAAA", "stackwright-key-v1:%%%"])
    def test_a_damaged_key(self, home: Path, text: str) -> None:
        """A key file that holds no key is told, and nothing is put in its place."""
        provider = new_manager("default").provider
        key_file(home).write_text(text)

        with pytest.raises(KeyFileError, match="damaged"):
            _ = manager_of(provider).crypter
        with pytest.raises(KeyFileError, match="damaged"):
            new_manager("default")

    def test_a_folder_that_cannot_be_written(self, home: Path) -> None:
        """Where no key can be written, the message says what to do instead."""
        (home / "keys").write_text("in the way")

        with pytest.raises(KeyFileError, match="cannot be written") as error:
            new_manager("default")
        assert "passphrase" in str(error.value)

    def test_a_malformed_record(self) -> None:
        """A state that does not say which key it was is told as such."""
        with pytest.raises(SecretsError, match="without saying which one"):
            manager_of(SecretsProvider(type="local", state=None))

    def test_two_at_once_agree_on_one_key(self, home: Path) -> None:
        """However many make the first key at the same moment, one key is there afterwards."""
        with ThreadPoolExecutor(8) as pool:
            managers = list(pool.map(lambda _: LocalKeyManager.new(), range(8)))

        assert len({str(manager.provider) for manager in managers}) == 1
        assert len(list((home / "keys").iterdir())) == 1


def test_naming_a_manager_loads_no_cryptography() -> None:
    """Only whoever encrypts pays for loading the library."""
    code = "import sys, stackwright.secrets; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
