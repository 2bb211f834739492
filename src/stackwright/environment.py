"""
Settings from the environment, and where files live.

Every setting is read as `STACKWRIGHT_<NAME>` first and as `PULUMI_<NAME>`
second, so that an environment made for the compatible tool works unchanged and
ours wins where both are set (spec: state.md §14). The table below is the only
place that knows a variable's name, type and meaning; rooms import the setting
they obey and ask for its `value()`. Nothing is read at import time.

Directories:

* `home()` is ours: what Stackwright writes for a user (stores, keys,
  credentials, selections, plugins). It is `STACKWRIGHT_HOME`; else, where
  `PULUMI_HOME` relocates the compatible tool, the folder `stackwright` inside
  it; else the user data directory of the platform.
* `pulumi_home()` is the compatible tool's (`PULUMI_HOME`, else `~/.pulumi`).
  It is read (plugins above all) and never written to, except for our own folder
  `stackwright` in it. The same rule covers `CREDENTIALS_PATH`: a directory
  named by a `PULUMI_` variable holds files of another tool, so ours go into a
  folder of our own inside. Neither tool can damage the other's files.

May import `stackwright.errors` only.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

import msgspec

from stackwright.errors import StackwrightError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

T = TypeVar("T")
E = TypeVar("E", bound=StackwrightError)

PREFIXES: Final = ("STACKWRIGHT_", "PULUMI_")
"""Prefixes of a setting's variable, in order of precedence."""

Kind = Literal["yes/no", "number", "text", "path", "list"]


class SettingError(UserError):
    """A variable of the environment holds something that its setting cannot mean."""

    code = "bad-setting"


class Setting(msgspec.Struct, Generic[T], frozen=True, kw_only=True, eq=False):
    """
    One setting: its name without prefix, its type, its default and what it does.

    A variable that is set to the empty string counts as not set, except where
    `empty_counts` says that the empty text is a value of its own.
    """

    name: str
    kind: Kind
    default: T
    meaning: str
    group: str
    parse: Callable[[str], T]
    also: tuple[str, ...] = ()
    prefixed: bool = True
    empty_counts: bool = False
    secret: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        """The names looked up, in order; the first that is set decides."""
        if not self.prefixed:
            return (self.name, *self.also)
        return tuple(prefix + name for name in (self.name, *self.also) for prefix in PREFIXES)

    def source(self, environ: Mapping[str, str] | None = None) -> str | None:
        """The variable that decides this setting, or None when none is set."""
        variables: Mapping[str, str] = os.environ if environ is None else environ
        for name in self.variables:
            text = variables.get(name)
            if text is not None and (text or self.empty_counts):
                return name
        return None

    def is_set(self, environ: Mapping[str, str] | None = None) -> bool:
        """Whether any of the variables is set."""
        return self.source(environ) is not None

    def value(self, environ: Mapping[str, str] | None = None) -> T:
        """
        The setting's value, or its default.

        Raises:
            SettingError: The deciding variable cannot be read as this kind of
                value. The message names the variable; a secret's text is left out.
        """
        name = self.source(environ)
        if name is None:
            return self.default
        text = (os.environ if environ is None else environ)[name]
        try:
            return self.parse(text)
        except ValueError as problem:
            shown = "its value" if self.secret else f"`{text}`"
            raise SettingError(
                f"The environment variable {name} cannot be used: {shown} is not {problem}",
                hint=f"{self.meaning}. Change or unset {name}",
            ) from None


def parse_flag(text: str) -> bool:
    """Whether *text* says yes; anything but `1` and `true` (in any case) says no (spec: state.md §14)."""
    return text == "1" or text.lower() == "true"


def parse_number(text: str) -> int:
    """
    A whole number.

    Raises:
        ValueError: With words that complete "is not …".
    """
    try:
        return int(text.strip())
    except ValueError:
        raise ValueError("a whole number") from None


def parse_list(text: str) -> tuple[str, ...]:
    """The comma-separated entries of *text*, trimmed, without empty ones."""
    return tuple(entry for part in text.split(",") if (entry := part.strip()))


def _parse_path(text: str) -> Path:
    from pathlib import Path

    return Path(text).expanduser()


