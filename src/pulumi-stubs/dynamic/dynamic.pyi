from stackwright.sdk.dynamic.dynamic import *
