"""Deployments on genuine Terraform providers: `Bench` with the host that users have."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from support import tfproviders
from support.deployments import Bench, Client, Run

from stackwright.goals import PackageRequest, Parameterization, ReadRequest, Registered
from stackwright.providers import DefaultProviderHost
from stackwright.providers.terraform._stored import parse_stored
from stackwright.values import reveal

Configuration = Mapping[str, Any]


class TerraformClient(Client):
    """A program that uses one Terraform provider, with an explicit configuration."""

    patience = 180.0

    def __init__(self, client: Client, package: str, request: PackageRequest, config: Configuration) -> None:
        super().__init__(client.monitor)
        self.package = package
        self.ref = client.monitor.register_package(request).wait(20)
        made = super().register(f"pulumi:providers:{package}", "explicit", config, package_ref=self.ref)
        self.provider = f"{made.urn}::{made.id}"

    def make(
        self, kind: str, name: str, inputs: Mapping[str, Any] | None = None, **options: Any
    ) -> Registered:
        """A resource of class *kind*."""
        token = f"{self.package}:index/{kind[:1].lower()}{kind[1:]}:{kind}"
        return self.register(token, name, inputs, **{"provider": self.provider, **options})

    def look(self, kind: str, name: str, id_: str) -> Registered:
        """A resource that exists, by its id."""
        token = f"{self.package}:index/{kind[:1].lower()}{kind[1:]}:{kind}"
        request = ReadRequest(type=token, name=name, id=id_, provider=self.provider, package_ref=self.ref)
        return self.monitor.read(request).wait(self.patience)

    def is_there(self, kind: str, id_: str) -> bool | None:
        """Whether a resource exists, by its id."""
        token = f"{self.package}:index/{kind[:1].lower()}{kind[1:]}:{kind}"
        return self.exists(id_, type=token, provider=self.provider, package_ref=self.ref)

    def call(self, function: str, args: Mapping[str, Any] | None = None, **fields: Any) -> Any:
        """What a function answers."""
        token = f"{self.package}:index/{function}:{function}"
        return self.invoke(token, args, **{"provider": self.provider, **fields})


class TerraformBench(Bench):
    """One stack, whose programs use the provider *package* of `tfproviders`."""

    patience = 300.0

    def __init__(
        self, package: str, folder: Path, config: Configuration, *, environ: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self.package = package
        path: Path = getattr(tfproviders, package)()
        root, (host, namespace, _, version) = path.parents[5], path.parts[-6:-2]
        folder.mkdir(parents=True, exist_ok=True)
        cli_config = folder / "terraform.rc"
        cli_config.write_text(
            f"provider_installation {{\n filesystem_mirror {{\n path = {json.dumps(str(root))}\n }}\n}}\n"
        )
        self.environ = {
            **os.environ,
            "STACKWRIGHT_HOME": str(folder / "home"),
            "TF_CLI_CONFIG_FILE": str(cli_config),
            **(environ or {}),
        }
        self._folder = folder
        self._provider_config = dict(config)
        address = f"{host}/{namespace}/{package}"
        self.request = PackageRequest(
            name="terraform-provider",
            version="1.0.0",
            parameterization=Parameterization(
                name=package,
                version=version,
                value=json.dumps({"remote": {"url": address, "version": version}}).encode(),
            ),
        )

    def configure(self, **settings: Any) -> None:
        """Have programs made from now on configure the provider so, beside what it is given already."""
        self._provider_config = {**self._provider_config, **settings}

    def run(self, program: Any = None, **options: Any) -> Run:
        said: list[Any] = []
        self.host = DefaultProviderHost(  # type: ignore[assignment]
            directory=self._folder, log=said.append, environ=self.environ
        )
        ran = super().run(program, **options)
        ran.events.extend(said)
        return ran

    def program(self, body: Callable[[TerraformClient], object]) -> Callable[[Client], object]:
        """A program of *body*, with the provider configured."""

        def work(client: Client) -> None:
            client.stack()
            body(TerraformClient(client, self.package, self.request, self._provider_config))

        return work

    def raw(self, name: str) -> dict[str, Any]:
        """The recorded state of *name*, in Terraform's terms."""
        stored = parse_stored(reveal(self.record(name).outputs["__terraform"]))
        raw: dict[str, Any] = json.loads(bytes(stored.state))
        return raw
