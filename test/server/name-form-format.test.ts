import { describe, expect, it } from 'vitest';
import { nameFormFormat } from '../../src/server/name-form-format.ts';

describe('a body that is not JSON', () => {
  it.each([
    ['form-encoded', 'app=push.example.com&event_type=0&stream_id=a'],
    ['form-encoded', 'event%5Ftype=0'],
    ['form-encoded', 'data[app]=push.example.com&x='],
    [
      'multipart',
      '--abc\r\nContent-Disposition: form-data; name="event_type"\r\n\r\n0\r\n--abc--\r\n',
    ],
  ])('is named %s', (format, text) => {
    expect(nameFormFormat(text)).toBe(format);
  });

  it.each(['', '{"event_type": 0', '<xml a="b"/>', 'hello', '[1,', 'a b=c', 'event_type: 0'])(
    'is not guessed: %j',
    (text) => {
      expect(nameFormFormat(text)).toBeNull();
    },
  );
});
