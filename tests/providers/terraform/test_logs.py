"""What providers log and print (terraform.md §1.6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackwright.providers.terraform import LogRecord
from stackwright.providers.terraform._logs import LogSettings, LogWriter, OutputListener

JSON = (
    '{"@level":"debug","@message":"Calling","@module":"sdk.proto",'
    '"@timestamp":"2026-01-01T00:00:00Z","tf_rpc":"ReadResource"}'
)


class TestSettings:
    @pytest.mark.parametrize(
        ("environ", "level", "provider", "sdk"),
        [
            ({}, "OFF", "OFF", "OFF"),
            ({"TF_LOG": "debug"}, "DEBUG", "DEBUG", "DEBUG"),
            ({"TF_LOG": "1"}, "TRACE", "TRACE", "TRACE"),
            ({"TF_LOG_PROVIDER": "WARN"}, "WARN", "WARN", "OFF"),
            ({"TF_LOG": "ERROR", "TF_LOG_PROVIDER": "INFO"}, "INFO", "INFO", "ERROR"),
            ({"TF_LOG_SDK": "TRACE"}, "TRACE", "OFF", "TRACE"),
            ({"TF_LOG": "OFF"}, "OFF", "OFF", "OFF"),
        ],
    )
    def test_terraforms_variables(self, environ: dict[str, str], level: str, provider: str, sdk: str) -> None:
        """Nobody asked: providers are told to keep quiet."""
        settings = LogSettings.from_environ(environ)

        assert settings.level == level
        assert settings.variables == {"TF_LOG_PROVIDER": provider, "TF_LOG_SDK": sdk}

    def test_variables_of_single_providers_are_passed_on(self) -> None:
        environ = {"TF_LOG_PROVIDER_AWS": "DEBUG", "TF_LOG_SDK_PROTO": "TRACE", "TF_LOG_PATH": "/log"}
        settings = LogSettings.from_environ(environ)

        assert settings.level == "TRACE"
        assert settings.path == Path("/log")
        assert settings.variables["TF_LOG_PROVIDER_AWS"] == "DEBUG"
        assert settings.variables["TF_LOG_SDK_PROTO"] == "TRACE"


class TestWriter:
    def test_to_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "log"
        write = LogWriter(LogSettings(level="INFO", path=path))

        write("hashicorp/aws", LogRecord(level="WARN", message="look out", fields={"a": 1}, line="?"))
        write("hashicorp/aws", LogRecord(level="DEBUG", message="unheard", line="?"))

        assert path.read_text() == "[WARN] hashicorp/aws: look out a=1\n"

    def test_as_json_and_to_standard_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        settings = LogSettings.from_environ({"TF_LOG": "JSON"})

        LogWriter(settings)("p", LogRecord(level="DEBUG", message="Calling", line=JSON))

        assert capsys.readouterr().err == JSON + "\n"

    def test_a_file_that_cannot_be_written_stops_nobody(self, tmp_path: Path) -> None:
        write = LogWriter(LogSettings(level="INFO", path=tmp_path / "no" / "log"))

        write("p", LogRecord(level="INFO", message="x", line="x"))


class TestListener:
    def heard(self, *lines: str) -> tuple[list[LogRecord], str]:
        records: list[LogRecord] = []
        listener = OutputListener(records.append)
        for line in lines:
            listener.line(line)
        return records, listener.said

    def test_records(self) -> None:
        """JSON, a level in brackets, and lines that continue the one before."""
        records, said = self.heard(JSON, "[ERROR] it broke", "  for this reason", "{not json", '{"a": 1}')

        assert [(each.level, each.message) for each in records] == [
            ("DEBUG", "Calling"),
            ("ERROR", "it broke"),
            ("ERROR", "  for this reason"),
            ("ERROR", "{not json"),
            ("ERROR", '{"a": 1}'),
        ]
        assert records[0].module == "sdk.proto"
        assert records[0].fields == {"tf_rpc": "ReadResource"}
        assert said.splitlines() == ["[ERROR] it broke", "  for this reason", "{not json", '{"a": 1}']

    @pytest.mark.parametrize("start", ["panic: no", "fatal error: all goroutines are asleep"])
    def test_a_crash_is_kept_whole_and_alone(self, start: str) -> None:
        records, said = self.heard("[INFO] before", start, "", "goroutine 1 [running]:", JSON)

        assert said.splitlines() == [start, "", "goroutine 1 [running]:", JSON]
        assert [each.message for each in records] == ["before"]

    def test_neither_grows_without_end(self) -> None:
        assert len(self.heard(*(str(number) for number in range(5000)))[1].splitlines()) < 100
        assert len(self.heard("panic: x", *(str(number) for number in range(5000)))[1].splitlines()) < 1000
