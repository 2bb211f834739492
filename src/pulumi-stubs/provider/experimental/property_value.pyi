from stackwright.sdk.provider.experimental.property_value import *
