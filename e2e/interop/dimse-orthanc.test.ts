// DIMSE against Orthanc, both directions: what is stored there comes back by C-GET and C-MOVE as it was, in its own transfer
// syntax; commitment on an association of its own. Where Orthanc or the samples are absent the suite is skipped.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { memorySink } from '#backend/sources/dimse/testing/memory-sink.ts';
import { pixelsOf, type RealInstance } from '../support/dimse-peers.ts';
import {
  distinct,
  endAll,
  named,
  UNKNOWN_TO_DCMTK,
  nothing,
  query,
  signal,
  sorted,
  sourceAt,
  startScp,
  studiesOf,
} from '../support/dimse-session.ts';
import { hasSamples, temporaryFolder } from '../support/lectern.ts';
import { hasOrthanc, startOrthanc } from '../support/peers.ts';

const folder = temporaryFolder();
afterEach(endAll);
afterAll(() => folder[Symbol.dispose]());

describe.skipIf(!hasOrthanc || !hasSamples)('DIMSE with Orthanc (needs Orthanc and the samples)', () => {
  const place = { home: path.join(folder.path, 'orthanc'), firstPort: 21420 };
  const port = place.firstPort + 2;
  const lecternPort = place.firstPort + 9;
  // Its DCMTK cannot take the newest syntaxes, and it wants complete instances.
  const files = distinct.filter(
    ({ transferSyntaxUid, file }) =>
      !UNKNOWN_TO_DCMTK.test(transferSyntaxUid) && studiesOf([{ file } as RealInstance])[0] !== 'undefined',
  );
  let stop = nothing;
  let stored: RealInstance[] = [];
  beforeAll(async () => {
    ({ stop } = startOrthanc(place));
    const outcomes = await sourceAt('ORTHANC', port).store(files, nothing, signal);
    stored = files.filter((_, index) => outcomes[index]?.outcome === 'sent');
    for (const outcome of outcomes) if (outcome.outcome !== 'sent') expect(outcome.reason).toBeTruthy();
    expect(stored.length).toBeGreaterThan(files.length * 0.8);
  });
  afterAll(() => stop());

  test.each(['get', 'move'] as const)('every study by C-%s comes back as it is stored there', async (retrieve) => {
    const sink = memorySink();
    const scp = retrieve === 'move' ? await startScp(memorySink(), { port: lecternPort }) : undefined;
    const source = sourceAt('ORTHANC', port, { retrieve }, scp);
    for (const studyUid of studiesOf(stored)) {
      const result = await source.retrieve({ studyUid }, sink, nothing, signal);
      expect(result, studyUid).toMatchObject({ received: result.expected, failed: [] });
    }
    expect(sorted(sink.kept.map(({ announced }) => announced.sopInstanceUid))).toEqual(
      stored.map(({ sopInstanceUid }) => sopInstanceUid).sort(),
    );
    for (const { announced, file } of sink.kept) {
      const sent = stored.find(({ sopInstanceUid }) => sopInstanceUid === announced.sopInstanceUid);
      expect(announced.transferSyntaxUid, sent?.file).toBe(sent?.transferSyntaxUid);
      expect(pixelsOf(file), sent?.file).toBe(pixelsOf(fs.readFileSync(sent?.file ?? '')));
    }
  });

  test('a study that is not there: nothing announced, nothing received, no failure made up', async () => {
    const result = await sourceAt('ORTHANC', port)
      .retrieve({ studyUid: '1.2.3.4.999' }, memorySink(), nothing, signal)
      .catch((error: unknown) => error);
    if (result instanceof Error) expect(result.message).toMatch(/status 0x/);
    else expect(result).toMatchObject({ received: 0, failed: [] });
  });

  test('names in many character sets are found and read', async () => {
    const found = named(await query(sourceAt('ORTHANC', port, { charset: 'ISO_IR 192' }), { include: ['00080005'] }));
    expect(found.join(' ')).toMatch(/[^\x20-\x7e]/);
    expect(found.join(' ')).not.toContain('\uFFFD');
  });

  test('storage commitment: the report comes on an association of its own; what is not there is named', async () => {
    const scp = await startScp(memorySink(), { port: lecternPort });
    const there = stored.slice(0, 3).map(({ sopClassUid, sopInstanceUid }) => ({ sopClassUid, sopInstanceUid }));
    const absent = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '1.2.3.4.5.999' };
    const result = await sourceAt('ORTHANC', port, {}, scp).commit([...there, absent], signal);
    expect(result.committed).toEqual(there);
    expect(result.failed).toMatchObject([{ ...absent, status: 0x0112 }]);
    expect(result.unanswered).toEqual([]);
  });

  test('a limit cuts the list and says so', async () => {
    const answers = await query(sourceAt('ORTHANC', port), { limit: 2 });
    expect(answers.map(({ kind }) => kind)).toEqual(['match', 'match', 'notice']);
  });
});
