from stackwright.sdk.provider.experimental.schema import *
