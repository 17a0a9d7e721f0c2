import { expect, test, vi } from 'vitest';
import { network } from '../../backend-client/network.ts';
import type { NodeView } from '#shared/contract/nodes.ts';
import type { NetworkView } from '#shared/contract/receiver.ts';
import { networkStore } from './network-store.ts';

test('an answer that was asked for earlier never replaces a later one', async () => {
  const answers: ((view: NetworkView) => void)[] = [];
  vi.spyOn(network, 'nodes').mockImplementation(() => Promise.resolve([]));
  vi.spyOn(network, 'receiver').mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
  const before = { message: 'before saving' } as NetworkView;
  const after = { message: 'after saving' } as NetworkView;
  const questions = [networkStore.getState().reload(), networkStore.getState().reload()];
  answers[1]!(after);
  await questions[1];
  answers[0]!(before);
  await questions[0];
  expect(networkStore.getState().receiver).toBe(after);
});

test('nodes stand in the order of their numbers', async () => {
  const named = ['PACS 11', 'PACS 2', 'Archive'].map((name) => ({ settings: { name } }) as NodeView);
  vi.spyOn(network, 'nodes').mockResolvedValue(named);
  vi.spyOn(network, 'receiver').mockResolvedValue({} as NetworkView);
  await networkStore.getState().reload();
  expect(networkStore.getState().nodes?.map(({ settings }) => settings.name)).toEqual(['Archive', 'PACS 2', 'PACS 11']);
});
