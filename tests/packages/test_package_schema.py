"""Reading package schemas (packages.md §1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stackwright.packages import PackageSchemaError, problems, read_schema


def read(**parts: Any) -> Any:
    return read_schema(json.dumps({"name": "pkg", **parts}).encode())


class TestReading:
    def test_names_as_the_document_spells_them(self) -> None:
        """packages.md §1.1–§1.5."""
        schema = read(
            version="v1.2.3",
            pluginDownloadURL="https://example.com",
            resources={
                "pkg:index:R": {
                    "inputProperties": {
                        "a": {
                            "type": "array",
                            "items": {"$ref": "#/types/pkg:index:T", "plain": True},
                            "defaultInfo": {"environment": ["A"]},
                            "willReplaceOnChanges": True,
                        }
                    },
                    "requiredInputs": ["a"],
                    "isComponent": True,
                }
            },
        )

        resource = schema.resources["pkg:index:R"]
        assert schema.version == "1.2.3"
        assert schema.document.plugin_download_url == "https://example.com"
        assert resource.is_component
        assert resource.input_properties["a"].items.ref == "#/types/pkg:index:T"
        assert resource.input_properties["a"].items.plain
        assert resource.input_properties["a"].default_info.environment == ["A"]

    def test_members_nobody_knows_are_left_alone(self) -> None:
        """packages.md §1.10."""
        assert (
            read(future={"a": 1}, resources={"pkg:index:R": {"new": 1}}).resources["pkg:index:R"] is not None
        )

    @pytest.mark.parametrize(
        ("format_", "token", "module"),
        [
            ("(.*)", "pkg:index:R", ""),
            ("(.*)(?:/[^/]*)", "pkg:s3/bucket:Bucket", "s3"),
            ("(.*)(?:/[^/]*)", "pkg:index/bucket:Bucket", ""),
            ("(.*)", "pkg:core/v1:Pod", "core/v1"),
            ("(.*?)(?:/v[^/]*)?$", "pkg:core/v1:Pod", "core"),
            (r"([a-z\]*+?|]+)\.", "pkg:a+.b:Pod", "a+"),
            ("core", "pkg:core/v1:Pod", "core/v1"),
            ("(x)|core", "pkg:core/v1:Pod", ""),
        ],
    )
    def test_modules_of_tokens(self, format_: str, token: str, module: str) -> None:
        """packages.md §1.2."""
        assert read(meta={"moduleFormat": format_}).module_of(token) == module

    @pytest.mark.parametrize(
        "format_",
        [
            "(a+)+$",
            "(a|aa)*b",
            "(?:a?){30}(a)b",
            "(.*)(.*)(.*)(.*)b",
            "(" + "a?" * 60 + "a" * 60 + ")",
            "((?:a|a)(?:a|a)(?:a|a)(?:a|a))b",
            r"(a*)\1b",
            "(?=a)(.*)",
            "(?P<m>a)(?P=m)",
            "(" + "a" * 300 + ")",
            "(",
            "a**",
        ],
    )
    def test_an_expression_whose_matching_may_have_no_end_is_refused(self, format_: str) -> None:
        """packages.md §1.2, design.md §8: a schema is a stranger's, and so is its expression."""
        with pytest.raises(PackageSchemaError, match="#/meta/moduleFormat"):
            read(meta={"moduleFormat": format_})

    def test_what_an_expression_is_matched_with_is_bounded(self) -> None:
        """design.md §8: but not where everything is the module."""
        long = "a/" * 100

        assert read(meta={"moduleFormat": "(.*)"}).module_of(f"pkg:{long}:R") == long
        with pytest.raises(PackageSchemaError, match="too long to be matched"):
            read(meta={"moduleFormat": "(.*)/"}).module_of(f"pkg:{long}:R")

    def test_the_usual_expression_takes_tokens_of_any_length(self) -> None:
        """AWS has nested types whose tokens have hundreds of characters."""
        schema = read(meta={"moduleFormat": "(.*)(?:/[^/]*)"})

        assert schema.module_of(f"pkg:ec2/{'A' * 500}:R") == "ec2"
        assert schema.module_of("pkg:a/b/c:R") == "a/b"
        assert schema.module_of("pkg:ec2:R") == "ec2"


class TestProblems:
    def test_a_document_that_is_none(self) -> None:
        """packages.md §1.10."""
        with pytest.raises(PackageSchemaError):
            read_schema(b"{")

    @pytest.mark.parametrize("name", ["pulumi", "input", "1a", ""])
    def test_names_that_no_package_has(self, name: str) -> None:
        """packages.md §1.1."""
        with pytest.raises(PackageSchemaError, match="#/name"):
            read(name=name)

    def test_malformed_parts_are_told_by_path(self) -> None:
        """packages.md §1.10: a path to what is wrong."""
        schema = read(types={"pkg:index:T": {"properties": {"a": {"type": 3}}}})

        with pytest.raises(PackageSchemaError, match="#/types/pkg:index:T/properties/"):
            schema.types["pkg:index:T"]

    def test_an_extension_has_no_provider(self) -> None:
        """§1.1."""
        made = {"baseProvider": {"name": "base", "version": "1.0.0"}, "parameter": "eA=="}
        found = problems(read(extensionParameterization=made, provider={}))
        assert [each.path for each in found] == ["#/provider"]

    def test_everything_that_is_wrong_is_told_at_once(self) -> None:
        """packages.md §1.2, §1.3, §1.6–§1.8, §1.10."""
        text = {"type": "string"}
        schema = read(
            types={
                "odd": {},
                "other:index:T": {},
                "pkg:index:T": {
                    "required": ["b"],
                    "properties": {"a": {"type": "array"}, "c": {"oneOf": [{"type": "string"}]}},
                },
            },
            resources={"pkg:index:R": {"requiredInputs": ["x"], "stateInputs": {"properties": {"id": text}}}},
            functions={
                "pkg:index:f": {
                    "inputs": {"properties": {"a": {"type": "text"}}},
                    "multiArgumentInputs": ["b"],
                }
            },
        )

        assert [each.path for each in problems(schema)] == [
            "#/types/odd",
            "#/types/other:index:T",
            "#/types/pkg:index:T/required",
            "#/types/pkg:index:T/properties/a",
            "#/types/pkg:index:T/properties/c/oneOf",
            "#/resources/pkg:index:R/requiredInputs",
            "#/resources/pkg:index:R/stateInputs/properties/id",
            "#/functions/pkg:index:f/inputs/properties/a",
            "#/functions/pkg:index:f/multiArgumentInputs",
        ]
