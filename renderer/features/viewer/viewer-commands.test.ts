import { expect, test } from 'vitest';
import { conflictsOf } from '../../commands/bindings.ts';
import { COMMANDS } from './viewer-commands.ts';

test('default keys do not contradict each other, names occur once', () => {
  expect([...conflictsOf(COMMANDS, {})]).toEqual([]);
  expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
  expect(new Set(COMMANDS.map(({ label }) => label)).size).toBe(COMMANDS.length);
});

test('held keys repeat what steps, and nothing that toggles, turns or leaves', () =>
  expect(COMMANDS.filter(({ repeats }) => repeats).map(({ id }) => id)).toEqual([
    'slice.next',
    'slice.previous',
    'slice.pageDown',
    'slice.pageUp',
    'cine.faster',
    'cine.slower',
    'zoomIn',
    'zoomOut',
  ]));