_TABLE: dict[str, Setting[Any]] = {}


def _add(setting: Setting[T]) -> Setting[T]:
    _TABLE[setting.name] = setting
    return setting


def _flag(
    group: str, name: str, meaning: str, *, default: bool = False, also: tuple[str, ...] = ()
) -> Setting[bool]:
    return _add(
        Setting(
            name=name,
            kind="yes/no",
            default=default,
            meaning=meaning,
            group=group,
            parse=parse_flag,
            also=also,
        )
    )


def _number(group: str, name: str, meaning: str) -> Setting[int | None]:
    return _add(
        Setting(name=name, kind="number", default=None, meaning=meaning, group=group, parse=parse_number)
    )


def _text(
    group: str,
    name: str,
    meaning: str,
    *,
    prefixed: bool = True,
    secret: bool = False,
    empty_counts: bool = False,
) -> Setting[str | None]:
    return _add(
        Setting(
            name=name,
            kind="text",
            default=None,
            meaning=meaning,
            group=group,
            parse=str,
            prefixed=prefixed,
            secret=secret,
            empty_counts=empty_counts,
        )
    )


def _path(group: str, name: str, meaning: str) -> Setting[Path | None]:
    return _add(
        Setting(name=name, kind="path", default=None, meaning=meaning, group=group, parse=_parse_path)
    )


def _list(group: str, name: str, meaning: str) -> Setting[tuple[str, ...]]:
    return _add(Setting(name=name, kind="list", default=(), meaning=meaning, group=group, parse=parse_list))


_FILES = "Files and stores"
HOME = _path(_FILES, "HOME", "Directory for everything Stackwright keeps for this user")
CREDENTIALS_PATH = _path(_FILES, "CREDENTIALS_PATH", "Directory that holds `credentials.json`")
BACKEND_URL = _text(_FILES, "BACKEND_URL", "Where state is stored; wins over the project file and `login`")
STACK = _text(_FILES, "STACK", "The selected stack; wins over `stack select`")
DISABLE_VALIDATION = _flag(_FILES, "DISABLE_VALIDATION", "Accept any stack name")
SKIP_CHECKPOINTS = _flag(_FILES, "SKIP_CHECKPOINTS", "Write state once, at the end of an operation")
DIY_LEGACY_LAYOUT = _flag(
    _FILES,
    "DIY_BACKEND_LEGACY_LAYOUT",
    "Keep the object-store layout without projects",
    also=("SELF_MANAGED_STATE_LEGACY_LAYOUT",),
)
DIY_NO_LEGACY_WARNING = _flag(
    _FILES,
    "DIY_BACKEND_NO_LEGACY_WARNING",
    "Do not warn about stacks in the old object-store layout",
    also=("SELF_MANAGED_STATE_NO_LEGACY_WARNING",),
)
DIY_IGNORE_DEPRECATION_ERROR = _flag(
    _FILES, "DIY_BACKEND_IGNORE_DEPRECATION_ERROR", "Open object stores in the old layout"
)
DIY_GZIP = _flag(
    _FILES, "DIY_BACKEND_GZIP", "Compress object-store files with gzip", also=("SELF_MANAGED_STATE_GZIP",)
)
DIY_ZSTD = _flag(
    _FILES, "DIY_BACKEND_ZSTD", "Compress object-store files with zstd", also=("SELF_MANAGED_STATE_ZSTD",)
)
DIY_RETAIN_CHECKPOINTS = _flag(
    _FILES,
    "DIY_BACKEND_RETAIN_CHECKPOINTS",
    "Keep a copy of every state file written to an object store",
    also=("RETAIN_CHECKPOINTS",),
)
DIY_DISABLE_CHECKPOINT_BACKUPS = _flag(
    _FILES,
    "DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS",
    "Write no backups to an object store",
    also=("DISABLE_CHECKPOINT_BACKUPS",),
)
DIY_PARALLEL = _number(_FILES, "DIY_BACKEND_PARALLEL", "How many files of an object store are read at once")

