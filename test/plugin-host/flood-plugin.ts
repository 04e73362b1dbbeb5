import { create, toBinary } from '@bufbuild/protobuf';
import { Server } from '@grpc/grpc-js';
import { attachServer, handshakeLine } from '../../src/grafana/backend/attach-server.ts';
import { claimStdout } from '../../src/grafana/backend/claim-stdout.ts';
import { frameToArrow } from '../../src/grafana/backend/frame-to-arrow.ts';
import { Health, HealthCheckResponseSchema } from '../../src/grafana/backend/gen/health_pb.js';
import { Data, QueryDataResponseSchema } from '../../src/grafana/backend/gen/pluginv2_pb.js';
import { serviceDefinition } from '../../src/grafana/backend/service-definition.ts';

/*
 * The backend's way to the network with answers that cost nothing to make, so that as many of them
 * as possible are on their way when calls are cancelled.
 */

/** Rows of each answer; two columns of 8 bytes make 800 kB. */
const ROWS = 50_000;

const values = Array.from({ length: ROWS }, (_none, row) => row);
const frame = await frameToArrow(
  {
    name: 'flood',
    fields: [
      { name: 'time', type: 'time', values },
      { name: 'value', type: 'number', values },
    ],
  },
  'A',
);
const bytes = Buffer.from(
  toBinary(
    QueryDataResponseSchema,
    create(QueryDataResponseSchema, { responses: { A: { status: 200, frames: [frame] } } }),
  ),
);

const server = new Server({ 'grpc.enable_channelz': 0 });
const { queryData } = serviceDefinition(Data);
if (queryData) {
  server.addService(
    { queryData: { ...queryData, responseSerialize: () => bytes } },
    {
      queryData: (_call: unknown, callback: (error: null, answer: object) => void) =>
        callback(null, {}),
    },
  );
}
server.addService(serviceDefinition(Health), {
  check: (_call: unknown, callback: (error: null, answer: object) => void) =>
    callback(null, create(HealthCheckResponseSchema, { status: 1 })),
});
const print = claimStdout();
print(handshakeLine(await attachServer(server, process.env)));
