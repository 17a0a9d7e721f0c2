import { expect, test } from 'vitest';
import { backendForEachTest, instance } from '#backend/routes/testing.ts';

const at = backendForEachTest();

test.each(['are still arriving', 'wait for a paused job'])(
  'demo studies that %s are removed with what would still have come',
  async (when) => {
    const { jobs } = at.backend.open();
    const { id } = at.backend.addDemo();
    await expect.poll(() => at.studies().length).toBeGreaterThan(2);
    if (when === 'wait for a paused job') jobs.pause(id);
    expect((await at.call('POST', '/demo/remove')).status).toBe(204);
    expect(jobs.get(id)).toMatchObject({ state: 'cancelled', finishedAt: expect.any(Number) as number });
    expect(at.studies()).toEqual([]);
    expect(at.backend.session().hasDemo).toBe(false);
  },
);

test('two windows that remove the demo studies at once are both done', async () => {
  await at.take(...[1, 2, 3].map((study) => at.put(`${study}.dcm`, instance(study, 1))));
  at.backend.open().archive.index.db.execute('UPDATE study SET demo = 1');
  const answers = await Promise.all([1, 2].map(() => at.call('POST', '/demo/remove')));
  expect(answers.map(({ status }) => status)).toEqual([204, 204]);
  expect(at.studies()).toEqual([]);
});
