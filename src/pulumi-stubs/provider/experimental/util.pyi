from stackwright.sdk.provider.experimental.util import *
