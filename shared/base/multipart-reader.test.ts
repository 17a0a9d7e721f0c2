import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundaryOf, MultipartDefect, readMultipart } from './multipart-reader.ts';

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function parts(
  bytes: Uint8Array,
  boundary: string,
  sizes: readonly number[],
): Promise<{ type: string | undefined; body: Buffer }[]> {
  const found: { type: string | undefined; body: Buffer }[] = [];
  for await (const event of readMultipart(cut(bytes, sizes), boundary)) {
    if (event.kind === 'part') found.push({ type: event.headers.get('content-type'), body: Buffer.alloc(0) });
    else if (event.kind === 'data') found.at(-1)!.body = Buffer.concat([found.at(-1)!.body, event.bytes]);
  }
  return found;
}

const write = (bodies: readonly Uint8Array[], boundary: string, preamble = ''): Buffer =>
  Buffer.concat([
    Buffer.from(preamble),
    ...bodies.flatMap((body, i) => [
      Buffer.from(`${i || preamble ? '\r\n' : ''}--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
      body,
    ]),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);

test('reads any bodies cut anywhere, also bodies full of near boundaries', async () => {
  const tricky = fc
    .constantFrom('\r\n--B', '\r\n--Bx', '\r', '\n', '--', '\r\n', 'B-', '\r\n--')
    .map((text) => Buffer.from(text));
  const body = fc
    .array(fc.oneof(tricky, fc.uint8Array({ maxLength: 40 })), { maxLength: 12 })
    .map((pieces) => Buffer.concat(pieces));
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 4 }), sizes, async (bodies, pieceSizes) => {
      const found = await parts(write(bodies, 'Boundary7'), 'Boundary7', pieceSizes);
      expect(found.map((part) => part.body.toString('latin1'))).toEqual(bodies.map((each) => each.toString('latin1')));
      expect(found.every((part) => part.type === 'application/dicom')).toBe(true);
    }),
  );
});

test('every truncation before the last boundary is a defect', async () => {
  const whole = write([Buffer.from('one'), Buffer.from('two')], 'B', 'preamble');
  for (let length = 0; length < whole.length - 4; length++) {
    await expect(parts(whole.subarray(0, length), 'B', [7]), `cut to ${length}`).rejects.toThrow(MultipartDefect);
  }
});

test('an empty part may end with the line break of its headers, wherever the body is cut', async () => {
  const body = Buffer.from('--X\r\nContent-Type: a/b\r\n\r\n--X\r\n\r\n--x\r\n--X\r\n\r\n--X\r\n\r\n--X--\r\n');
  for (let size = 1; size <= body.length; size++) {
    const found = await parts(body, 'X', [size]);
    const texts = found.map((part) => part.body.toString());
    expect(texts, `in pieces of ${size}`).toEqual(['', '--x', '', '']);
  }
});

test('a preamble may end its lines in a bare LF, wherever the body is cut', async () => {
  const body = Buffer.concat([
    Buffer.from('sent by x --B\nand y\n'),
    write([Buffer.from('one\n--B'), Buffer.from('two')], 'B'),
  ]);
  for (let size = 1; size <= body.length; size++) {
    const found = await parts(body, 'B', [size]);
    expect(
      found.map((part) => part.body.toString()),
      `in pieces of ${size}`,
    ).toEqual(['one\n--B', 'two']);
  }
});

test.each([
  ['a boundary line ends', '--B\nContent-Type: application/dicom\r\n\r\none'],
  ['the headers end', '--B\r\nContent-Type: application/dicom\n\none'],
])('a part is not passed over where %s in a bare LF', async (_what, first) => {
  const body = Buffer.concat([Buffer.from(`${first}\r\n`), write([Buffer.from('two')], 'B')]);
  await expect(parts(body, 'B', [body.length])).rejects.toThrow(/bare LF/);
});

test.each([
  ['multipart/related; type="application/dicom"; boundary=abc', 'abc'],
  ['multipart/related; boundary="a b=c"; type=x', 'a b=c'],
  ['multipart/related;BOUNDARY = "abc"', 'abc'],
  ['multipart/related; boundary=abc ; type=x', 'abc'],
  [String.raw`multipart/related; boundary="a\"b\\c"`, String.raw`a"b\c`],
  ['multipart/related; type="x; boundary=no"; boundary=abc', 'abc'],
  [String.raw`multipart/related; type="\"; boundary=no"; boundary=abc; boundary=second`, 'abc'],
  ['multipart/related; x-boundary=no', undefined],
  ['multipart/related; boundary=""', undefined],
  ['multipart/related', undefined],
])('of %j the boundary is %j', (contentType, boundary) => {
  expect(boundaryOf(contentType)).toBe(boundary);
});
