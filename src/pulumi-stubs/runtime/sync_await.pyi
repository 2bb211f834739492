from stackwright.sdk.runtime.sync_await import *
from stackwright.sdk.runtime.sync_await import _sync_await as _sync_await
