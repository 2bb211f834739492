"""
The program's `__main__`: what it is while the program runs, and what it is in its worker processes.

Python starts a worker process anew where the start method is `spawn` or `forkserver`, and looks
there for the functions and classes of the program's main file. It runs that file for it, but
never a `__main__.py` of a directory, which is what programs are: a pool would wait for ever.
Here the worker gets a main module that runs the file when something is looked up in it, and only
then. Statements that need what only the program itself has (resources, other processes) are
passed over there, and whoever uses what they would have made is told so.

What a worker knows of the deployment is left to whoever runs the program. Programs under another
SDK have this file loaded by its path: it imports nothing of ours by itself.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import importlib
import importlib.util
import operator
import os
import runpy
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

_MAIN = "__main__"
_IN_WORKERS = "__mp_main__"
"""What Python calls the program's main module in its workers."""
_NAME = "stackwright program"
"""What workers import as their main module."""
_PREPARING = "<stackwright worker>"


class Told(dict[str, Any]):
    """
    What workers are told: `path`, the program; `enter`, a module or file whose function of that name
    takes `deployment` before anything of the program is looked up.

    Read in a worker, it becomes the globals of this file run there.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return runpy.run_path, (__file__, {"told": dict(self)}, _PREPARING)


class _NameForWorkers(str):
    """
    `__main__`, the name of the program's module, which Python passes on to each worker.

    What arrives there is another name, of a module that is made ready while it is read.
    """

    __slots__ = ("told",)
    told: Told

    @classmethod
    def of(cls, told: Told) -> _NameForWorkers:
        """The name that passes on what is *told*."""
        name = cls(_MAIN)
        name.told = told
        return name

    def __reduce__(self) -> tuple[Any, ...]:
        return operator.getitem, (self.told, "name")

    def __copy__(self) -> str:  # a copy is made in this process, and is no worker's
        return _MAIN

    def __deepcopy__(self, memo: object) -> str:
        return _MAIN


# In the program's process -------------------------------------------------------------------------

_running: list[ModuleType] = []
"""The main modules of the programs that run now; they may run beside each other in threads."""
_before: dict[str, ModuleType | None] = {}


class ProgramMain:
    """
    The program *path* (a directory, an archive or a file) as this process's `__main__`.

    It is that from when it runs until `end`, so that callbacks find it as well. *enter* and
    *deployment* are for its workers, see `Told`.
    """

    def __init__(self, path: Path, *, enter: str = "", deployment: Mapping[str, Any] | None = None) -> None:
        self._path = path
        self._told = Told(path=str(path.absolute()), enter=enter, deployment=dict(deployment or {}))
        self._module: ModuleType | None = None
        self._place = ""
        self._finders: Callable[[str], FileFinder] | None = None

    def run(self) -> None:
        """Run the program's file; its own modules can be imported from now on."""
        self._finders = _mind_young_files(self._path)
        spec, code, self._place = _found(self._path)
        module = importlib.util.module_from_spec(spec)
        spec.name = _NameForWorkers.of(self._told)
        sys.path.insert(0, self._place)
        if not _running:
            _before.update({each: sys.modules.get(each) for each in (_MAIN, _IN_WORKERS)})
        self._module = module
        _running.append(module)
        _show(module)
        exec(code, vars(module))  # noqa: S102 - it is the user's program

    def end(self) -> None:
        """Have the process look as before. Idempotent."""
        module, self._module = self._module, None
        if module is not None:
            _running.remove(module)
            _show(_running[-1] if _running else None)
            with contextlib.suppress(ValueError):
                sys.path.remove(self._place)
        finders, self._finders = self._finders, None
        if finders is not None:
            sys.path_hooks.remove(finders)
            _forget_finders(_folder(self._path))


def _show(module: ModuleType | None) -> None:
    """Have *module* be the process's main module; None: what that was before any program ran."""
    for name in (_MAIN, _IN_WORKERS):
        shown = module if module is not None else _before[name]
        if shown is not None:
            sys.modules[name] = shown
        else:
            sys.modules.pop(name, None)


def _found(path: Path) -> tuple[ModuleSpec, CodeType, str]:
    """The program at *path*, its code, and where its own modules are imported from."""
    spec = PathFinder.find_spec(_MAIN, [str(path.absolute())])
    loader: Any
    if spec is not None:
        loader = spec.loader
        return spec, loader.get_code(_MAIN), str(path.absolute())
    if path.suffix == ".pyc":
        loader = SourcelessFileLoader(_MAIN, str(path))
        code = loader.get_code(_MAIN)
    else:
        loader = SourceFileLoader(_MAIN, str(path))
        code = loader.source_to_code(loader.get_data(str(path)), str(path))  # not kept, as of any script
    spec = importlib.util.spec_from_file_location(_MAIN, str(path), loader=loader)
    assert spec is not None
    return spec, code, str(path.absolute().parent)


# Files that have only just been written -----------------------------------------------------------

_YOUNG = 2.0
"""Seconds; some file systems tell times no finer."""


class _CautiousLoader(SourceFileLoader):
    """
    Neither reads nor keeps bytecode of a young file.

    To Python, bytecode is that of a file if the second of its last change and its size are the same.
    Who changes one digit and deploys again within a second would deploy what was there before.
    """

    def path_stats(self, path: Any) -> Mapping[str, Any]:
        found = super().path_stats(path)
        if time.time() - found["mtime"] < _YOUNG:
            raise OSError(f"{path} is too young for bytecode")  # which is how loaders say that they keep none
        return found


