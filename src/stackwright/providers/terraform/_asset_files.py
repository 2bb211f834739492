"""
Assets and archives for arguments that are paths to Terraform.

Which arguments those are is data (`OtherNames.files`). To a provider such a file is called
after the hash of its contents, the same on every machine, so that a plan sees a change
where the contents changed and nowhere else. There is a file only while the provider
applies something: in a folder (`_file_folders`) whose path it then hears instead of the name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from stackwright.providers.terraform._lifecycle import Outcome, ResourcePlan
from stackwright.providers.terraform._other_names import FileInput
from stackwright.providers.terraform._shapes import Shape
from stackwright.providers.terraform._values import DynamicValue, TfValue
from stackwright.values import Archive, Asset, PropertyMap, Secret, Value

FileSource: TypeAlias = Asset | Archive

_PIECE: Final = 256 * 1024
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100755 << 16
"""Readable for all, and executable, since hashes of contents know no permissions."""
_UNIX: Final = 3


class Files:
    """Deals with the file arguments of one kind of resource; relative paths start at *directory*."""

    def __init__(self, inputs: Sequence[FileInput], shape: Shape, directory: Path) -> None:
        self._directory = directory
        self._arguments = {
            shown: each for each in inputs if (shown := _shown(shape, each.attribute)) is not None
        }
        self._hashes = {
            shown: _shown(shape, each.hash_attribute)
            for shown, each in self._arguments.items()
            if each.hash_attribute
        }

    def named(self, inputs: PropertyMap) -> PropertyMap:
        """
        *inputs* with names in place of assets, as the provider is asked about them.

        An argument for the hash of a file is filled in, unless it is given.
        """
        changed: PropertyMap = {}
        for shown, source in self._given(inputs).items():
            changed[shown] = self._name(shown, source)
            hash_ = self._hashes.get(shown)
            if hash_ is not None and inputs.get(hash_) is None:
                changed[hash_] = source.hash
        return {**inputs, **changed} if changed else inputs

    def shown(self, outputs: PropertyMap, inputs: PropertyMap) -> PropertyMap:
        """*outputs* with the assets of *inputs* in place of their names."""
        changed = {
            shown: inputs[shown]
            for shown, source in self._given(inputs).items()
            if _bare(outputs.get(shown)) == self._name(shown, source)
        }
        return {**outputs, **changed} if changed else outputs

    def written(self, inputs: PropertyMap, folder: Path) -> dict[str, str]:
        """
        Make the files of *inputs* in *folder*; answers their paths by their names. Blocks.

        Raises:
            AssetError: Something cannot be read.
            ArchiveError: An archive is damaged.
        """
        made: dict[str, str] = {}
        for shown, source in self._given(inputs).items():
            path = folder / self._name(shown, source)
            _write(source, path, self._directory, zipped=self._arguments[shown].kind == "archive")
            made[path.name] = str(path)
        return made

    def mentioned(self, inputs: PropertyMap) -> bool:
        """Whether *inputs* have assets at all."""
        return bool(self._given(inputs))

    def _given(self, inputs: PropertyMap) -> dict[str, FileSource]:
        found: dict[str, FileSource] = {}
        for shown in self._arguments:
            value = _bare(inputs.get(shown))
            if isinstance(value, Asset | Archive):
                found[shown] = value if value.hash else _hashed(value, self._directory)
        return found

    def _name(self, shown: str, source: FileSource) -> str:
        is_zip = isinstance(source, Archive) or self._arguments[shown].kind == "archive"
        return f"{source.hash}.zip" if is_zip else source.hash


def placed(plan: ResourcePlan, paths: Mapping[str, str]) -> ResourcePlan:
    """*plan* with paths in place of names."""
    prior = plan.prior
    if prior is not None:
        prior = msgspec.structs.replace(prior, value=_renamed(prior.value, paths))
    return msgspec.structs.replace(
        plan, prior=prior, config=_renamed(plan.config, paths), planned=_renamed(plan.planned, paths)
    )


def unplaced(outcome: Outcome, paths: Mapping[str, str]) -> Outcome:
    """*outcome* with names in place of paths."""
    if outcome.state is None:
        return outcome
    names = {path: name for name, path in paths.items()}
    state = msgspec.structs.replace(outcome.state, value=_renamed(outcome.state.value, names))
    return msgspec.structs.replace(outcome, state=state)


def _renamed(value: TfValue, names: Mapping[str, str]) -> TfValue:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    if isinstance(value, dict):
        return {key: _renamed(each, names) for key, each in value.items()}
    if isinstance(value, DynamicValue):
        return msgspec.structs.replace(value, value=_renamed(value.value, names))
    return value


def _shown(shape: Shape, attribute: str) -> str | None:
    field = shape.by_name.get(attribute)
    return field.shown_as if field is not None else None


def _bare(value: Value) -> Value:
    return value.value if isinstance(value, Secret) else value


# What reads files is imported when there are any: few programs have.


def _hashed(source: FileSource, directory: Path) -> FileSource:
    from stackwright.values import with_hashes

    whole = with_hashes(source, directory)
    assert isinstance(whole, Asset | Archive)
    return whole


def _write(source: FileSource, path: Path, directory: Path, *, zipped: bool) -> None:
    from stackwright.values import archive_format, asset_bytes

    format_ = archive_format(source.path or source.uri) if isinstance(source, Archive) else None
    if isinstance(source, Archive) and (format_ is None or (zipped and format_ != "zip")):
        _write_zip(source, path, directory)
    else:
        # An archive that is a file already is that file.
        same = Asset(path=source.path, uri=source.uri) if isinstance(source, Archive) else source
        path.write_bytes(asset_bytes(same, directory))


def _write_zip(source: Archive, path: Path, directory: Path) -> None:
    import zipfile

    from stackwright.values import archive_members

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for member in archive_members(source, directory):
            info = zipfile.ZipInfo(member.name, _NO_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr, info.file_size = _UNIX, _MODE, member.size
            with made.open(info, "w") as target:
                while piece := member.read(_PIECE):
                    target.write(piece)
