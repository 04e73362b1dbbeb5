import { claimStdout } from '../../src/grafana/backend/claim-stdout.ts';
import { runBackend } from '../../src/grafana/backend/run-backend.ts';
import type { Frame } from '../../src/model/frame.ts';
import { MemoryService } from '../grafana/backend/memory-service.ts';

/** Rows of each answer; two columns of 8 bytes make 800 kB. */
const ROWS = 50_000;

const frame: Frame = {
  name: 'flood',
  meta: { type: 'timeseries-multi', typeVersion: [0, 1] },
  fields: [
    { name: 'time', type: 'time', values: Array.from({ length: ROWS }, (_none, row) => row) },
    { name: 'value', type: 'number', values: Array.from({ length: ROWS }, (_none, row) => row) },
  ],
};

/*
 * The backend as it is, over a service that answers large frames at once: what a large dashboard asks
 * of it when all data is at hand.
 */
const service = new MemoryService();
service.answers = { A: { frames: [frame] } };
await runBackend(claimStdout(), async () => ({ service, close: async () => undefined }));
