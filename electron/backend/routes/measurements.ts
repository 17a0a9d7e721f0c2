// The /api addresses of what was measured: lengths of a study, kept at each change.
import { Hono } from 'hono';
import { z } from 'zod';
import type { Archive } from '#backend/archive/archive.ts';
import type { ForeignReports } from '#backend/measurements/foreign-reports.ts';
import type { LengthJournal } from '#backend/measurements/length-journal.ts';
import { saveReport } from '#backend/measurements/save-report.ts';
import type { UseCases } from '#backend/people/use-cases.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { storedLength, type LengthCounts, type StudyLengthsView } from '#shared/contract/measurements.ts';
import { checkedBody } from './checked-body.ts';

export interface MeasurementParts {
  archive: Archive;
  lengths: LengthJournal;
  foreignReports: ForeignReports;
  useCases: UseCases;
}

/** Lengths are kept for studies that are here: a page that was left open does not bring back those of a deleted one. */
function requireStudy(archive: Archive, studyUid: string): void {
  if (!archive.index.hasStudy(studyUid))
    throw new LecternError('not-found', `No study ${studyUid} is in the archive, so its lengths are not kept.`);
}

export function measurementRoutes(open: () => MeasurementParts, version: string): Hono {
  const app = new Hono();
  app.get('/lengths', (c) => {
    const { lengths, useCases } = open();
    useCases.check('read');
    return c.json({ counts: Object.fromEntries(lengths.counts()) } satisfies LengthCounts);
  });
  app.get('/studies/:study/lengths', (c) => {
    const { foreignReports, lengths, useCases } = open();
    const studyUid = c.req.param('study');
    useCases.check('read', studyUid);
    return c.json({
      lengths: lengths.of(studyUid),
      report: lengths.report(studyUid),
      others: foreignReports.of(studyUid),
    } satisfies StudyLengthsView);
  });
  app.put('/studies/:study/lengths/:uid', async (c) => {
    const { archive, lengths, useCases } = open();
    const length = await checkedBody(c.req.raw, storedLength);
    if (length.studyUid !== c.req.param('study') || length.uid !== c.req.param('uid'))
      throw new LecternError('bad-request', 'The length is not the one of this address.');
    const person = useCases.check('measure', length.studyUid);
    requireStudy(archive, length.studyUid);
    lengths.keep(length, person.id);
    return c.body(null, 204);
  });
  app.delete('/studies/:study/lengths/:uid', (c) => {
    const { lengths, useCases } = open();
    const uid = z.uuid().safeParse(c.req.param('uid'));
    if (!uid.success) throw new LecternError('bad-request', 'A length is named by a UUID.');
    const person = useCases.check('measure', c.req.param('study'));
    lengths.forget(c.req.param('study'), uid.data, person.id);
    return c.body(null, 204);
  });
  app.post('/studies/:study/report', async (c) => {
    const { archive, lengths, useCases } = open();
    const studyUid = c.req.param('study');
    const person = useCases.check('measure', studyUid);
    requireStudy(archive, studyUid);
    const report = await saveReport({ archive, lengths, version }, studyUid, person);
    useCases.audit('import', 0, { studyUids: [studyUid], instanceCount: 1, detail: 'measurement report' });
    return c.json({ report });
  });
  return app;
}
