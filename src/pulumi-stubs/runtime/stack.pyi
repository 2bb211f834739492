from stackwright.sdk.runtime.stack import *
