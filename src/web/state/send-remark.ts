import type { RemarkBody } from '../../contract/incidents.ts';

/** An acknowledgement, a judgement of the cause, or a note. `fixed` says what fixed the incident. */
export type Remark =
  | { kind: 'acknowledge' | 'takeOver' | 'release'; text?: string }
  | { kind: 'right' | 'wrong' | 'note' | 'fixed'; text: string };

/**
 * Sends a remark to the server.
 *
 * @param by - the author
 * @throws Error whose message says why it was not saved
 */
export async function sendRemark(incident: string, remark: Remark, by: string): Promise<void> {
  const [path, body] = requestOf(remark, by);
  const response = await fetch(`/api/v1/incidents/${encodeURIComponent(incident)}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    const answer = (await response.json().catch(() => null)) as {
      error?: { message: string };
    } | null;
    throw new Error(answer?.error?.message ?? `HTTP ${response.status}`);
  }
}

/** Returns the path and the body of the request for a remark. */
export function requestOf(remark: Remark, by: string): [path: string, body: RemarkBody] {
  switch (remark.kind) {
    case 'acknowledge':
      return ['acknowledge', { by, ...noteOf(remark.text) }];
    case 'takeOver':
      return ['acknowledge', { by, takeOver: true, ...noteOf(remark.text) }];
    case 'release':
      return ['release', { by, ...noteOf(remark.text) }];
    case 'note':
    case 'fixed':
      return ['note', { by, text: remark.text.trim(), fixed: remark.kind === 'fixed' }];
    case 'right':
    case 'wrong':
      return ['feedback', { by, verdict: remark.kind, ...noteOf(remark.text) }];
  }
}

function noteOf(text = ''): { note?: string } {
  const note = text.trim();
  return note === '' ? {} : { note };
}
