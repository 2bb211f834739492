"""How channels and servers of the protocol are opened, for those who open their own (protocol.md §1)."""

_MAX_RPC_MESSAGE_SIZE = 1024 * 1024 * 400

_SERVER_MAX_UNREQUESTED_TIME_IN_SERVER = 30 * 60
"""Seconds that a request may wait while the program blocks."""

_GRPC_CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", _MAX_RPC_MESSAGE_SIZE),
    ("grpc.server_max_unrequested_time_in_server", _SERVER_MAX_UNREQUESTED_TIME_IN_SERVER),
]
