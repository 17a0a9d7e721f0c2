// The line on which the page is told of changes.
import { expect, test } from 'vitest';
import { nodeSettings } from '#shared/contract/nodes.ts';
import { backendForEachTest } from './testing.ts';

const at = backendForEachTest();

test('a node that is set up or removed, and a rule, are told to every page', async () => {
  const { body } = await at.call('GET', '/events');
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  const next = async (): Promise<unknown> => JSON.parse((await reader.read()).value!.replace('data: ', ''));
  expect(await next()).toMatchObject({ type: 'changed' });
  const { nodes, rules } = at.backend.open();
  nodes.add(nodeSettings.parse({ kind: 'dimse', name: 'pacs', aet: 'P', host: '127.0.0.1', port: 1, callingAet: 'L' }));
  expect(await next()).toEqual({ type: 'settings' });
  rules.setRouting([{ name: 'on', when: [], sendTo: 'pacs' }]);
  expect(await next()).toEqual({ type: 'settings' });
  nodes.remove('pacs');
  expect(await next()).toEqual({ type: 'settings' });
  await reader.cancel();
});