_SECRETS = "Secrets"
CONFIG_PASSPHRASE = _text(
    _SECRETS,
    "CONFIG_PASSPHRASE",
    "Passphrase that protects secrets; the empty text is a passphrase too",
    secret=True,
    empty_counts=True,
)
CONFIG_PASSPHRASE_FILE = _path(_SECRETS, "CONFIG_PASSPHRASE_FILE", "File that holds the passphrase")
CLOUD_SECRET_OVERRIDE = _text(
    _SECRETS, "CLOUD_SECRET_OVERRIDE", "Key service URL used in place of the recorded one"
)
FALLBACK_TO_STATE_SECRETS_MANAGER = _flag(
    _SECRETS, "FALLBACK_TO_STATE_SECRETS_MANAGER", "Use the secrets provider recorded in the state"
)
DISABLE_SECRET_CACHE = _flag(_SECRETS, "DISABLE_SECRET_CACHE", "Encrypt every secret anew at each write")
TRUST_PICKLED_PROVIDERS = _flag(
    _SECRETS,
    "TRUST_PICKLED_PROVIDERS",
    "Load pickled dynamic providers from the state that the stack's key has not signed",
)

_COMMAND = "Commands"
SKIP_UPDATE_CHECK = _flag(_COMMAND, "SKIP_UPDATE_CHECK", "Do not look for a newer version")
SKIP_CONFIRMATIONS = _flag(_COMMAND, "SKIP_CONFIRMATIONS", "Answer yes to confirmations, as `--yes` does")
EXPERIMENTAL = _flag(_COMMAND, "EXPERIMENTAL", "Show experimental commands and flags")
DEBUG_COMMANDS = _flag(_COMMAND, "DEBUG_COMMANDS", "Show commands and flags for developers")
DEV = _flag(_COMMAND, "DEV", "Behave as developers of Stackwright need it")
ENABLE_STREAMING_JSON_PREVIEW = _flag(
    _COMMAND, "ENABLE_STREAMING_JSON_PREVIEW", "Let `preview --json` print events as they happen"
)
DISABLE_CI_DETECTION = _text(
    _COMMAND, "DISABLE_CI_DETECTION", "Any text: never take this session for a CI job"
)
CI_SYSTEM = _text(_COMMAND, "CI_SYSTEM", "Name of the CI system; also says that this is one")
CI_BRANCH_NAME = _text(_COMMAND, "CI_BRANCH_NAME", "Branch that the CI job builds")
CI_BUILD_ID = _text(_COMMAND, "CI_BUILD_ID", "Identity of the CI job")
CI_BUILD_NUMBER = _text(_COMMAND, "CI_BUILD_NUMBER", "Number of the CI job")
CI_BUILD_TYPE = _text(_COMMAND, "CI_BUILD_TYPE", "Kind of CI job")
CI_BUILD_URL = _text(_COMMAND, "CI_BUILD_URL", "Address of the CI job")
CI_PULL_REQUEST_SHA = _text(_COMMAND, "CI_PULL_REQUEST_SHA", "Commit of the pull request being built")
COMMIT_MESSAGE = _text(_COMMAND, "COMMIT_MESSAGE", "Commit message of the CI job")
PR_NUMBER = _text(_COMMAND, "PR_NUMBER", "Pull request of the CI job")
VCS_REPO_OWNER = _text(_COMMAND, "VCS_REPO_OWNER", "Owner of the repository, recorded with each update")
VCS_REPO_NAME = _text(_COMMAND, "VCS_REPO_NAME", "Name of the repository, recorded with each update")
VCS_REPO_KIND = _text(_COMMAND, "VCS_REPO_KIND", "Host of the repository, recorded with each update")
VCS_REPO_ROOT = _text(_COMMAND, "VCS_REPO_ROOT", "Where in the repository the project lies")
GIT_COMMIT_MESSAGE = _text(_COMMAND, "GIT_COMMIT_MESSAGE", "Message of an update made outside a repository")
GIT_HEAD = _text(_COMMAND, "GIT_HEAD", "Commit recorded for an update made outside a repository")
GIT_HEAD_NAME = _text(_COMMAND, "GIT_HEAD_NAME", "Branch recorded for an update made outside a repository")
GIT_COMMITTER = _text(_COMMAND, "GIT_COMMITTER", "Committer recorded outside a repository")
GIT_COMMITTER_EMAIL = _text(_COMMAND, "GIT_COMMITTER_EMAIL", "Their address")
GIT_AUTHOR = _text(_COMMAND, "GIT_AUTHOR", "Author recorded outside a repository")
GIT_AUTHOR_EMAIL = _text(_COMMAND, "GIT_AUTHOR_EMAIL", "Their address")
LOG_ROTATION_MAX_AGE_DAYS = _add(
    Setting(
        name="LOG_ROTATION_MAX_AGE_DAYS",
        kind="number",
        default=7,
        meaning="Days after which log files are removed",
        group=_COMMAND,
        parse=parse_number,
    )
)
LOG_ROTATION_MAX_TOTAL_MB = _add(
    Setting(
        name="LOG_ROTATION_MAX_TOTAL_MB",
        kind="number",
        default=500,
        meaning="Megabytes of log files that are kept",
        group=_COMMAND,
        parse=parse_number,
    )
)
AUTOMATION_API = _flag(_COMMAND, "AUTOMATION_API", "Set by automation clients around each command")
AUTOMATION_API_SKIP_VERSION_CHECK = _flag(
    _COMMAND, "AUTOMATION_API_SKIP_VERSION_CHECK", "Automation clients accept any version of the command"
)
NO_COLOR = _text(_COMMAND, "NO_COLOR", "Any text: no colours unless asked for", prefixed=False)
TERM = _text(_COMMAND, "TERM", "`dumb` means: no colours, no questions", prefixed=False)

