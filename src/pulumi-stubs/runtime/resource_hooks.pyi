from stackwright.sdk.runtime.resource_hooks import *
