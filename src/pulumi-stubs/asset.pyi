from stackwright.sdk.asset import *
