import { indexed } from './indexed.ts';

/** The indexes of `breaks`, also of the table that has a partition for each month. */
export const BREAK_INDEXES = `
  CREATE INDEX breaks_by_n ON breaks (n);
  CREATE INDEX breaks_by_time ON breaks (ended_at, id);
  CREATE INDEX breaks_by_cell ON breaks (cell, ended_at, id);
  CREATE INDEX breaks_by_stream ON breaks (${indexed('stream')}, ended_at, id);
  CREATE INDEX breaks_by_client_ip ON breaks (${indexed('client_ip')}, ended_at, id)
    WHERE client_ip IS NOT NULL;
  CREATE INDEX breaks_by_node ON breaks (${indexed('node')}, ended_at, id) WHERE node IS NOT NULL;
  CREATE INDEX breaks_by_span ON breaks (down, span_class, ended_at);`;
