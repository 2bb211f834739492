from stackwright.sdk.runtime.rpc import *
