from stackwright.sdk.metadata import *
