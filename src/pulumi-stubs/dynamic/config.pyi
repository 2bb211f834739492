from stackwright.sdk.dynamic.config import *
