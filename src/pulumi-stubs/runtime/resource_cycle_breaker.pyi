from stackwright.sdk.runtime.resource_cycle_breaker import *
