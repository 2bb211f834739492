from stackwright.sdk.runtime.invoke import *
