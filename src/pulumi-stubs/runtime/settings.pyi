from stackwright.sdk.runtime.settings import *
