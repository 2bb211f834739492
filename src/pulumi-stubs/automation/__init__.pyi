from stackwright.automation import *
