from . import asset as asset
from . import config as config
from . import dynamic as dynamic
from . import errors as errors
from . import invoke as invoke
from . import log as log
from . import metadata as metadata
from . import output as output
from . import policy as policy
from . import python_provider as python_provider
from . import resource as resource
from . import resource_hooks as resource_hooks
from . import runtime as runtime
from . import stack_reference as stack_reference
from . import stash as stash
from . import urn as urn
from stackwright.sdk import *
