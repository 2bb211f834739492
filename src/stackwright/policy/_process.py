"""
A policy pack in a process of its own, spoken to over gRPC (protocol.md §7.5, §14.1).

Knows the messages and the life of the process; what follows from an answer is the engine's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine import (
    EnforcementLevel,
    Findings,
    PolicySubject,
    PolicySummaryKind,
    Remediation,
    Reporter,
    Target,
    Violation,
    Waits,
)
from stackwright.policy._configuration import PolicyInfo, PolicyKind, PolicySetting, settled
from stackwright.policy._errors import PolicyFailedError, PolicyPackError
from stackwright.providers._watched import PluginStartError
from stackwright.providers.plugin._process import PluginProcess
from stackwright.urn import Urn
from stackwright.values import PropertyMap, reveal
from stackwright.wire import CodecOptions, decode_properties, encode_properties, load_grpc, open_channel

if TYPE_CHECKING:
    from stackwright.wire.stubs.pulumi import analyzer_pb2

_LEVELS: Final = (
    EnforcementLevel.ADVISORY,
    EnforcementLevel.MANDATORY,
    EnforcementLevel.DISABLED,
    EnforcementLevel.REMEDIATE,
)
_KINDS: Final = {1: PolicyKind.RESOURCE, 2: PolicyKind.STACK}
_SEVERITIES: Final = {1: "low", 2: "medium", 3: "high", 4: "critical"}
_CODEC: Final = CodecOptions(keep_unknowns=True, keep_secrets=True, keep_resources=True)
_INTERNAL: Final = "__"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How many seconds a pack gets."""

    port: float = 120
    """To print its port: loading a program may take long."""
    greeting: float = 10
    """To answer for the first time after that."""
    interrupt: float = 5
    """To end by itself."""


class ProcessPack(msgspec.Struct, frozen=True, kw_only=True):
    """How to start a pack."""

    command: tuple[str, ...]
    directory: Path
    environ: Mapping[str, str]
    version: str = ""
    """What its manifest says; it goes before what the pack says of itself."""
    settings: Mapping[str, PolicySetting] = {}
    limits: Limits = Limits()


