from stackwright.sdk.provider.experimental.provider import *
