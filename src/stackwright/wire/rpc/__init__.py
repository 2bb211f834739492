"""
gRPC's protocol, as a client speaks it: calls of one or of many answers, over HTTP/2.

Decides what goes over the connection; what the messages mean, and when to call, is left
to others. `_http2` and `_call` are pure, `_client` has the socket. Loads neither gRPC nor
protobuf: messages are bytes here.
"""

from stackwright.wire.rpc._call import RpcError, RpcStatus
from stackwright.wire.rpc._client import Network, RpcClient, StreamCall, UnaryCall

__all__ = ["Network", "RpcClient", "RpcError", "RpcStatus", "StreamCall", "UnaryCall"]
