from stackwright.sdk.policy import *
