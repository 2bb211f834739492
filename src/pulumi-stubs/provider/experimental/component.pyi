from stackwright.sdk.provider.experimental.component import *
