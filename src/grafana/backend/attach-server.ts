import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { EagerDuplex } from './EagerDuplex.ts';
import { liftResetLimit } from './lift-reset-limit.ts';
import { type Listener, listen } from './listen.ts';

/**
 * Lets Grafana reach a gRPC server. Connections are accepted here and handed to the server, as its
 * own would stop for ever in a storm of cancelled calls (see EagerDuplex).
 */
export function attachServer(server: Server, environment: NodeJS.ProcessEnv): Promise<Listener> {
  liftResetLimit();
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return listen((socket) => injector.injectConnection(new EagerDuplex(socket)), environment);
}

/** The line that tells go-plugin where to connect: its own protocol 1, Grafana's protocol 2. */
export function handshakeLine({ network, address }: Listener): string {
  return `1|2|${network}|${address}|grpc|`;
}
