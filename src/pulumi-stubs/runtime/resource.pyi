from stackwright.sdk.runtime.resource import *
