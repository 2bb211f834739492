# Written by tools/generate_stubs.py from pulumi/callback.proto; do not edit.

from stackwright.wire._pool import define

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x15pulumi/callback.proto\x12\tpulumirpc"h\n\x08Callback\x12\x16\n\x06target\x18\x01 \x01'
        b'(\tR\x06target\x12\x14\n\x05token\x18\x02 \x01(\tR\x05token\x12.\n\x13accepts_byte_string\x18\x03 \x01('
        b'\x08R\x11acceptsByteString"G\n\x15CallbackInvokeRequest\x12\x14\n\x05token\x18\x01 \x01(\t'
        b'R\x05token\x12\x18\n\x07request\x18\x02 \x01(\x0cR\x07request"4\n\x16CallbackInvokeResponse\x12'
        b'\x1a\n\x08response\x18\x01 \x01(\x0cR\x08response2Z\n\tCallbacks\x12M\n\x06Invoke\x12 .pulumir'
        b'pc.CallbackInvokeRequest\x1a!.pulumirpc.CallbackInvokeResponseb'
        b'\x06proto3'
    ),
)
