import type { Card, Phrase } from './card/card.ts';
import type { Forewarning } from './forewarning.ts';

/** The card of an alert that breaks of an account cannot be collected. */
export function blindCard(account: string): Card {
  return cardOf({ id: 'blindTitle', account }, { id: 'blindCause' }, { id: 'blindStep' });
}

/** The card of an alert that an account cannot push, as reported by the CSS API. */
export function serviceCard(account: string, service: 'arrears' | 'stopped'): Card {
  return service === 'arrears'
    ? cardOf({ id: 'arrearsTitle', account }, { id: 'arrearsCause' }, { id: 'arrearsStep' })
    : cardOf({ id: 'stoppedTitle', account }, { id: 'stoppedCause' }, { id: 'stoppedStep' });
}

/** The card of an alert that the next reconnect of live pushes will fail. */
export function forewarningCard({ domain, streams, examples, firstAt }: Forewarning): Card {
  return cardOf(
    { id: 'forewarningTitle', streams, domain },
    { id: 'forewarningCause', examples, hasMore: streams > examples.length, firstAt },
    { id: 'forewarningStep' },
  );
}

/** The card of a test alert. */
export function testCard(): Card {
  return cardOf({ id: 'testTitle' }, { id: 'testCause' }, { id: 'testStep' });
}

function cardOf(title: Phrase, cause: Phrase, step: Phrase): Card {
  return [
    { part: 'what', facts: [[title]] },
    { part: 'why', facts: [[cause]] },
    { part: 'doNow', facts: [[step]] },
  ];
}
