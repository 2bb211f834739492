from stackwright.sdk.provider.experimental.analyzer import *