_OPERATION = "Operations"
PARALLEL = _number(_OPERATION, "PARALLEL", "Default of `--parallel`: how many steps run at once")
PARALLEL_DIFF = _number(_OPERATION, "PARALLEL_DIFF", "How many differences are computed at once")
PARALLEL_ANALYZE = _number(_OPERATION, "PARALLEL_ANALYZE", "How many policies are evaluated at once")
POLICY_TIMEOUT = _add(
    Setting(
        name="POLICY_TIMEOUT",
        kind="number",
        default=600,
        meaning="Seconds that a policy pack has for each answer; 0: any number",
        group=_OPERATION,
        parse=parse_number,
    )
)
CONTINUE_ON_ERROR = _flag(_OPERATION, "CONTINUE_ON_ERROR", "Default of `--continue-on-error`")
RUN_PROGRAM = _flag(_OPERATION, "RUN_PROGRAM", "Default of `--run-program` for refresh and destroy")
ERROR_ON_DEPENDENCY_CYCLES = _flag(
    _OPERATION, "ERROR_ON_DEPENDENCY_CYCLES", "Fail when resources wait for each other", default=True
)
ENABLE_LEGACY_DIFF = _flag(_OPERATION, "ENABLE_LEGACY_DIFF", "Compare new inputs with old outputs")
ENABLE_LEGACY_REFRESH_DIFF = _flag(
    _OPERATION, "ENABLE_LEGACY_REFRESH_DIFF", "Show what a refresh changed by comparing outputs"
)
ENABLE_LEGACY_APPLY = _flag(_OPERATION, "ENABLE_LEGACY_APPLY", "Use inputs as outputs while previewing")
DISABLE_PROVIDER_PREVIEW = _flag(
    _OPERATION, "DISABLE_PROVIDER_PREVIEW", "Do not ask providers what a preview would give"
)
DISABLE_REFRESH_BEFORE_UPDATE = _flag(
    _OPERATION, "DISABLE_REFRESH_BEFORE_UPDATE", "Do not refresh objects whose provider asks for it first"
)
DISABLE_RESOURCE_REFERENCES = _flag(
    _OPERATION, "DISABLE_RESOURCE_REFERENCES", "Pass resources as their ids instead of references"
)
DISABLE_OUTPUT_VALUES = _flag(
    _OPERATION, "DISABLE_OUTPUT_VALUES", "Do not send dependencies inside of values"
)
ERROR_OUTPUT_STRING = _flag(
    _OPERATION, "ERROR_OUTPUT_STRING", "Raise when an output is turned into text without `apply`"
)

