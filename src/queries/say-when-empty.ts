import { showInvisible } from '../model/card/segments.ts';
import type { Frame, Notice } from '../model/frame.ts';
import { matchesSome, type Query } from '../model/query.ts';
import type { QueryContext } from './query-context.ts';

/**
 * Answers an empty table with the text of its query, because an empty panel of Grafana looks the same whether nothing
 * happened or nothing is known. While an account of the query is blind, nothing is known: the table stays empty, with a
 * notice that says so.
 */
export async function sayWhenEmpty(
  frames: Frame[],
  query: Query,
  context: Pick<QueryContext, 'alerts'>,
): Promise<Frame[]> {
  const text = 'whenEmpty' in query ? query.whenEmpty : undefined;
  const [frame] = frames;
  if (
    !text ||
    !frame ||
    frames.length > 1 ||
    frame.fields.some(({ values }) => values.length > 0)
  ) {
    return frames;
  }
  const { accounts = [] } = (await context.alerts?.()) ?? {};
  const blind = accounts.filter(
    (one) => one.blind && matchesSome(query.filters?.account, one.account),
  );
  if (blind.length > 0) {
    const names = blind.map(({ account }) => showInvisible(account)).join(', ');
    const notice: Notice = {
      severity: 'warning',
      text: `Collection is down for ${names}, so nothing is known of the present.`,
    };
    const notices = [...(frame.meta?.notices ?? []), notice];
    return [{ ...frame, meta: { ...frame.meta, notices } }];
  }
  const said = showInvisible(text);
  return [
    {
      ...frame,
      fields: [
        {
          name: 'whenEmpty',
          type: 'string',
          values: [said],
          config: { displayName: ' ', custom: { wrapText: true } },
        },
      ],
    },
  ];
}
