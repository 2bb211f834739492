from stackwright.sdk.output import *
