from . import config as config
from . import mocks as mocks
from . import resource_hooks as resource_hooks
from . import rpc as rpc
from . import rpc_manager as rpc_manager
from . import settings as settings
from . import stack as stack
from stackwright.sdk.runtime import *
