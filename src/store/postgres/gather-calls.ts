/** Maximum number of calls that one statement answers. */
const MOST = 500;

/**
 * Gathers calls that are made at the same time, so that one statement answers them. The deriver asks the same of
 * each stream of a batch, and most of the time of a small statement is its way to the server and its planning.
 *
 * @param answer - answers calls, in their order
 */
export function gatherCalls<In, Out>(
  answer: (calls: readonly In[]) => Promise<readonly Out[]>,
): (call: In) => Promise<Out> {
  let waiting: { call: In; resolve: (out: Out) => void; reject: (thrown: unknown) => void }[] = [];

  function flush(): void {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += MOST) {
      const some = all.slice(at, at + MOST);
      answer(some.map(({ call }) => call)).then(
        (answers) => {
          for (const [index, { resolve }] of some.entries()) {
            resolve(answers[index] as Out);
          }
        },
        (thrown: unknown) => {
          for (const { reject } of some) {
            reject(thrown);
          }
        },
      );
    }
  }

  return (call) =>
    new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject });
      if (waiting.length === 1) {
        // Not in a microtask: those who call at the same time may be some microtasks apart.
        setImmediate(flush);
      }
    });
}

/** Divides rows that begin with the number of their call; without this number, in their order. */
export function rowsOfCalls<Row extends readonly unknown[]>(
  calls: readonly unknown[],
  rows: readonly (readonly [call: number, ...row: Row])[],
): Row[][] {
  const lists = calls.map((): Row[] => []);
  for (const [call, ...row] of rows) {
    lists[call]?.push(row);
  }
  return lists;
}
