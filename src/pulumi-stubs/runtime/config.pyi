from stackwright.sdk.runtime.config import *
