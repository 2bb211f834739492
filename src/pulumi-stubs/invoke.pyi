from stackwright.sdk.invoke import *
