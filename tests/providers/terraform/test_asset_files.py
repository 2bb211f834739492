"""Assets and archives where Terraform takes the path of a file (terraform.md §8.8)."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from support.terraform_schemas import block, computed, free, optional, required

from stackwright.providers.terraform._asset_files import Files, placed, unplaced
from stackwright.providers.terraform._file_folders import folder_for_files
from stackwright.providers.terraform._lifecycle import ObjectState, Outcome, PlannedAction, ResourcePlan
from stackwright.providers.terraform._mapping import Level, block_members
from stackwright.providers.terraform._other_names import FileInput, OtherNames
from stackwright.providers.terraform._shapes import block_shape
from stackwright.values import UNKNOWN, Archive, Asset, PropertyMap, Secret, with_hashes

BLOCK = block(required("function_name"), optional("filename"), free("source_code_hash"), computed("arn"))
ZIP = FileInput("filename", "archive", "source_code_hash")


def files(folder: Path, given: FileInput = ZIP) -> Files:
    return Files((given,), block_shape(BLOCK, Level(block_members(BLOCK))), folder)


def hashed(value: Asset | Archive, folder: Path) -> Asset | Archive:
    made = with_hashes(value, folder)
    assert isinstance(made, Asset | Archive)
    return made


class TestNames:
    def test_the_name_says_what_is_in_it(self, tmp_path: Path) -> None:
        """Wherever the contents are, and with their hash as well."""
        (tmp_path / "app").mkdir()
        (tmp_path / "app" / "main.py").write_text("pass")
        there = hashed(Archive(path="app"), tmp_path)
        listed = hashed(Archive(assets={"main.py": Asset(text="pass")}), tmp_path)

        named = files(tmp_path).named({"functionName": "f", "filename": there})

        assert named == {"functionName": "f", "filename": f"{there.hash}.zip", "sourceCodeHash": there.hash}
        assert files(tmp_path).named({"filename": listed})["filename"] == named["filename"]

    def test_a_hash_that_is_given_stays(self, tmp_path: Path) -> None:
        given = {"filename": Archive(assets={}, hash="abc"), "sourceCodeHash": "mine"}

        assert files(tmp_path).named(given)["sourceCodeHash"] == "mine"

    @pytest.mark.parametrize("value", ["./code.zip", UNKNOWN, None])
    def test_what_is_no_asset_stays(self, tmp_path: Path, value: object) -> None:
        given: PropertyMap = {"filename": value}

        assert files(tmp_path).named(given) is given

    def test_results_show_the_asset(self, tmp_path: Path) -> None:
        """Unless the provider says something else: then the file is another one."""
        asset = Secret(Archive(assets={}, hash="abc"))

        assert files(tmp_path).shown({"filename": "abc.zip"}, {"filename": asset}) == {"filename": asset}
        assert files(tmp_path).shown({"filename": "b.zip"}, {"filename": asset}) == {"filename": "b.zip"}


class TestFiles:
    def test_a_zip_is_the_same_whenever_it_is_made(self, tmp_path: Path) -> None:
        archive = Archive(assets={"b/c.sh": Asset(text="echo"), "a": Asset(text="1")}, hash="abc")

        with folder_for_files() as one, folder_for_files() as other:
            made = files(tmp_path).written({"filename": archive}, one)
            again = files(tmp_path).written({"filename": archive}, other)
            assert made == {"abc.zip": str(one / "abc.zip")}
            assert (one / "abc.zip").read_bytes() == Path(again["abc.zip"]).read_bytes()
            with zipfile.ZipFile(one / "abc.zip") as zipped:
                assert zipped.namelist() == ["a", "b/c.sh"]
                assert zipped.read("b/c.sh") == b"echo"
                assert zipped.getinfo("b/c.sh").external_attr >> 16 & 0o777 == 0o755
        assert not one.exists()

    @pytest.mark.parametrize("kind", ["archive", "asset"])
    def test_a_file_that_is_a_zip_already_is_that_file(self, tmp_path: Path, kind: str) -> None:
        with zipfile.ZipFile(tmp_path / "code.zip", "w") as zipped:
            zipped.writestr("main.py", "pass")
        given: PropertyMap = {"filename": Archive(path="code.zip", hash="abc")}

        with folder_for_files() as folder:
            made = files(tmp_path, FileInput("filename", kind)).written(given, folder)
            assert Path(made["abc.zip"]).read_bytes() == (tmp_path / "code.zip").read_bytes()

    def test_an_asset_is_written_as_it_is(self, tmp_path: Path) -> None:
        given: PropertyMap = {"filename": Asset(text="words", hash="abc")}

        with folder_for_files() as folder:
            made = files(tmp_path, FileInput("filename", "asset")).written(given, folder)
            assert Path(made["abc"]).read_text() == "words"


def test_paths_are_in_what_is_applied_alone() -> None:
    prior = ObjectState(value={"filename": "old.zip", "deep": [{"at": "new.zip"}]})
    wanted = {"filename": "new.zip"}
    plan = ResourcePlan(action=PlannedAction.UPDATE, prior=prior, config=wanted, planned=wanted)
    paths = {"new.zip": "/tmp/x/new.zip"}

    applied = placed(plan, paths)
    outcome = unplaced(Outcome(state=ObjectState(value=applied.planned)), paths)

    assert applied.config == applied.planned == {"filename": "/tmp/x/new.zip"}
    assert applied.prior is not None
    assert applied.prior.value == {"filename": "old.zip", "deep": [{"at": "/tmp/x/new.zip"}]}
    assert outcome.state is not None
    assert outcome.state.value == wanted
    assert unplaced(Outcome(state=None), paths) == Outcome(state=None)


def test_which_arguments_are_files() -> None:
    names = OtherNames("aws", "aws")

    assert names.files("lambda_function") == (ZIP,)
    assert [each.kind for each in names.files("s3_object")] == ["asset"]
    assert names.files("vpc") == ()
