from stackwright.sdk.stack_reference import *
