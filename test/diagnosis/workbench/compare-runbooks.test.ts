import { describe, expect, it } from 'vitest';
import { compareRunbooks } from '../../../src/diagnosis/workbench/compare-runbooks.ts';

const ENGLISH = `# Push URL expired

## Diagnosis

1. Read \`txTime\` and \`secondsPastExpiry\`.
   - Hours: the show ran longer. See [rules](../rules.md).
2. Run:

   \`\`\`sh
   date -u
   \`\`\`

Source: Tencent Cloud 267/33383, https://example.com/a.
`;

const CHINESE = `# 推流地址已过期

## 诊断

1. 先看 \`secondsPastExpiry\`，再看 \`txTime\`。
   - 几小时：直播比地址的有效期长。见[规则](../../rules.md)。
2. 运行：

   \`\`\`sh
   date -u
   \`\`\`

来源：腾讯云文档 267/33383，https://example.com/a 。
`;

describe('compareRunbooks', () => {
  it('accepts other words, in another order', () => {
    expect(compareRunbooks(ENGLISH, CHINESE)).toEqual([]);
  });

  it.each([
    [
      'a heading',
      '## 诊断',
      '诊断',
      'the heading ## of the English runbook (line 3) is missing',
      1,
    ],
    [
      'a command',
      '`txTime`',
      '过期时间',
      'the command `txTime` of the English runbook (line 5)',
      1,
    ],
    ['a link', '../../rules.md', '../../other.md', 'the link ../rules.md of', 1],
    ['an address', 'https://example.com/a', '', 'the link https://example.com/a of', 1],
    ['a document', '267/33383', '267/33384', 'no such document: 267/33384', 13],
    ['a bullet', '   - 几小时', '   几小时', 'the bullet - of the English runbook (line 6)', 1],
    ['a step', '2. 运行', '运行', 'the step 2. of the English runbook (line 7) is missing', 1],
    ['a block', 'date -u\n', 'date\n', 'no such command: ```sh date ```', 9],
  ])('finds %s that differs', (_what, from, to, message, line) => {
    const found = compareRunbooks(ENGLISH, CHINESE.replace(from, to));
    expect(found).toContainEqual({ line, message: expect.stringContaining(message) });
  });

  it('counts what stands there several times', () => {
    expect(compareRunbooks('`a` `a` `a`', '`a`')).toEqual([
      { line: 1, message: 'the command `a` of the English runbook (line 1) is missing 2 times' },
    ]);
    expect(compareRunbooks('`a`', 'x\n`a`\n`a`')).toEqual([
      { line: 3, message: 'the English runbook has no such command: `a`' },
    ]);
  });
});
