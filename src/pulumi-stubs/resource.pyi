from stackwright.sdk.resource import *
