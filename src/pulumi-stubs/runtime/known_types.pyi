from stackwright.sdk.runtime.known_types import *
