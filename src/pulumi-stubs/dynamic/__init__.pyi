from . import config as config
from . import dynamic as dynamic
from stackwright.sdk.dynamic import *
