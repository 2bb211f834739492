from stackwright.sdk.provider.experimental.host import *
