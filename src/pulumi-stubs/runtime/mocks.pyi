from stackwright.sdk.runtime.mocks import *
