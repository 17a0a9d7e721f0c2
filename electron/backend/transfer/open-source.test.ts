// Opening a node as a source: what it needs and does not have is said before anybody is called.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NodeStore } from '#backend/credentials/node-store.ts';
import { SecretVault } from '#backend/credentials/secret-vault.ts';
import { SettingsStore } from '#backend/settings/settings-store.ts';
import { nodeSettings } from '#shared/contract/nodes.ts';
import { openSource } from './open-source.ts';
import type { Receiver } from './receiver.ts';
import { TokenSources } from './token-sources.ts';

function storesOf(): { settings: SettingsStore; nodes: NodeStore } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-source-'));
  const settings = new SettingsStore(path.join(folder, 'settings.db'), randomBytes(32));
  onTestFinished(() => {
    settings.close();
    fs.rmSync(folder, { recursive: true });
  });
  return { settings, nodes: new NodeStore(settings, new SecretVault(settings, undefined)) };
}
const opening = (nodes: NodeStore): Promise<unknown> =>
  openSource(nodes, {} as Receiver, 'web', { tokens: new TokenSources() });

test.each([
  [{ kind: 'basic', user: 'reader' }, 'The password of web is not set.'],
  [{ kind: 'bearer' }, 'The token of web is not set.'],
])('a node with %o that has no secret, as after an import, is not asked without', async (auth, words) => {
  const { nodes } = storesOf();
  nodes.add(nodeSettings.parse({ kind: 'dicomweb', name: 'web', url: 'http://127.0.0.1:1', auth }));
  await expect(opening(nodes)).rejects.toMatchObject({ code: 'peer-credentials', message: words });
});

test('an address that would lead elsewhere is not asked, though it was taken once', async () => {
  const { settings, nodes } = storesOf();
  settings.write('node:web', { kind: 'dicomweb', name: 'web', url: 'http://127.0.0.1:1/rs?a=1' });
  await expect(opening(nodes)).rejects.toThrow('web cannot be asked. The address of a DICOMweb node has no "?"');
});
