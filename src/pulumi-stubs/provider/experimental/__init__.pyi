from . import analyzer as analyzer
from . import component as component
from . import host as host
from . import schema as schema
from . import util as util
from stackwright.sdk.provider.experimental import *
