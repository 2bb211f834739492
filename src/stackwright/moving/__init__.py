"""
Moving in: what exists already becomes part of a stack, untouched, and of a program.

Decides what of a Terraform state is brought in, what it is called, what is recorded of it,
what an import file says, and how the program reads that declares what was brought in. Leaves
to others how providers are spoken to (`providers`), how resources are looked up and recorded
by command (`engine`), how packages are had (`packages`) and who is asked (`cli`). May import
`packages` and all that is below it. Facts: terraform.md §11, cli.md §4.8, state.md §13.4.
"""

from stackwright.moving._adoption import (
    Adoption,
    MovedResource,
    Opener,
    ProviderUse,
    Skipped,
    adopt,
    provider_uses,
)
from stackwright.moving._declarations import UsedPackage, configured_text
from stackwright.moving._import_file import (
    PLACEHOLDER,
    Entry,
    Goal,
    ImportFile,
    ImportFileError,
    import_goals,
    one_entry,
    read_import_file,
)
from stackwright.moving._imported import Imported, ImportedProgram, write_imported
from stackwright.moving._program import Program, provider_key, write_program
from stackwright.moving._records import Origin, changed_outputs, with_moved
from stackwright.moving._settings import (
    default_settings,
    explicit_settings,
    package_extension,
    package_request,
)
from stackwright.moving._standing import Standing
from stackwright.moving._terraform_state import TerraformState, TerraformStateError, find_state, read_state
from stackwright.moving._wanted import Wanted

__all__ = [
    "PLACEHOLDER",
    "Adoption",
    "Entry",
    "Goal",
    "ImportFile",
    "ImportFileError",
    "Imported",
    "ImportedProgram",
    "MovedResource",
    "Opener",
    "Origin",
    "Program",
    "ProviderUse",
    "Skipped",
    "Standing",
    "TerraformState",
    "TerraformStateError",
    "UsedPackage",
    "Wanted",
    "adopt",
    "changed_outputs",
    "configured_text",
    "default_settings",
    "explicit_settings",
    "find_state",
    "import_goals",
    "one_entry",
    "package_extension",
    "package_request",
    "provider_key",
    "provider_uses",
    "read_import_file",
    "read_state",
    "with_moved",
    "write_imported",
    "write_program",
]
