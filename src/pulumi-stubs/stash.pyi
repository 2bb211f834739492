from stackwright.sdk.stash import *
