from stackwright.sdk.deprecated import *
