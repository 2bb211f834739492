"""`policy`: beginning a policy pack, and asking packs about what is recorded (cli.md §13)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackwright.cli._app import BailError, Command, Group
from stackwright.cli._policy_packs import policy_packs
from stackwright.cli._session import Session
from stackwright.errors import UserError

if TYPE_CHECKING:
    from stackwright.engine import Event, Target
    from stackwright.state import ResourceState


@click.group(cls=Group, name="policy")
def policy() -> None:
    """Begin policy packs, and ask them."""


@policy.command(cls=Command, name="new")
@click.argument("template", required=False)
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Where; by default, here.")
@click.option("-f", "--force", is_flag=True, help="Write into a directory that is not empty.")
@click.option("-g", "--generate-only", is_flag=True, help="Do not install what the pack needs.")
def policy_new(template: str | None, directory: Path | None, force: bool, generate_only: bool) -> None:
    """Write a policy pack of one policy, and make its virtual environment."""
    if template not in (None, "python"):
        raise UserError(f"there is no template '{template}' for policy packs", hint="There is: python")
    from stackwright.policy import write_pack
    from stackwright.project import load_policy_pack
    from stackwright.project._problems import shown_path
    from stackwright.project.python import install_dependencies

    manifest = write_pack(directory or Path.cwd(), force=force)
    click.echo("Created Policy Pack!")
    if not generate_only:
        install_dependencies(load_policy_pack(manifest).project, output=click.echo)
    place = shown_path(manifest.parent)
    click.echo("\nYour new Policy Pack is ready to go!\n")
    if generate_only:
        click.echo(f"Install what it needs:\n\n  cd {place} && stackwright install\n")
    click.echo(f"Have it look at an update of a stack:\n\n  stackwright preview --policy-pack {place}")


@policy.command(cls=Command, name="analyze")
@click.option("-s", "--stack", "stack_name", help="The stack to look at, instead of the selected one.")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Look at an exported state instead.")
@click.option("--policy-pack", multiple=True, metavar="DIR", help="Ask this policy pack.")
@click.option("--policy-pack-config", multiple=True, metavar="FILE", help="How its policies are set.")
@click.option("--diff", is_flag=True, help="Tell what remediations would change in which resource.")
@click.option("-j", "--json", "as_json", is_flag=True, help="Print events as JSON.")
def policy_analyze(
    stack_name: str | None,
    path: Path | None,
    policy_pack: tuple[str, ...],
    policy_pack_config: tuple[str, ...],
    diff: bool,
    as_json: bool,
) -> None:
    """Ask policy packs about a stack as it is recorded, without running its program."""
    if stack_name and path:
        raise UserError("--stack and --file cannot be used together")
    if diff and as_json:
        raise UserError("--diff and --json cannot be used together")
    packs = policy_packs(policy_pack, policy_pack_config)
    if packs is None:
        raise UserError("at least one policy pack has to be named with --policy-pack")
    from stackwright.display import DisplaySettings, EventLog, Paint, PolicyReports
    from stackwright.policy import review_recorded

    states, target = _exported(path) if path is not None else _recorded(stack_name)
    reports, log = PolicyReports(), EventLog(sys.stdout)

    def report(event: Event) -> None:
        if as_json:
            log(event)
        else:
            reports.take_in(event)

    allowed = review_recorded(states, packs, target, report=report)
    if not as_json:
        settings = DisplaySettings(stack=target.stack, kind="update", show_policy_remediations=diff)
        paint = Paint(colour=Session.current().flags.colours)
        click.echo("\n".join(reports.lines(settings, paint)))
    if not allowed:
        click.echo("error: one or more mandatory policy violations were found", err=True)
        raise BailError


class _NoKey:
    """Reads every secret as the words that stand for one; encrypts nothing, for nothing is written."""

    def encrypt(self, plaintext: str) -> str:
        return plaintext

    def decrypt(self, ciphertext: str) -> str:
        del ciphertext
        return '"[secret]"'

    def decrypt_many(self, ciphertexts: Sequence[str]) -> Iterable[str]:
        return map(self.decrypt, ciphertexts)


def _recorded(stack_name: str | None) -> tuple[list[ResourceState], Target]:
    stack = Session.current().stack(stack_name)
    snapshot = stack.store.snapshot(stack.name, crypter=stack.crypter)
    return list(snapshot.resources), stack.target(stack.effective_config(validate=False))


def _exported(path: Path) -> tuple[list[ResourceState], Target]:
    from stackwright.engine import Target
    from stackwright.state import read_deployment
    from stackwright.urn import split_urn

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    found = read_deployment(data, place=str(path))
    if found.has_sealed_secrets:
        click.echo(f"warning: the secrets in {path} cannot be decrypted: policies see [secret]", err=True)
    states = list(found.snapshot(crypter=_NoKey()).resources)
    place = split_urn(states[0].urn) if states else None
    return states, Target(
        project=place.project if place else "project", stack=place.stack if place else "stack"
    )
