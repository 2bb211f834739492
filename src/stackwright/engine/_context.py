"""What the parts of one deployment share."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine._events import Reporter
from stackwright.engine._options import Options, Target
from stackwright.engine._steps import Op, Step
from stackwright.engine.apply import Done, Executor, ProviderRegistry
from stackwright.engine.plan import AliasTable, Base, Facts
from stackwright.goals import DeploymentInfo, RegisterRequest
from stackwright.providers import ProviderHost
from stackwright.urn import Urn

FEATURES = frozenset(
    {
        "secrets",
        "resourceReferences",
        "outputValues",
        "aliasSpecs",
        "replacementTrigger",
        "deletedWith",
        "replaceWith",
        "transforms",
        "invokeTransforms",
        "parameterization",
        "resourceHooks",
        "errorHooks",
    }
)
"""What this engine understands, by the names programs ask for (E59)."""


class BailError(Exception):
    """The deployment cannot go on, and the user has been told why."""


class Context:
    """One deployment's state. Used on the engine's loop only."""

    def __init__(
        self,
        *,
        target: Target,
        options: Options,
        base: Base,
        host: ProviderHost,
        registry: ProviderRegistry,
        executor: Executor,
        report: Reporter,
    ) -> None:
        self.target = target
        self.options = options
        self.base = base
        self.host = host
        self.registry = registry
        self.executor = executor
        self.report = report
        self.facts = Facts()
        self.aliases = AliasTable(target.stack, target.project)
        self.goals: dict[Urn, RegisterRequest] = {}
        """What was asked for, by URN: for inheritance and calls (E81)."""
        self.failed = False
        """Something failed that is not a step."""
        self.root: Urn | None = None

    @property
    def info(self) -> DeploymentInfo:
        """What the program may know (E60)."""
        return DeploymentInfo(
            project=self.target.project,
            stack=self.target.stack,
            organization=self.target.organization,
            config=self.target.config,
            config_secret_keys=self.target.config_secret_keys,
            dry_run=self.options.preview,
            parallel=self.options.parallel,
            features=FEATURES,
            root_directory=self.target.root_directory,
        )

    def config_of(self, package: str) -> Mapping[str, str]:
        """The stack's configuration of one package, under the bare names (E32)."""
        prefix = f"{package}:"
        return {
            key[len(prefix) :]: value for key, value in self.target.config.items() if key.startswith(prefix)
        }

    def say(
        self,
        severity: Severity,
        message: str,
        urn: Urn | None = None,
        code: int | None = None,
        place: str = "",
    ) -> None:
        self.report(Diagnostic(severity=severity, message=message, urn=urn, code=code, place=place))

    def bail(
        self, message: str, *, urn: Urn | None = None, code: int | None = None, place: str = ""
    ) -> BailError:
        """Tell the user what is wrong, stop the deployment, and make the error to raise."""
        self.failed = True
        self.say(Severity.ERROR, message, urn, code, place)
        self.executor.stop()
        return BailError(message)

    async def carry_out(self, steps: Sequence[Step]) -> Done | None:
        """Run *steps*, one after the other; what the last one has left that does anything."""
        result: Done | None = None
        for step in steps:
            done = await self.executor.run(step)
            self.facts.made(step)
            if step.op is not Op.REPLACE:
                result = done
        return result

    def seed(self) -> bytes:
        """Thirty-two random bytes for one resource's generated names (E142)."""
        return os.urandom(32)
