from stackwright.sdk.errors import *
