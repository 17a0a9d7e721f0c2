import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharedPieces } from './shared-pieces.ts';

/** A receiver that copies what it gets once `release` lets it. */
function receiver() {
  const got: Buffer[] = [];
  const held: (() => void)[] = [];
  return {
    got,
    held,
    send: (bytes: Uint8Array): Promise<void> =>
      new Promise((resolve) =>
        held.push(() => {
          got.push(Buffer.from(bytes));
          resolve();
        }),
      ),
    release: () => {
      for (const go of held.splice(0)) go();
    },
  };
}

describe('shared pieces', () => {
  test('all bytes arrive in order, though pieces are used again, whatever the sizes', async () => {
    const pieces = new SharedPieces();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(900_000), { maxLength: 6 }), async (sizes) => {
        const parts = sizes.map((size) => randomBytes(size));
        const got: Buffer[] = [];
        const send = async (bytes: Uint8Array): Promise<void> => void got.push(Buffer.from(bytes));
        const stream = pieces.stream(send, 1_000_000);
        for (const part of parts) {
          const lent = Buffer.from(part);
          const written = stream.write(lent);
          // The caller's again at once.
          lent.fill(0);
          await written;
        }
        await stream.end(send);
        expect(Buffer.concat(got).equals(Buffer.concat(parts))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('write waits while too much is with the receiver', async () => {
    const { send, release, held } = receiver();
    const stream = new SharedPieces().stream(send, 600_000);
    let isFree = false;
    const written = stream.write(randomBytes(4 * 256 * 1024 + 5))?.then(() => (isFree = true));
    await Promise.resolve();
    expect(held).toHaveLength(4);
    expect(isFree).toBe(false);
    release();
    await written;
    expect(isFree).toBe(true);
    expect(stream.write(randomBytes(5))).toBeUndefined();
  });

  test('with many streams each has little with the receiver, and goes on as that comes back', async () => {
    const pieces = new SharedPieces();
    const receivers = Array.from({ length: 12 }, receiver);
    const written = receivers.map(({ send }) => pieces.stream(send, 10_000_000).write(randomBytes(2 * 256 * 1024)));
    // The first four have eight pieces there, and nothing holds them; the others would pass what all may have together.
    expect(written.map((held) => held === undefined)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((at) => at < 4),
    );
    for (const { release } of receivers) release();
    await Promise.all(written.filter((held) => held !== undefined));
  });

  test('a failure of one piece ends the stream: no further one is sent, and the end says why', async () => {
    const failure = new Error('the worker ended');
    let calls = 0;
    const send = (): Promise<void> => {
      calls++;
      return Promise.reject(failure);
    };
    const stream = new SharedPieces().stream(send, 1_000_000);
    await stream.write(randomBytes(300_000));
    await stream.write(randomBytes(300_000));
    const before = calls;
    await stream.write(randomBytes(900_000));
    expect(calls).toBe(before);
    await expect(stream.end(() => Promise.resolve('whole'))).rejects.toBe(failure);
  });
});
