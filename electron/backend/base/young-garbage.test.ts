import { PerformanceObserver, constants } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { tellShortLived } from './young-garbage.ts';

test('each four megabytes that are told make a collection of the young generation', async () => {
  const { promise: first, resolve } = Promise.withResolvers<unknown>();
  const observer = new PerformanceObserver((list) => resolve(list.getEntries()[0]));
  observer.observe({ entryTypes: ['gc'] });
  for (let i = 0; i < 4; i++) tellShortLived(1024 * 1024);
  const entry = await first;
  observer.disconnect();
  expect(entry).toMatchObject({ detail: { kind: constants.NODE_PERFORMANCE_GC_MINOR } });
});
