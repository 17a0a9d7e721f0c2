import { expect, test } from 'vitest';
import { backendForEachTest } from '#backend/routes/testing.ts';

const at = backendForEachTest();

test.each(['are still arriving', 'wait for a paused job'])(
  'demo studies that %s are removed with what would still have come',
  async (when) => {
    const { jobs } = at.backend.open();
    const { id } = at.backend.addDemo();
    await expect.poll(() => at.studies().length).toBeGreaterThan(2);
    if (when === 'wait for a paused job') jobs.pause(id);
    // Of two windows.
    const answers = await Promise.all([1, 2].map(() => at.call('POST', '/demo/remove')));
    expect(answers.map(({ status }) => status)).toEqual([204, 204]);
    expect(jobs.get(id)).toMatchObject({ state: 'cancelled', finishedAt: expect.any(Number) as number });
    expect(at.studies()).toEqual([]);
    expect(at.backend.session().hasDemo).toBe(false);
  },
);
