from stackwright.sdk.urn import *
