from stackwright.sdk.config import *
