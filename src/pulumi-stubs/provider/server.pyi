from stackwright.sdk.provider.server import *
