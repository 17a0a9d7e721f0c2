// When a node is asked again.
import { expect, test } from 'vitest';
import { HttpRefusal } from '#backend/sources/dicomweb/http-client.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { pauseMs } from './retry-policy.ts';

test('pauses grow to half a minute; a node that asks for a longer one gets it', () => {
  const gone = new LecternError('peer-unreachable', 'Nothing listens there.');
  expect([0, 1, 4, 9].map((attempt) => pauseMs(attempt, gone))).toEqual([1000, 2000, 16_000, 30_000]);
  const busy = new HttpRefusal('peer-unreachable', 'Busy.', 429, 90_000);
  expect([0, 9].map((attempt) => pauseMs(attempt, busy))).toEqual([90_000, 90_000]);
});
