import type { Random } from './random.ts';

/** One place where a planted secret was seen again. */
interface Leak {
  /** Which of its spellings. */
  spelling: string;
  /** What stands around it. */
  around: string;
}

/** Makes secrets that can be recognised anywhere, and looks for them. */
export interface PlantedSecrets {
  /** A new secret. It begins and ends with a mark, so that half of one is found too. */
  next(): string;
  /** Also looks for this hash of 32 hex signs, which has no mark: a `sign` or a txSecret. */
  add(hash: string): void;
  /** Where planted secrets stand in these bytes, whatever they were written as. */
  find(bytes: Buffer): Leak[];
}

const AROUND = 120;

/** Parts of a Base64 text that are the same whatever stands before and after. */
function insideBase64(text: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.from('\0'.repeat(shift) + text).toString('base64');
    const inside = whole.slice(Math.ceil((shift * 4) / 3), -4);
    return [inside, inside.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Plants secrets that all carry two marks of this seed. */
export function plantSecrets(random: Random): PlantedSecrets {
  // A digit and a letter in turn are no word of any language.
  const mark = () => `z${random.letters(4)}7q${random.letters(4)}9`;
  const marks = [mark(), mark()] as const;
  const hashes = new Set<string>();
  const spellings: { name: string; text: string; anyCase: boolean }[] = [];
  for (const one of marks) {
    spellings.push(
      { name: 'plain', text: one.toLowerCase(), anyCase: true },
      {
        name: 'escaped',
        text: [...one].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join(''),
        anyCase: true,
      },
      {
        name: 'UTF-16',
        text: Buffer.from(one.toLowerCase(), 'utf16le').toString('latin1'),
        anyCase: true,
      },
    );
    for (const cased of [one, one.toLowerCase(), one.toUpperCase()]) {
      for (const text of insideBase64(cased)) {
        spellings.push({ name: 'Base64', text, anyCase: false });
      }
    }
  }
  return {
    next: () => `${marks[0]}${random.letters(8)}${marks[1]}`,
    add(hash) {
      hashes.add(hash.toLowerCase());
    },
    find(bytes) {
      const text = bytes.toString('latin1');
      const lower = text.toLowerCase();
      const leaks: Leak[] = [];
      const found = (spelling: string, at: number, length: number) => {
        const around = text.slice(Math.max(0, at - AROUND), at + length + AROUND);
        leaks.push({ spelling, around: around.replace(/[^\x20-\x7e]+/g, ' ') });
      };
      for (const { name, text: wanted, anyCase } of spellings) {
        const held = anyCase ? lower : text;
        for (let at = held.indexOf(wanted); at >= 0; at = held.indexOf(wanted, at + 1)) {
          found(name, at, wanted.length);
        }
      }
      // Hashes have no mark: every run of hex signs is held against them.
      for (const run of lower.matchAll(/[0-9a-f]{32,}/g)) {
        for (let at = 0; at + 32 <= run[0].length; at += 1) {
          if (hashes.has(run[0].slice(at, at + 32))) {
            found('hash', run.index + at, 32);
          }
        }
      }
      return leaks;
    },
  };
}
