from stackwright.sdk.provider.provider import *