_PLUGINS = "Plugins"
IGNORE_AMBIENT_PLUGINS = _flag(_PLUGINS, "IGNORE_AMBIENT_PLUGINS", "Do not use plugins found on PATH")
DISABLE_AUTOMATIC_PLUGIN_ACQUISITION = _flag(
    _PLUGINS, "DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "Never install a missing plugin unasked"
)
ENABLE_LEGACY_PLUGIN_SEARCH = _flag(
    _PLUGINS, "ENABLE_LEGACY_PLUGIN_SEARCH", "Accept a newer plugin than the one asked for"
)
PLUGIN_DOWNLOAD_URL_OVERRIDES = _list(
    _PLUGINS,
    "PLUGIN_DOWNLOAD_URL_OVERRIDES",
    "`regexp=url` pairs that redirect downloads; the first match wins",
)
DISABLE_REGISTRY_RESOLVE = _flag(
    _PLUGINS, "DISABLE_REGISTRY_RESOLVE", "Look no package names up in a registry"
)
DEBUG_PROVIDERS = _list(_PLUGINS, "DEBUG_PROVIDERS", "`name:port` of providers that already run")
DEBUG_LANGUAGES = _list(_PLUGINS, "DEBUG_LANGUAGES", "`name:port` of language hosts that already run")
DEBUG_GRPC = _path(_PLUGINS, "DEBUG_GRPC", "File that receives all plugin traffic")
TF_PLUGIN_TLS = _flag(_PLUGINS, "TF_PLUGIN_TLS", "Speak mutual TLS with Terraform providers")
TF_ASK_ALWAYS = _flag(
    _PLUGINS, "TF_ASK_ALWAYS", "Ask Terraform providers even what they have answered before in the same words"
)
TF_DEBUG_GRPC = _path(_PLUGINS, "TF_DEBUG_GRPC", "File that receives all traffic with Terraform providers")
GITSSH_PASSPHRASE = _text(_PLUGINS, "GITSSH_PASSPHRASE", "Phrase of the SSH key for git sources", secret=True)
GITHUB_TOKEN = _text(_PLUGINS, "GITHUB_TOKEN", "Token for downloads from GitHub", prefixed=False, secret=True)
GITLAB_TOKEN = _text(_PLUGINS, "GITLAB_TOKEN", "Token for downloads from GitLab", prefixed=False, secret=True)

_PYTHON = "Python and templates"
PYTHON_CMD = _text(_PYTHON, "PYTHON_CMD", "Interpreter used where a project has no virtual environment")
TEMPLATE_PATH = _path(_PYTHON, "TEMPLATE_PATH", "Directory of project templates that `new` offers")

_PROGRAM = "What a program receives"
CONFIG = _text(_PROGRAM, "CONFIG", "JSON object of configuration keys and values", secret=True)
CONFIG_SECRET_KEYS = _text(_PROGRAM, "CONFIG_SECRET_KEYS", "JSON list of the keys whose values are secret")
TRACEPARENT = _text(
    _PROGRAM, "TRACEPARENT", "The span that the process belongs to, as W3C writes it", prefixed=False
)
OTEL_EXPORTER_OTLP_ENDPOINT = _text(
    _PROGRAM,
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "With TRACEPARENT: where spans are sent, by OTLP over gRPC, if the packages for it are installed",
)


def settings() -> tuple[Setting[Any], ...]:
    """Every setting that is honoured, in the order in which help shows them."""
    return tuple(_TABLE.values())


def option_default(flag: str, environ: Mapping[str, str] | None = None) -> str | None:
    """
    The text that `…_OPTION_<FLAG>` gives as the default of a command-line flag, or None.

    *flag* is written as on the command line, with or without dashes in front
    (spec: cli.md §1.2). How the text is read is the flag's own matter; a yes/no flag
    reads it with `option_flag`.
    """
    variables: Mapping[str, str] = os.environ if environ is None else environ
    name = flag.lstrip("-").replace("-", "_").upper()
    for prefix in PREFIXES:
        text = variables.get(f"{prefix}OPTION_{name}")
        if text:
            return text
    return None


def option_flag(text: str) -> bool | None:
    """What *text* says for a yes/no flag, or None for text that is ignored (spec: cli.md §1.2)."""
    return {"1": True, "true": True, "0": False, "false": False}.get(text.strip().lower())


