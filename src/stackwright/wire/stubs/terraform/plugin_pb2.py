# Written by tools/generate_stubs.py from terraform/plugin.proto; do not edit.

from stackwright.wire._pool import define
import stackwright.wire.stubs.google.protobuf.empty_pb2  # noqa: F401

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x16terraform/plugin.proto\x12\x06plugin\x1a\x1bgoogle/protobuf/empty.prot'
        b'o"\x07\n\x05Empty"\x84\x01\n\tStdioData\x123\n\x07channel\x18\x01 \x01(\x0e2\x19.plugin.StdioData'
        b'.ChannelR\x07channel\x12\x12\n\x04data\x18\x02 \x01(\x0cR\x04data".\n\x07Channel\x12\x0b\n\x07INVALID\x10'
        b'\x00\x12\n\n\x06STDOUT\x10\x01\x12\n\n\x06STDERR\x10\x02"\xd2\x01\n\x08ConnInfo\x12\x1d\n\nservice_id\x18\x01 \x01(\rR\t'
        b'serviceId\x12\x18\n\x07network\x18\x02 \x01(\tR\x07network\x12\x18\n\x07address\x18\x03 \x01(\tR\x07addres'
        b's\x12,\n\x05knock\x18\x04 \x01(\x0b2\x16.plugin.ConnInfo.KnockR\x05knock\x1aE\n\x05Knock\x12\x14\n\x05'
        b'knock\x18\x01 \x01(\x08R\x05knock\x12\x10\n\x03ack\x18\x02 \x01(\x08R\x03ack\x12\x14\n\x05error\x18\x03 \x01(\tR\x05error2:'
        b'\n\x0eGRPCController\x12(\n\x08Shutdown\x12\r.plugin.Empty\x1a\r.plugin.Empty2G'
        b'\n\tGRPCStdio\x12:\n\x0bStreamStdio\x12\x16.google.protobuf.Empty\x1a\x11.plugin.'
        b'StdioData0\x012C\n\nGRPCBroker\x125\n\x0bStartStream\x12\x10.plugin.ConnInfo\x1a\x10'
        b'.plugin.ConnInfo(\x010\x01b\x06proto3'
    ),
)
