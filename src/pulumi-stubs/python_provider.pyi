from stackwright.sdk.python_provider import *