def set_variables(environ: Mapping[str, str] | None = None) -> Iterator[tuple[Setting[Any], str]]:
    """Each setting that is set now, with the variable that decides it (`about` shows them)."""
    for setting in _TABLE.values():
        name = setting.source(environ)
        if name is not None and setting.prefixed:
            yield setting, name


def home(environ: Mapping[str, str] | None = None) -> Path:
    """Our own directory of this user, which may not exist yet; see the module's docstring."""
    return _own_directory(HOME, environ) or _data_directory()


@contextlib.contextmanager
def writing_home(kind: type[StackwrightError], message: str) -> Iterator[None]:
    """
    What goes wrong with the files in our directory is a *kind* that says *message* and what to do.

    The one place where such errors of the system are translated (style.md §7).
    """
    try:
        yield
    except OSError as problem:
        raise unwritable_home(kind, message, problem) from problem


def unwritable_home(kind: type[E], message: str, problem: OSError) -> E:
    """The error that `writing_home` raises."""
    full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
    remedy = "Make room on the disk" if full else "Make it writable"
    return kind(
        message,
        detail=problem.strerror or str(problem),
        hint=f"{remedy}, or set STACKWRIGHT_HOME to a directory you may write to",
    )


def pulumi_home(environ: Mapping[str, str] | None = None) -> Path:
    """The compatible tool's home, which may not exist: to be read, never written to."""
    from pathlib import Path

    variables: Mapping[str, str] = os.environ if environ is None else environ
    chosen = variables.get("PULUMI_HOME")
    return _parse_path(chosen) if chosen else Path.home() / ".pulumi"


def plugin_directories(environ: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Where plugins are looked for, in order. The first is ours: plugins are installed there."""
    return (home(environ) / "plugins", pulumi_home(environ) / "plugins")


def credentials_directory(environ: Mapping[str, str] | None = None) -> Path:
    """Where our `credentials.json` lies; see the module's docstring."""
    return _own_directory(CREDENTIALS_PATH, environ) or home(environ)


def _own_directory(setting: Setting[Path | None], environ: Mapping[str, str] | None) -> Path | None:
    directory = setting.value(environ)
    source = setting.source(environ)
    if directory is None or source is None:
        return None
    return directory / "stackwright" if source.startswith("PULUMI_") else directory


def _data_directory() -> Path:
    import platformdirs

    return platformdirs.user_data_path("stackwright", appauthor=False)


_CI_VARIABLES: Final = (
    # variable that gives the system away, its name
    ("APPVEYOR", "AppVeyor"),
    ("bamboo_buildKey", "Atlassian Bamboo"),
    ("BITBUCKET_COMMIT", "Bitbucket Pipelines"),
    ("BUDDY", "Buddy"),
    ("BUILDKITE", "Buildkite"),
    ("CIRCLECI", "CircleCI"),
    ("CIRRUS_CI", "Cirrus CI"),
    ("CODEBUILD_BUILD_ARN", "AWS CodeBuild"),
    ("CF_BUILD_URL", "Codefresh"),
    ("DRONE", "Drone"),
    ("GITHUB_ACTIONS", "GitHub Actions"),
    ("GITLAB_CI", "GitLab CI/CD"),
    ("GO_PIPELINE_LABEL", "GoCD"),
    ("HUDSON_URL", "Hudson"),
    ("JENKINS_URL", "Jenkins"),
    ("MAGNUM", "Magnum CI"),
    ("SEMAPHORE", "Semaphore CI"),
    ("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "Azure Pipelines"),
    ("TASKCLUSTER_ROOT_URL", "Taskcluster"),
    ("TEAMCITY_VERSION", "TeamCity"),
    ("TF_BUILD", "Azure Pipelines"),
    ("TRAVIS", "Travis CI"),
)


def ci_system(environ: Mapping[str, str] | None = None) -> str | None:
    """
    The CI system this process runs under, or None.

    A bare `CI` says nothing (spec: state.md §14). Such a session asks no questions.
    """
    variables: Mapping[str, str] = os.environ if environ is None else environ
    if DISABLE_CI_DETECTION.is_set(variables):
        return None
    named = CI_SYSTEM.value(variables)
    if named:
        return named
    return next((system for variable, system in _CI_VARIABLES if variables.get(variable)), None)