class ProcessAnalyzer:
    """Implements `stackwright.engine.Analyzer`. Made by `open`, on one event loop."""

    def __init__(self, pack: ProcessPack, process: PluginProcess, address: str) -> None:
        from stackwright.wire.stubs.pulumi import analyzer_pb2

        self.name = pack.directory.name
        self.version = pack.version
        self.place = str(pack.directory)
        self._pack = pack
        self._process = process
        self._channel = open_channel(address)
        self._stub = analyzer_pb2.AnalyzerStub(self._channel)
        self._policies: dict[str, PolicyInfo] = {}
        self._settings: dict[str, PolicySetting] = {}
        self._closing: asyncio.Future[None] | None = None
        self._heeds = True

    @classmethod
    async def open(
        cls, pack: ProcessPack, target: Target, *, preview: bool, report: Reporter, waits: Waits
    ) -> ProcessAnalyzer:
        """
        Start *pack*, tell it of the stack, and set its policies.

        Raises:
            PolicySilentError: It comes up, and then does not answer in time.
            PolicyPackError: It does not come up, or is set wrongly.
        """

        def said(_: str, line: str) -> None:
            report(Diagnostic(severity=Severity.INFO, message=line))

        try:
            process = await PluginProcess.start(
                pack.command, cwd=pack.directory, environ=pack.environ, on_line=said
            )
        except PluginStartError as error:
            raise PolicyPackError(f"the policy pack {pack.directory} cannot be started: {error}") from error
        try:
            port = await waits.answer(
                pack.directory.name, "start", process.port(within=pack.limits.port), limited=False
            )
        except BaseException as error:
            await process.stop(0)
            if isinstance(error, PluginStartError):
                raise PolicyPackError(
                    f"the policy pack {pack.directory} did not come up: {error.message}",
                    detail=error.said or None,
                    hint="A pack ends with one `PolicyPack(...)`, which serves it",
                ) from error
            raise
        analyzer = cls(pack, process, f"127.0.0.1:{port}")
        try:
            beginning = analyzer._begin(target, preview=preview)
            await waits.answer(analyzer.name, "say what its policies are", beginning)
        except BaseException:
            await analyzer.close()
            raise
        return analyzer

    # Setting up ---------------------------------------------------------------------------------

    async def _begin(self, target: Target, *, preview: bool) -> None:
        from stackwright.wire.stubs.google.protobuf import empty_pb2
        from stackwright.wire.stubs.pulumi import analyzer_pb2

        greeting = analyzer_pb2.AnalyzerHandshakeRequest(
            root_directory=self.place, program_directory=self.place
        )
        await self._tolerated("Handshake", greeting, wait_for_ready=True, timeout=self._pack.limits.greeting)
        await self._tolerated(
            "ConfigureStack",
            analyzer_pb2.AnalyzerStackConfigureRequest(
                stack=target.stack,
                project=target.project,
                organization=target.organization,
                dry_run=preview,
                config=target.config,
                config_secret_keys=sorted(target.config_secret_keys),
            ),
        )
        info = await self._call("GetAnalyzerInfo", empty_pb2.Empty(), "say what its policies are")
        self.name = info.name or self.name
        self.version = self._pack.version or info.version
        self._policies = {each.name: self._info(each) for each in info.policies}
        suggested = {
            name: PolicySetting(level=self._level(each.enforcementLevel), properties=_plain(each.properties))
            for name, each in info.initialConfig.items()
        }
        self._settings = settled(self.name, list(self._policies.values()), suggested, self._pack.settings)
        if info.supportsConfig and (suggested or self._pack.settings or self._has_defaults):
            await self._configure()
        elif self._pack.settings:
            raise PolicyPackError(f"the policy pack `{self.name}` takes no settings")

    @property
    def _has_defaults(self) -> bool:
        return any(setting.properties for setting in self._settings.values())

    async def _configure(self) -> None:
        from stackwright.wire.stubs.pulumi import analyzer_pb2

        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for name, setting in self._settings.items():
            entry = request.policyConfig[name]
            level = setting.level or EnforcementLevel.ADVISORY
            entry.enforcementLevel = getattr(analyzer_pb2, level.name)
            encode_properties(dict(setting.properties), entry.properties, CodecOptions())
        await self._call("Configure", request, "take its settings")

    def _info(self, message: Any) -> PolicyInfo:
        return PolicyInfo(
            name=message.name,
            kind=_KINDS.get(message.policy_type, PolicyKind.UNKNOWN),
            description=message.description,
            level=self._level(message.enforcementLevel),
            properties=_plain(message.configSchema.properties),
            required=tuple(message.configSchema.required),
        )

    def _level(self, number: int) -> EnforcementLevel:
        if not 0 <= number < len(_LEVELS):
            raise PolicyPackError(
                f"the policy pack `{self.name}` names an unknown enforcement level: {number}"
            )
        return _LEVELS[number]

    # Asking -------------------------------------------------------------------------------------

    def policies(self, kind: PolicySummaryKind) -> Iterable[str]:
        """See `Analyzer.policies`. A pack of an old SDK does not say what a policy looks at."""
        other = PolicyKind.RESOURCE if kind is PolicySummaryKind.ANALYZE_STACK else PolicyKind.STACK
        for policy in self._policies.values():
            level = self._settings[policy.name].level
            if level is EnforcementLevel.DISABLED or policy.kind is other:
                continue
            if kind is PolicySummaryKind.REMEDIATE and level is not EnforcementLevel.REMEDIATE:
                continue
            yield policy.name

    async def remediate(self, subject: PolicySubject) -> Sequence[Remediation]:
        from stackwright.wire.stubs.pulumi import analyzer_pb2

        request = analyzer_pb2.AnalyzeRequest()
        _fill(request, subject, subject.properties)
        answer = await self._call("Remediate", request, f"remediate {subject.urn}")
        return [
            Remediation(
                policy=each.policyName,
                properties=self._decoded(each.properties) if each.HasField("properties") else None,
                problem=each.diagnostic,
            )
            for each in answer.remediations
            if each.HasField("properties") or each.diagnostic
        ]

    async def analyze(self, subject: PolicySubject) -> Findings:
        from stackwright.wire.stubs.pulumi import analyzer_pb2

        request = analyzer_pb2.AnalyzeRequest()
        _fill(request, subject, _shown(subject.properties))
        return self._findings(await self._call("Analyze", request, f"analyze {subject.urn}"))

    async def analyze_stack(self, subjects: Sequence[PolicySubject]) -> Findings:
        from stackwright.wire.stubs.pulumi import analyzer_pb2

        request = analyzer_pb2.AnalyzeStackRequest()
        for subject in subjects:
            resource = request.resources.add()
            _fill(resource, subject, _shown(subject.properties))
            resource.parent = subject.parent or ""
            resource.dependencies.extend(subject.dependencies)
            for name, urns in subject.property_dependencies.items():
                resource.propertyDependencies[name].urns.extend(urns)
        return self._findings(await self._call("AnalyzeStack", request, "analyze the stack"))

    def _findings(self, answer: analyzer_pb2.AnalyzeResponse) -> Findings:
        return Findings(
            violations=tuple(
                Violation(
                    policy=each.policyName,
                    message=each.message or each.description,
                    level=self._level(each.enforcementLevel),
                    severity=_SEVERITIES.get(each.severity, ""),
                    urn=Urn(each.urn) if each.urn else None,
                )
                for each in answer.diagnostics
            ),
            not_applicable=frozenset(each.policy_name for each in answer.not_applicable),
        )

    def _decoded(self, message: Any) -> PropertyMap:
        return decode_properties(message, _CODEC)

    # The conversation ---------------------------------------------------------------------------

    async def _tolerated(self, method: str, request: Any, **options: Any) -> None:
        """Make a call that older packs do not know."""
        await self._call(method, request, "answer at all", optional=True, **options)

    async def _call(
        self, method: str, request: Any, doing: str, *, optional: bool = False, **options: Any
    ) -> Any:
        """
        Make one call; *doing* says in words what it is to do.

        Raises:
            PolicyFailedError: The pack failed, or is no longer there.
        """
        grpc_aio = load_grpc()
        try:
            return await getattr(self._stub, method)(request, **options)
        except grpc_aio.AioRpcError as error:
            code, text = error.code().name, error.details() or ""
        except asyncio.CancelledError:
            # Nobody waits for its answer any more: it need not be waited for when it is to end, either.
            self._heeds = False
            raise
        if optional and code == "UNIMPLEMENTED":
            return None
        if code == "UNAVAILABLE" and await self._process.wait(within=self._pack.limits.interrupt):
            raise PolicyFailedError(
                f"the policy pack `{self.name}` {self._process.describe_end()} while it was to {doing}",
                detail=self._process.tail or None,
            )
        raise PolicyFailedError(
            f"the policy pack `{self.name}` did not {doing}: {text or code}",
            detail=self._process.tail or None,
        )

    async def close(self) -> None:
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await self._channel.close(None)
        with contextlib.suppress(PluginStartError):
            await self._process.stop(self._pack.limits.interrupt if self._heeds else 0)


