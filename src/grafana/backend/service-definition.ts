import {
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

type Message = MessageShape<DescMessage>;

function methodOf(service: DescService, method: DescMethod): MethodDefinition<Message, Message> {
  const write = (type: DescMessage) => (message: Message) => Buffer.from(toBinary(type, message));
  const read = (type: DescMessage) => (bytes: Buffer) => fromBinary(type, bytes);
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream:
      method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream:
      method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: write(method.input),
    requestDeserialize: read(method.input),
    responseSerialize: write(method.output),
    responseDeserialize: read(method.output),
  };
}

/** Makes what the gRPC library wants of a service from its protobuf description; serves clients too. */
export function serviceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [method.localName, methodOf(service, method)]),
  );
}