def _mind_young_files(program: Path) -> Callable[[str], FileFinder]:
    """Have modules beside *program* and below loaded cautiously; the answer is in `sys.path_hooks` now."""
    folder = _folder(program)

    def finders(place: str) -> FileFinder:
        if not _is_below(place, folder) or not os.path.isdir(place):  # noqa: PTH112 # asked for each place
            raise ImportError(path=place)
        return FileFinder(
            place,
            (ExtensionFileLoader, EXTENSION_SUFFIXES),
            (_CautiousLoader, SOURCE_SUFFIXES),
            (SourcelessFileLoader, BYTECODE_SUFFIXES),
        )

    sys.path_hooks.insert(0, finders)
    _forget_finders(folder)
    return finders


def _forget_finders(folder: str) -> None:
    """Have Python look anew for who finds modules in *folder* and below."""
    for place in [each for each in sys.path_importer_cache if _is_below(each, folder)]:
        sys.path_importer_cache.pop(place, None)


def _folder(program: Path) -> str:
    return str((program if program.is_dir() else program.parent).absolute())


def _is_below(place: str, folder: str) -> bool:
    return place == folder or place.startswith(folder.rstrip(os.sep) + os.sep)


# In a worker --------------------------------------------------------------------------------------


class _MainOfWorker:
    """Finds and loads the main module of this worker, and runs the program's file in it when needed."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = Told(told)
        self._has_run = False
        self._file = told["path"]

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        del path, target
        loader: Any = self
        return ModuleSpec(_NAME, loader, origin=self._file) if fullname == _NAME else None

    def get_code(self, fullname: str) -> CodeType:
        """The code of the main module as Python runs it when the worker starts."""
        del fullname
        return compile("__loader__.begin(globals())", _PREPARING, "exec")

    def begin(self, variables: dict[str, Any]) -> None:
        """Make the main module: everything that it will have, except for what the program's file makes."""
        sys.meta_path.remove(self)
        entered = self._told["enter"]
        if entered.endswith(".py"):
            runpy.run_path(entered)["enter"](self._told["deployment"])
        elif entered:
            importlib.import_module(entered).enter(self._told["deployment"])
        _mind_young_files(Path(self._told["path"]))
        spec = _found(Path(self._told["path"]))[0]
        self._file = spec.origin or self._told["path"]
        spec.name = _NameForWorkers.of(self._told)  # for the workers of this worker
        variables.update(
            __spec__=spec, __loader__=spec.loader, __file__=self._file, __getattr__=self._looked_up
        )

    def _looked_up(self, name: str) -> Any:
        """A name that the main module does not have (yet)."""
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        variables = vars(sys.modules[_IN_WORKERS])
        if not self._has_run:
            self._has_run = True
            self._run(variables)
        if name not in variables:
            variables[name] = _absent(
                name,
                f"{self._file} has no `{name}` in a worker process, where `__name__` is not `__main__`. "
                "Define what workers run at the top level of a file, by its own statement",
            )
        return variables[name]

    def _run(self, variables: dict[str, Any]) -> None:
        """Run the program's file, statement by statement, and leave out those that fail."""
        loader = variables["__loader__"]
        source = loader.get_source(_MAIN)
        if source is None:
            statements: list[tuple[ast.stmt | None, CodeType]] = [(None, loader.get_code(_MAIN))]
        else:
            statements = _statements(source, self._file)
        with _without_processes():
            for node, code in statements:
                try:
                    exec(code, variables)  # noqa: S102 - it is the user's program
                except SystemExit:
                    break
                except Exception as error:  # noqa: BLE001 - told to whoever needs what is missing
                    for name, why in _left_out(node, error, self._file):
                        variables.setdefault(name, _absent(name, why))


def _statements(source: str, file: str) -> list[tuple[ast.stmt | None, CodeType]]:
    """The statements of the text of a module, each with its code."""
    tree = ast.parse(source, file)
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return [
        (
            node,
            compile(ast.Module(body=[node], type_ignores=[]), file, "exec", flags=flags, dont_inherit=True),
        )
        for node in tree.body
    ]


def _left_out(node: ast.stmt | None, error: Exception, file: str) -> Iterator[tuple[str, str]]:
    """The names that a statement would have made, and for each why it is not there."""
    if node is None:
        return
    for name in sorted(_names(node)):
        yield (
            name,
            (
                f"`{name}` is not there in this worker process: line {node.lineno} of {file} makes it, and "
                f"ended with {type(error).__name__}: {error}. Give the worker what it needs as "
                "arguments, or keep what workers run in a module of its own"
            ),
        )


def _names(node: ast.stmt) -> set[str]:
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
        elif isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(each.name)
        elif isinstance(each, ast.alias):
            found.add(each.asname or each.name.partition(".")[0])
    return found - {"*"}


class _Absent(type):
    """What stands for something that is not there: may be carried around, and says so when it is used."""

    why: str

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(cls.why)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise RuntimeError(cls.why)


def _absent(name: str, why: str) -> type:
    def used(self: Any, attribute: str) -> Any:
        del self
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise RuntimeError(why)

    return _Absent(name, (), {"__getattr__": used, "why": why})


@contextmanager
def _without_processes() -> Iterator[None]:
    """Refuse worker processes meanwhile: the program's file would start them again, and those others."""
    from multiprocessing import current_process

    process = current_process()
    before = process.daemon
    process.daemon = True
    try:
        yield
    finally:
        process.daemon = before


if __name__ == _PREPARING:
    name = _NAME
    sys.meta_path.insert(0, _MainOfWorker(globals()["told"]))
