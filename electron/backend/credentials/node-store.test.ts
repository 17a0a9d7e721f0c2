// Nodes of an archive that were set up before their settings were looked at as closely as now.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SettingsStore } from '#backend/settings/settings-store.ts';
import { NodeStore } from './node-store.ts';
import { SecretVault } from './secret-vault.ts';

test('a node whose address is refused now is still listed, to be mended', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-nodes-'));
  const settings = new SettingsStore(path.join(folder, 'settings.db'), randomBytes(32));
  onTestFinished(() => {
    settings.close();
    fs.rmSync(folder, { recursive: true });
  });
  const node = { kind: 'dicomweb', name: 'web', url: 'http://pacs/dicom-web?a=1', auth: { kind: 'none' } };
  settings.write('node:web', node);
  const nodes = new NodeStore(settings, new SecretVault(settings, undefined));
  expect(nodes.list().map((view) => view.settings)).toEqual([node]);
});
