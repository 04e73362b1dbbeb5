import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import type { EmptySchema as PlainEmptySchema } from '@bufbuild/protobuf/wkt';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  type ServerDuplexStream,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { answerHealth } from './answer-health.ts';
import { answerQueryData } from './answer-query-data.ts';
import { answerResource } from './answer-resource.ts';
import type { CallsInHand } from './CallsInHand.ts';
import type { Metrics } from './create-metrics.ts';
import {
  type ConnInfo,
  EmptySchema,
  GRPCBroker,
  GRPCController,
  GRPCStdio,
  type StdioData,
} from './gen/go-plugin_pb.js';
import {
  Health,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from './gen/health_pb.js';
import {
  type CallResourceRequest,
  type CallResourceResponse,
  CallResourceResponseSchema,
  type CheckHealthRequest,
  CollectMetricsResponseSchema,
  Data,
  Diagnostics,
  type QueryDataRequest,
  Resource,
} from './gen/pluginv2_pb.js';
import type { Instances } from './Instances.ts';
import { log } from './log.ts';
import { redact } from './redact.ts';
import { serviceDefinition } from './service-definition.ts';

/** What Go plugins take as well; the library's own limit is 4 MiB. */
const LARGEST_REQUEST = 16 * 1024 * 1024;

/** What the services work with. */
export interface ServiceParts {
  instances: Instances;
  calls: CallsInHand;
  metrics: Metrics;
  /** Ends all work within its own time limit; the process exits after the answer. */
  shutDown: () => Promise<void>;
}

type Message = MessageShape<DescMessage>;

/** A failure that no answer could carry. Grafana shows it for the whole call. */
function wholeCallError(thrown: unknown): { code: status; details: string } {
  log('error', 'a call failed', { error: thrown });
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: status.INTERNAL, details: redact(problem) };
}

const DRAINING = { code: status.UNAVAILABLE, details: 'The Breakwatch backend is ending.' };

/** Makes the gRPC server with every service that Grafana and go-plugin ask for. */
export function createGrpcServer({ instances, calls, metrics, shutDown }: ServiceParts): Server {
  const server = new Server({
    'grpc.max_receive_message_length': LARGEST_REQUEST,
    'grpc.max_send_message_length': -1,
    'grpc.enable_channelz': 0,
  });

  /** Does one call's work: counted, cancelled when Grafana gives up, never twice answered. */
  async function work<T>(
    method: string,
    call: { on(event: 'cancelled', listener: () => void): unknown },
    answer: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    call.on('cancelled', () => abort.abort());
    const since = performance.now();
    let result: 'ok' | 'failed' = 'failed';
    try {
      const answered = await calls.during(() => answer(abort.signal));
      result = 'ok';
      return answered;
    } finally {
      const seconds = (performance.now() - since) / 1_000;
      metrics.called(method, abort.signal.aborted ? 'cancelled' : result, seconds);
      log('debug', 'answered', { method, result, ms: Math.round(seconds * 1_000) });
    }
  }

  function unary<Request extends Message, Response extends Message>(
    method: string,
    answer: (request: Request, signal: AbortSignal) => Promise<Response>,
  ): handleUnaryCall<Request, Response> {
    return (call, callback) => {
      if (calls.closed) {
        callback(DRAINING);
        return;
      }
      work(method, call, (signal) => answer(call.request, signal)).then(
        (response) => callback(null, response),
        (thrown) => callback(wholeCallError(thrown)),
      );
    };
  }

  const callResource: handleServerStreamingCall<CallResourceRequest, CallResourceResponse> = (
    call,
  ) => {
    if (calls.closed) {
      call.emit('error', DRAINING);
      return;
    }
    work('CallResource', call, (signal) => answerResource(call.request, instances, signal)).then(
      (answer) => {
        call.write(
          create(CallResourceResponseSchema, {
            code: answer.status,
            headers: { 'Content-Type': { values: ['application/json; charset=utf-8'] } },
            body: new TextEncoder().encode(JSON.stringify(answer.body)),
          }),
        );
        call.end();
      },
      (thrown) => call.emit('error', wholeCallError(thrown)),
    );
  };

  server.addService(serviceDefinition(Health), {
    check: unary('Check', async () =>
      create(HealthCheckResponseSchema, { status: ServingStatus.SERVING }),
    ),
  });
  server.addService(serviceDefinition(GRPCController), {
    shutdown: ((_call, callback) => {
      void shutDown().then(() => callback(null, create(EmptySchema)));
    }) as handleUnaryCall<Message, Message>,
  });
  server.addService(serviceDefinition(GRPCBroker), {
    // The host opens it at once and never uses it; it ends when the host ends it.
    startStream(call: ServerDuplexStream<ConnInfo, ConnInfo>) {
      call.on('data', () => undefined);
      call.on('end', () => call.end());
      call.on('error', () => undefined);
    },
  });
  server.addService(serviceDefinition(GRPCStdio), {
    // Stays open and silent: the log goes by standard error.
    streamStdio(call: ServerWritableStream<MessageShape<typeof PlainEmptySchema>, StdioData>) {
      call.on('error', () => undefined);
    },
  });
  server.addService(serviceDefinition(Diagnostics), {
    checkHealth: unary('CheckHealth', (request: CheckHealthRequest, signal) =>
      answerHealth(request, instances, signal),
    ),
    collectMetrics: unary('CollectMetrics', async () =>
      create(CollectMetricsResponseSchema, {
        metrics: { prometheus: new TextEncoder().encode(await metrics.text()) },
      }),
    ),
  });
  server.addService(serviceDefinition(Data), {
    queryData: unary('QueryData', (request: QueryDataRequest, signal) =>
      answerQueryData(request, instances, signal, metrics.framed),
    ),
  });
  server.addService(serviceDefinition(Resource), { callResource });
  return server;
}
