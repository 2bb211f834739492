from stackwright.sdk.resource_hooks import *
