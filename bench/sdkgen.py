"""
What a generated SDK costs: `python -m bench.sdkgen PROVIDER [--package NAME]`.

PROVIDER is the executable of a Terraform provider. Prints, for a package of all that it
has: the time of mapping its schema and of writing the package, the memory at its highest,
the size, and what importing the package and one resource costs with bytecode at hand. Each
step runs in a process of its own. For AWS, where pyright is installed, also what it takes in
an editor (`bench.editor`).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import stackwright
from bench import editor

SOURCE = Path(stackwright.__file__).parents[1]

_GENERATE = """
import asyncio, json, os, resource, sys, time
from pathlib import Path
from stackwright.packages import generate
from stackwright.providers.terraform import PackageInfo, PluginPool, ProviderClient, ProviderProgram
from stackwright.providers.terraform import SchemaCache, package_schema

async def schema():
    path = Path(sys.argv[1])
    program = ProviderProgram(name=path.name, path=path, environ=dict(os.environ))
    pool = PluginPool(program, cache=SchemaCache(Path(sys.argv[3])))
    client = ProviderClient(pool)
    try:
        return await client.schema()
    finally:
        await client.close()
        await pool.close()

found = asyncio.run(schema())
marks = [(time.perf_counter(), time.process_time())]
document = package_schema(found, PackageInfo(name=sys.argv[2], version="1.0.0"))
marks.append((time.perf_counter(), time.process_time()))
made = generate(document, Path(sys.argv[4]))
marks.append((time.perf_counter(), time.process_time()))
resources = len(found.resources)
print(json.dumps({
    "resources": resources,
    "module": made.module,
    "files": made.files,
    "bytes": made.bytes,
    "mapping": [b - a for a, b in zip(marks[0], marks[1])],
    "writing": [b - a for a, b in zip(marks[1], marks[2])],
    "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
"""

_IMPORT = """
import sys, time
from stackwright.sdk import _import_aliases
_import_aliases.install()
import pulumi, pulumi.runtime
pulumi.ResourceOptions, pulumi.CustomResource
import importlib
start = time.process_time()
package = importlib.import_module(sys.argv[1])
root = time.process_time() - start
start = time.process_time()
found = package
for name in sys.argv[2].split("."):
    found = getattr(found, name)
print(root * 1000, (time.process_time() - start) * 1000)
"""


def main() -> None:
    """Measure, and print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        command = [str(arguments.provider), arguments.package, str(folder / "cache"), str(folder / "sdk")]
        for _ in range(2):  # the first one asks the provider for its schema and keeps it
            facts = json.loads(_run(_GENERATE, command))
        sys.stdout.write(f"{facts['resources']} resources, {facts['files']} files, ")
        sys.stdout.write(f"{facts['bytes'] / 1e6:.1f} MB as {facts['module']}\n")
        for step in ("mapping", "writing"):
            wall, cpu = facts[step]
            sys.stdout.write(f"{step:10} {wall:6.2f} s, {cpu:.2f} s of CPU\n")
        sys.stdout.write(f"{'memory':10} {facts['memory'] / 1e6:6.0f} MB\n")
        for name in arguments.names:
            found = [_run(_IMPORT, [facts["module"], name], folder / "sdk").split() for _ in range(6)]
            root, touch = (min(float(each[at]) for each in found[1:]) for at in (0, 1))
            sys.stdout.write(f"import     {root:6.1f} ms of CPU the package, {touch:.1f} ms {name}\n")
        if arguments.package == "aws" and importlib.util.find_spec("pyright") is not None:
            _edit(folder)


def _edit(folder: Path) -> None:
    place = folder / "editor"
    place.mkdir()
    found = editor.measured(folder / "sdk", place)
    sys.stdout.write(f"editor     {found.first:6.2f} s for the first help, {found.help * 1000:.0f} ms then, ")
    sys.stdout.write(f"{found.completion * 1000:.0f} ms for names to complete\n")
    sys.stdout.write(f"pyright    {found.check:6.2f} s, {found.check_cpu:.2f} s of CPU\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.sdkgen", description=__doc__)
    parser.add_argument("provider", type=Path, help="the executable of a Terraform provider")
    parser.add_argument("--package", default="aws", help="what tokens begin with (default: aws)")
    parser.add_argument("--names", nargs="*", default=["ssm.Parameter", "ec2.Instance", "wafv2.WebAcl"])
    return parser.parse_args()


def _run(code: str, arguments: list[str], *places: Path) -> str:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ["PYTHONPATH"] = ":".join(str(each) for each in (SOURCE, *places))
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


if __name__ == "__main__":
    main()
