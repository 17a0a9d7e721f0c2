import { expect, test } from 'vitest';
import { OnePart } from './multipart-writer.ts';

const parsed = async (response: Response): Promise<{ head: string; bytes: Buffer; tail: string }> => {
  const whole = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get('content-length')).toBe(String(whole.length));
  const boundary = /boundary=(\S+)$/.exec(response.headers.get('content-type') ?? '')?.[1] ?? '';
  const start = whole.indexOf('\r\n\r\n') + 4;
  const end = whole.lastIndexOf(`\r\n--${boundary}--\r\n`);
  return {
    head: whole.toString('latin1', 0, start),
    bytes: whole.subarray(start, end),
    tail: whole.toString('latin1', end),
  };
};

test.each(['in its place', 'elsewhere', 'a part of its place', 'in its place, then once more'])(
  'one part, read %s, is answered whole between its boundaries',
  async (where) => {
    const part = new OnePart('image/jpeg', 'image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50');
    const content = Buffer.from([1, 2, 3, 13, 10, 45, 45, 0, 255]);
    let bytes = where === 'elsewhere' ? Buffer.from(content) : part.place(content.length);
    if (where.endsWith('once more')) bytes = part.place(content.length);
    bytes.set(content);
    const expected = where === 'a part of its place' ? content.subarray(1, 6) : content;
    const answer = await parsed(part.response(where === 'a part of its place' ? bytes.subarray(1, 6) : bytes));
    expect(answer.bytes).toEqual(expected);
    expect(answer.head).toMatch(
      /^--lectern-\S+\r\nContent-Type: image\/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50\r\n\r\n$/,
    );
    expect(answer.tail).toMatch(/^\r\n--lectern-\S+--\r\n$/);
  },
);
