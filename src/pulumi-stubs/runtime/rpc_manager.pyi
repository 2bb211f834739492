from stackwright.sdk.runtime.rpc_manager import *