def _shown(properties: PropertyMap) -> PropertyMap:
    return {key: value for key, value in properties.items() if not key.startswith(_INTERNAL)}


def _plain(message: Any) -> dict[str, Any]:
    found = reveal(decode_properties(message, CodecOptions()))
    return found if isinstance(found, dict) else {}


def _fill(message: Any, subject: PolicySubject, properties: PropertyMap) -> None:
    """What *subject* is, for a request about it alone or among others."""
    message.type, message.urn, message.name = subject.type, subject.urn, subject.name
    encode_properties(properties, message.properties, _CODEC)
    options = message.options
    options.protect = subject.protect
    options.ignoreChanges.extend(subject.ignore_changes)
    options.deleteBeforeReplace = bool(subject.delete_before_replace)
    options.deleteBeforeReplaceDefined = subject.delete_before_replace is not None
    options.additionalSecretOutputs.extend(subject.additional_secret_outputs)
    options.aliases.extend(subject.aliases)
    options.parent = subject.parent or ""
    if subject.timeouts:
        times = subject.timeouts
        options.customTimeouts.create = times.create
        options.customTimeouts.update = times.update
        options.customTimeouts.delete = times.delete
        options.customTimeouts.read = times.read
    if subject.provider is not None:
        provider = subject.provider
        message.provider.type, message.provider.urn = provider.type, provider.urn
        message.provider.name = provider.name
        encode_properties(_shown(provider.inputs), message.provider.properties, _CODEC)
