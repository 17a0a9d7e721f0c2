// Sending to systems that take no compression: storescp that knows one uncompressed transfer syntax, real files in every syntax that
// can be decoded. The pixels are those that DCMTK and GDCM decode, nothing is converted without being said.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { canDecode } from '#shared/codecs/decode-frame.ts';
import { EXPLICIT_LITTLE, IMPLICIT_LITTLE, isEncapsulated, isLossy } from '#shared/dicom/transfer-syntaxes.ts';
import { hasDcmtk, parsedFile, pixelsOf, type RealInstance } from '../support/dimse-peers.ts';
import { distinct, endAll, receivedFiles, startStorescp } from '../support/dimse-session.ts';
import { hasSamples, runCli, temporaryFolder } from '../support/lectern.ts';

const folder = temporaryFolder();
afterEach(endAll);
afterAll(() => folder[Symbol.dispose]());
const hasGdcm = spawnSync('which', ['gdcmconv']).status === 0;
/** The first takes Implicit VR as well, which is one of the three that DCMTK knows without compression; the other nothing else. */
const OPTIONS = { [EXPLICIT_LITTLE]: '+x=', [IMPLICIT_LITTLE]: '+xi' } as const;

const textOf = (bytes: Buffer, tag: string): unknown => parsedFile(bytes).dataset[tag]?.Value?.[0];

/** Pixels as another program decodes them; undefined where it cannot. */
function decodedByOthers({ file, transferSyntaxUid }: RealInstance): string | undefined {
  if (transferSyntaxUid === EXPLICIT_LITTLE || transferSyntaxUid === IMPLICIT_LITTLE)
    return pixelsOf(fs.readFileSync(file));
  const out = path.join(folder.path, 'other.dcm');
  const done = spawnSync('gdcmconv', ['--raw', file, out], { stdio: 'ignore' });
  return done.status === 0 ? pixelsOf(fs.readFileSync(out)) : undefined;
}

describe.skipIf(!hasDcmtk || !hasSamples)('a system that takes no compression (needs DCMTK and the samples)', () => {
  test.each([EXPLICIT_LITTLE, IMPLICIT_LITTLE] as const)('and wants %s', async (wanted) => {
    const place = fs.mkdtempSync(path.join(folder.path, 'data-'));
    const { port, received } = await startStorescp(folder.path, OPTIONS[wanted]);
    const sent = distinct.filter(({ transferSyntaxUid }) => canDecode(transferSyntaxUid));
    const uids = sent.map(({ sopInstanceUid }) => sopInstanceUid);
    await runCli(place, ['import', ...new Set(sent.map(({ file }) => file))]);
    await runCli(place, ['nodes', 'add', 'old', '--dimse', `STORESCP@127.0.0.1:${port}`]);
    const { stdout, code } = await runCli(place, ['send', 'old', ...uids, '--json']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const bad = lines.filter(({ outcome }) => outcome === 'failed');
    const cut = lines.filter(({ outcome }) => outcome === 'cut');
    expect({ code, bad }).toEqual({ code: cut.length ? 3 : 0, bad: [] });
    const said = new Map(
      lines.filter((line) => !cut.includes(line)).map(({ sopInstanceUid, conversion }) => [sopInstanceUid, conversion]),
    );
    const files = new Map(receivedFiles(received).map((bytes) => [textOf(bytes, '00080018'), bytes]));
    expect(files.size).toBe(sent.length);
    let compared = 0;
    for (const instance of sent) {
      const { sopInstanceUid, transferSyntaxUid, file } = instance;
      const bytes = files.get(sopInstanceUid) ?? Buffer.alloc(0);
      const only = wanted === EXPLICIT_LITTLE && /1\.2(\.2)?$/.test(transferSyntaxUid) ? transferSyntaxUid : wanted;
      expect(parsedFile(bytes).transferSyntaxUid, file).toBe(only);
      // As stored: not a word; else which syntax it was.
      if (transferSyntaxUid === only) expect(said.has(sopInstanceUid), file).toBe(false);
      else expect(String(said.get(sopInstanceUid)), file).toContain('Not sent as stored');
      const before = fs.readFileSync(file);
      if (textOf(before, '00282110') !== undefined) expect(textOf(bytes, '00282110')).toBe(textOf(before, '00282110'));
      if (/\.4\.(5[0135]|81)$/.test(transferSyntaxUid)) expect(textOf(bytes, '00282110'), file).toBe('01');
      if (isEncapsulated(transferSyntaxUid)) expect(String(textOf(bytes, '00280004')), file).not.toMatch(/422|RCT|ICT/);
      if (!hasGdcm || isLossy(transferSyntaxUid) || only === transferSyntaxUid) continue;
      const theirs = decodedByOthers(instance);
      const isSameLayout = textOf(bytes, '00280006') !== 1;
      if (theirs === undefined || !isSameLayout) continue;
      expect(pixelsOf(bytes), file).toBe(theirs);
      compared++;
    }
    if (hasGdcm) expect(compared).toBeGreaterThan(5);
  });
});
