from . import config as config
from . import known_types as known_types
from . import mocks as mocks
from . import resource as resource
from . import resource_cycle_breaker as resource_cycle_breaker
from . import resource_hooks as resource_hooks
from . import rpc as rpc
from . import rpc_manager as rpc_manager
from . import settings as settings
from . import stack as stack
from . import sync_await as sync_await
from stackwright.sdk.runtime import *
