"""Files and folders as inputs: assets (one file) and archives (many)."""

from __future__ import annotations

import os
from typing import TypeAlias


class Asset:
    """One file's worth of bytes: `FileAsset`, `StringAsset` or `RemoteAsset`."""


class Archive:
    """Many files: `AssetArchive`, `FileArchive` or `RemoteArchive`."""


class FileAsset(Asset):
    """A file on this machine."""

    path: str

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError("FileAsset path must be a string or path-like object")
        self.path = os.fspath(path)


class StringAsset(Asset):
    """A text."""

    text: str

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError("StringAsset text must be a string")
        self.text = text


class RemoteAsset(Asset):
    """A file behind a URI (`file`, `http`, `https`)."""

    uri: str

    def __init__(self, uri: str) -> None:
        if not isinstance(uri, str):
            raise TypeError("RemoteAsset uri must be a string")
        self.uri = uri


class AssetArchive(Archive):
    """A folder put together from named assets and archives."""

    assets: dict[str, AnyAsset]

    def __init__(self, assets: dict[str, AnyAsset]) -> None:
        if not isinstance(assets, dict):
            raise TypeError("AssetArchive assets must be a dictionary")
        for name, member in assets.items():
            if not isinstance(name, str):
                raise TypeError("AssetArchive keys must be strings")
            if not isinstance(member, (Asset, Archive)):
                raise TypeError(f"AssetArchive members must be assets or archives; `{name}` is not")
        self.assets = assets


class FileArchive(Archive):
    """A folder, or an archive file (tar, tar.gz, zip), on this machine."""

    path: str

    def __init__(self, path: str) -> None:
        if not isinstance(path, str):
            raise TypeError("FileArchive path must be a string")
        self.path = path


class RemoteArchive(Archive):
    """An archive file behind a URI."""

    uri: str

    def __init__(self, uri: str) -> None:
        if not isinstance(uri, str):
            raise TypeError("RemoteArchive uri must be a string")
        self.uri = uri


AnyAsset: TypeAlias = Asset | Archive
