from stackwright.sdk.log import *
