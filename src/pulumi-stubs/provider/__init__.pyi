from . import provider as provider
from . import server as server
from stackwright.sdk.provider import *
