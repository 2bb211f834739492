from stackwright.sdk.provider.experimental.server import *
