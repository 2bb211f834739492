from stackwright.sdk.type_token import *
