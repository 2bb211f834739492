"""Archives of a plugin `thing`, honest and otherwise."""

from __future__ import annotations

import gzip
import io
import tarfile

PROGRAM = "pulumi-resource-thing"


def archive(members: dict[str, bytes] | None = None, *, link: str = "") -> bytes:
    """A gzipped tar of *members*, by default a working plugin, and perhaps a symbolic link."""
    file = io.BytesIO()
    # Without a time in it, the same members make the same archive.
    packed = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0)
    with packed, tarfile.open(fileobj=packed, mode="w") as made:
        for name, data in (members or {PROGRAM: b"#!/bin/sh\n", "README.md": b"hello"}).items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
        if link:
            info = tarfile.TarInfo("link")
            info.type, info.linkname = tarfile.SYMTYPE, link
            made.addfile(info)
    return file.getvalue()
