# Written by tools/generate_stubs.py from pulumi/converter.proto; do not edit.

from stackwright.wire._pool import define
import stackwright.wire.stubs.google.protobuf.struct_pb2  # noqa: F401
import stackwright.wire.stubs.pulumi.codegen.hcl_pb2  # noqa: F401
import stackwright.wire.stubs.pulumi.codegen.loader_pb2  # noqa: F401

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x16pulumi/converter.proto\x12\tpulumirpc\x1a\x1cgoogle/protobuf/struct.'
        b'proto\x1a\x18pulumi/codegen/hcl.proto\x1a\x1bpulumi/codegen/loader.proto'
        b'"\x9c\x01\n\x13ConvertStateRequest\x12#\n\rmapper_target\x18\x01 \x01(\tR\x0cmapperTarge'
        b"t\x12\x12\n\x04args\x18\x02 \x03(\tR\x04args\x12#\n\rloader_target\x18\x03 \x01(\tR\x0cloaderTarget\x12'"
        b'\n\x0fresolver_target\x18\x04 \x01(\tR\x0eresolverTarget"\xb8\x04\n\x0eResourceImport\x12\x12'
        b'\n\x04type\x18\x01 \x01(\tR\x04type\x12\x12\n\x04name\x18\x02 \x01(\tR\x04name\x12\x0e\n\x02id\x18\x03 \x01(\tR\x02id\x12\x18\n\x07ve'
        b'rsion\x18\x04 \x01(\tR\x07version\x12,\n\x11pluginDownloadURL\x18\x05 \x01(\tR\x11pluginDownl'
        b'oadURL\x12!\n\x0clogical_name\x18\x06 \x01(\tR\x0blogicalName\x12!\n\x0cis_component\x18\x07 '
        b'\x01(\x08R\x0bisComponent\x12\x1b\n\tis_remote\x18\x08 \x01(\x08R\x08isRemote\x12O\n\x10parameteriz'
        b'ation\x18\t \x01(\x0b2#.pulumirpc.ResourceParameterizationR\x10parameteri'
        b'zation\x12:\n\textension\x18\n \x01(\x0b2\x1c.pulumirpc.ResourceExtensionR\text'
        b'ension\x12\x16\n\x06parent\x18\x0b \x01(\tR\x06parent\x12\x1e\n\nproperties\x18\x0c \x03(\tR\nproperti'
        b'es\x12\x1a\n\x08provider\x18\r \x01(\tR\x08provider\x12/\n\x06inputs\x18\x0e \x01(\x0b2\x17.google.prot'
        b'obuf.StructR\x06inputs\x121\n\x07outputs\x18\x0f \x01(\x0b2\x17.google.protobuf.Struc'
        b'tR\x07outputs"x\n\x18ResourceParameterization\x12\x1f\n\x0bplugin_name\x18\x01 \x01(\tR'
        b'\npluginName\x12%\n\x0eplugin_version\x18\x02 \x01(\tR\rpluginVersion\x12\x14\n\x05value\x18'
        b'\x03 \x01(\x0cR\x05value"W\n\x11ResourceExtension\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12\x18\n\x07ver'
        b'sion\x18\x02 \x01(\tR\x07version\x12\x14\n\x05value\x18\x03 \x01(\x0cR\x05value"\x90\x01\n\x14ConvertStateRe'
        b'sponse\x127\n\tresources\x18\x01 \x03(\x0b2\x19.pulumirpc.ResourceImportR\tresour'
        b'ces\x12?\n\x0bdiagnostics\x18\x02 \x03(\x0b2\x1d.pulumirpc.codegen.DiagnosticR\x0bdia'
        b'gnostics"\x8b\x02\n\x15ConvertProgramRequest\x12)\n\x10source_directory\x18\x01 \x01(\t'
        b'R\x0fsourceDirectory\x12)\n\x10target_directory\x18\x02 \x01(\tR\x0ftargetDirectory'
        b'\x12#\n\rmapper_target\x18\x03 \x01(\tR\x0cmapperTarget\x12#\n\rloader_target\x18\x04 \x01(\t'
        b'R\x0cloaderTarget\x12\x12\n\x04args\x18\x05 \x03(\tR\x04args\x12>\n\x1bgenerated_project_dire'
        b'ctory\x18\x06 \x01(\tR\x19generatedProjectDirectory"Y\n\x16ConvertProgramResp'
        b'onse\x12?\n\x0bdiagnostics\x18\x01 \x03(\x0b2\x1d.pulumirpc.codegen.DiagnosticR\x0bdi'
        b'agnostics"\xed\x04\n\x15ConvertSnippetRequest\x12\x1a\n\x08filename\x18\x01 \x01(\tR\x08filen'
        b'ame\x12\x16\n\x06source\x18\x02 \x01(\x0cR\x06source\x12#\n\rtarget_loader\x18\x03 \x01(\tR\x0ctargetLo'
        b'ader\x123\n\x07package\x18\x04 \x01(\x0b2\x19.codegen.GetSchemaRequestR\x07package\x12\x14\n'
        b'\x05token\x18\x05 \x01(\tR\x05token\x12P\n\nattributes\x18\x06 \x03(\x0b20.pulumirpc.ConvertS'
        b'nippetRequest.AttributesEntryR\nattributes\x12M\n\tresources\x18\x07 \x03(\x0b'
        b'2/.pulumirpc.ConvertSnippetRequest.ResourcesEntryR\tresources'
        b'\x1a^\n\x11ResourceReference\x12\x14\n\x05token\x18\x01 \x01(\tR\x05token\x123\n\x07package\x18\x02 \x01(\x0b'
        b'2\x19.codegen.GetSchemaRequestR\x07package\x1a=\n\x0fAttributesEntry\x12\x10\n\x03k'
        b'ey\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01\x1ap\n\x0eResourcesEntry\x12\x10\n'
        b'\x03key\x18\x01 \x01(\tR\x03key\x12H\n\x05value\x18\x02 \x01(\x0b22.pulumirpc.ConvertSnippetReq'
        b'uest.ResourceReferenceR\x05value:\x028\x01"\xbe\x03\n\x16ConvertSnippetResponse'
        b'\x12?\n\x0bdiagnostics\x18\x01 \x03(\x0b2\x1d.pulumirpc.codegen.DiagnosticR\x0bdiagno'
        b'stics\x12\x1a\n\x08filename\x18\x02 \x01(\tR\x08filename\x12\x16\n\x06source\x18\x03 \x01(\x0cR\x06source\x12Q\n'
        b'\nattributes\x18\x04 \x03(\x0b21.pulumirpc.ConvertSnippetResponse.Attribu'
        b'tesEntryR\nattributes\x12[\n\x0eresource_names\x18\x05 \x03(\x0b24.pulumirpc.Con'
        b'vertSnippetResponse.ResourceNamesEntryR\rresourceNames\x1a=\n\x0fAtt'
        b'ributesEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01\x1a@\n\x12'
        b'ResourceNamesEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x02'
        b'8\x012\x8a\x02\n\tConverter\x12O\n\x0cConvertState\x12\x1e.pulumirpc.ConvertStateReq'
        b'uest\x1a\x1f.pulumirpc.ConvertStateResponse\x12U\n\x0eConvertProgram\x12 .pu'
        b'lumirpc.ConvertProgramRequest\x1a!.pulumirpc.ConvertProgramResp'
        b'onse\x12U\n\x0eConvertSnippet\x12 .pulumirpc.ConvertSnippetRequest\x1a!.p'
        b'ulumirpc.ConvertSnippetResponseb\x06proto3'
    ),
)
