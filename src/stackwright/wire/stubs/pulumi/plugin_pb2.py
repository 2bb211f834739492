# Written by tools/generate_stubs.py from pulumi/plugin.proto; do not edit.

from stackwright.wire._pool import define

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x13pulumi/plugin.proto\x12\tpulumirpc"&\n\nPluginInfo\x12\x18\n\x07version\x18\x01 '
        b'\x01(\tR\x07version"\xf4\x01\n\x10PluginDependency\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12\x12\n\x04kin'
        b'd\x18\x02 \x01(\tR\x04kind\x12\x18\n\x07version\x18\x03 \x01(\tR\x07version\x12\x16\n\x06server\x18\x04 \x01(\tR\x06ser'
        b'ver\x12H\n\tchecksums\x18\x05 \x03(\x0b2*.pulumirpc.PluginDependency.Checksum'
        b'sEntryR\tchecksums\x1a<\n\x0eChecksumsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05val'
        b'ue\x18\x02 \x01(\x0cR\x05value:\x028\x01"(\n\x0cPluginAttach\x12\x18\n\x07address\x18\x01 \x01(\tR\x07addres'
        b's"]\n\x17PackageParameterization\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12\x18\n\x07version\x18'
        b'\x02 \x01(\tR\x07version\x12\x14\n\x05value\x18\x03 \x01(\x0cR\x05value"\x88\x03\n\x11PackageDependency\x12\x12'
        b'\n\x04name\x18\x01 \x01(\tR\x04name\x12\x12\n\x04kind\x18\x02 \x01(\tR\x04kind\x12\x18\n\x07version\x18\x03 \x01(\tR\x07ver'
        b'sion\x12\x16\n\x06server\x18\x04 \x01(\tR\x06server\x12I\n\tchecksums\x18\x05 \x03(\x0b2+.pulumirpc.'
        b'PackageDependency.ChecksumsEntryR\tchecksums\x12N\n\x10parameterizat'
        b'ion\x18\x06 \x01(\x0b2".pulumirpc.PackageParameterizationR\x10parameterizat'
        b'ion\x12@\n\textension\x18\x07 \x01(\x0b2".pulumirpc.PackageParameterizationR\t'
        b'extension\x1a<\n\x0eChecksumsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\x0c'
        b'R\x05value:\x028\x01"\xfa\x01\n\x0bPackageSpec\x12\x16\n\x06source\x18\x01 \x01(\tR\x06source\x12\x18\n\x07versi'
        b'on\x18\x02 \x01(\tR\x07version\x12\x1e\n\nparameters\x18\x03 \x03(\tR\nparameters\x12C\n\tchecksu'
        b'ms\x18\x04 \x03(\x0b2%.pulumirpc.PackageSpec.ChecksumsEntryR\tchecksums\x12\x16'
        b'\n\x06server\x18\x05 \x01(\tR\x06server\x1a<\n\x0eChecksumsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14'
        b'\n\x05value\x18\x02 \x01(\x0cR\x05value:\x028\x012Y\n\x0fPackageResolver\x12F\n\x0eResolvePackag'
        b'e\x12\x16.pulumirpc.PackageSpec\x1a\x1c.pulumirpc.PackageDependencyb\x06pro'
        b'to3'
    ),
)
