// Queries at a server that takes percent-encoding for the characters themselves, and at one that decodes it.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isWildcardMatch } from '#shared/base/wildcard.ts';
import type { QueryAnswer } from '../source.ts';
import { createDicomwebSource } from './dicomweb-source.ts';

const NAMES = ['Buc^Jérôme', 'Buchner^Jan', 'Wang^Xiao'];
/** Of the studies, in their order. */
const MODALITIES = [['CT'], ['MR', 'CT'], ['US']];
const rowOf = (name: string, at: number): object => ({
  '0020000D': { vr: 'UI', Value: [`1.2.${at}`] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: name }] },
});

let server: http.Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** Names that are found, and notices, in their order. */
async function found(
  decode: (text: string) => string,
  name: string,
  { modalities = '', limit }: { modalities?: string; limit?: number } = {},
): Promise<string[]> {
  server = http.createServer((request, response) => {
    const keys = new Map(
      (request.url ?? '')
        .split('?')[1]
        ?.split('&')
        .map((each) => each.split('=').map(decode) as [string, string]),
    );
    const rows = NAMES.map(rowOf).filter(
      (_row, at) =>
        isWildcardMatch(NAMES[at] ?? '', keys.get('00100010') ?? '*') &&
        MODALITIES[at]?.some((modality) => isWildcardMatch(modality, keys.get('00080061') ?? '*')) &&
        (keys.get('StudyInstanceUID') ?? `1.2.${at}`) === `1.2.${at}`,
    );
    const start = Number(keys.get('offset') ?? 0);
    response.end(JSON.stringify(rows.slice(start, start + Number(keys.get('limit')))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const source = createDicomwebSource({ name: 'pacs', url, auth: { kind: 'none' } });
  const keys = [
    { path: ['00100010'], vr: 'PN', value: name },
    { path: ['00080061'], vr: 'CS', value: modalities },
  ];
  const request = { level: 'study', keys, include: [], ...(limit !== undefined && { limit }) } as const;
  const answers: QueryAnswer[] = [];
  for await (const answer of source.query(request, new AbortController().signal)) answers.push(answer);
  await source.close();
  return answers.map((answer) =>
    answer.kind === 'match' ? JSON.stringify(answer.dataset['00100010']?.Value?.[0]).slice(15, -2) : answer.reason,
  );
}
const literally = (text: string): string => text;

test('who does not decode is asked without what must be encoded, and that is said', async () => {
  const wider = expect.stringContaining('it was asked for Buc*J*r* instead') as string;
  expect(await found(literally, 'Buc^Jér*')).toEqual([wider, 'Buc^Jérôme']);
  expect(await found(literally, 'Διον*')).toEqual([expect.stringContaining('Search by Patient ID') as string]);
  expect(await found(literally, 'Buc*')).toEqual(['Buc^Jérôme', 'Buchner^Jan']);
});

test('who does not decode is asked for each value of a list by itself, and each study is listed once', async () => {
  const each = expect.stringContaining('it was asked for CT, MR instead') as string;
  expect(await found(literally, '', { modalities: 'CT\\MR' })).toEqual([each, 'Buc^Jérôme', 'Buchner^Jan']);
  const named = expect.stringContaining('it was asked for Buc*J*r*, CT, MR instead') as string;
  expect(await found(literally, 'Buc^Jér*', { modalities: 'CT\\MR' })).toEqual([named, 'Buc^Jérôme']);
  const cut = 'More than 1 match; the list was cut there.';
  expect(await found(literally, '', { modalities: 'US\\MR', limit: 1 })).toEqual([
    expect.stringContaining('US, MR') as string,
    'Wang^Xiao',
    cut,
  ]);
  expect(await found(literally, '', { modalities: 'MR\\MR', limit: 1 })).toEqual([
    expect.stringContaining('asked for MR instead') as string,
    'Buchner^Jan',
  ]);
});

test('who decodes is believed what it finds, and that it finds nothing', async () => {
  expect(await found(decodeURIComponent, 'Buc^Jér*')).toEqual(['Buc^Jérôme']);
  expect(await found(decodeURIComponent, 'Wang^X Y*')).toEqual([]);
  expect(await found(decodeURIComponent, 'Nobody^X*')).toEqual([]);
});
