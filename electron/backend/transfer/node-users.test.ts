// A node that something uses is removed only by who was told.
import { expect, test } from 'vitest';
import { nodeSettings, type NodeView } from '#shared/contract/nodes.ts';
import { priorRules, type NetworkView } from '#shared/contract/receiver.ts';
import { backendForEachTest } from '../routes/testing.ts';

const at = backendForEachTest();
const pacs = nodeSettings.parse({
  kind: 'dimse',
  name: 'pacs',
  aet: 'PACS',
  host: '127.0.0.1',
  port: 1,
  callingAet: 'LECTERN',
});
const users = 'the routing rule All, the rules for priors, the worklist for priors, 1 job that is not done';
const names = async (): Promise<string[]> =>
  (await at.got<{ nodes: NodeView[] }>('/nodes')).nodes.map(({ settings }) => settings.name);

test('the page is told what uses it, and rules that are left without it are marked', async () => {
  const { nodes, rules, jobs } = at.backend.open();
  nodes.add(pacs);
  rules.setRouting([{ name: 'All', when: [], sendTo: 'pacs' }]);
  rules.setPriors(priorRules.parse({ nodes: ['pacs'], worklistNode: 'pacs' }));
  jobs.start('retrieve', 'waits', { node: 'pacs', studyUid: '1.2' });
  const refused = await at.call('DELETE', '/nodes/pacs');
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ detail: `pacs was not removed: it is used by ${users}.` });
  expect(await names()).toEqual(['pacs']);
  expect((await at.got<NetworkView>('/receiver')).routingProblems).toEqual([]);
  expect((await at.call('DELETE', '/nodes/pacs?anyway=true')).status).toBe(204);
  expect(await names()).toEqual([]);
  expect((await at.got<NetworkView>('/receiver')).routingProblems).toEqual([
    'The rule All sends nothing on, since the node pacs is not set up: what comes for it waits as jobs until it is.',
  ]);
  // What nothing uses goes at once.
  rules.setRouting([]);
  rules.setPriors(priorRules.parse({}));
  for (const job of jobs.list()) jobs.cancel(job.id);
  await at.ended('retrieve');
  nodes.add(pacs);
  expect((await at.call('DELETE', '/nodes/pacs')).status).toBe(204);
});
