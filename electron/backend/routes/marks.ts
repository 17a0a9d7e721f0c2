// The /api addresses of what persons put on images: lengths and key images, kept at each change, and the documents made of them.
import { Hono } from 'hono';
import { z } from 'zod';
import type { Archive } from '#backend/archive/archive.ts';
import { Turns } from '#backend/base/turns.ts';
import type { Marks } from '#backend/measurements/marks.ts';
import { saveReport } from '#backend/measurements/save-report.ts';
import { saveSelection } from '#backend/measurements/save-selection.ts';
import type { Person } from '#backend/people/people.ts';
import type { UseCases } from '#backend/people/use-cases.ts';
import { LecternError } from '#shared/contract/errors.ts';
import {
  frameName,
  keyImage,
  storedLength,
  type KeyImagesView,
  type MarkCounts,
  type SavedDocument,
  type StudyLengthsView,
} from '#shared/contract/marks.ts';
import { checkedBody } from './checked-body.ts';

export interface MarkParts {
  archive: Archive;
  marks: Marks;
  useCases: UseCases;
}

/** Marks are kept for studies that are here: a page that was left open does not bring back those of a deleted one. */
function requireStudy(archive: Archive, studyUid: string): void {
  if (!archive.index.hasStudy(studyUid))
    throw new LecternError('not-found', `No study ${studyUid} is in the archive, so what is marked on it is not kept.`);
}

export function markRoutes(open: () => MarkParts, version: string): Hono {
  const app = new Hono();
  app.get('/marks', (c) => {
    const { marks, useCases } = open();
    useCases.check('read');
    return c.json({
      lengths: Object.fromEntries(marks.lengths.counts()),
      keyImages: Object.fromEntries(marks.keyImages.counts()),
    } satisfies MarkCounts);
  });
  lengthRoutes(app, open);
  keyImageRoutes(app, open);
  /** One after the other for a study: two windows that save at once make one document, not two of the same. */
  const saves = new Turns();
  const make = (
    studyUid: string,
    what: string,
    latestOf: (marks: Marks) => SavedDocument | null,
    save: (parts: MarkParts, person: Person) => Promise<SavedDocument>,
  ): Promise<SavedDocument> =>
    saves.take(`${what} ${studyUid}`, async () => {
      const parts = open();
      const person = parts.useCases.check('measure', studyUid);
      requireStudy(parts.archive, studyUid);
      const latest = latestOf(parts.marks);
      if (latest?.isCurrent && parts.archive.index.locate(latest.sopInstanceUid)) return latest;
      const document = await save(parts, person);
      parts.useCases.audit('import', 0, { studyUids: [studyUid], instanceCount: 1, detail: what });
      return document;
    });
  app.post('/studies/:study/report', async (c) => {
    const studyUid = c.req.param('study');
    const report = await make(
      studyUid,
      'measurement report',
      ({ lengths }) => lengths.latestDocument(studyUid),
      ({ archive, marks: { lengths } }, person) => saveReport({ archive, lengths, version }, studyUid, person),
    );
    return c.json({ report });
  });
  app.post('/studies/:study/selection', async (c) => {
    const studyUid = c.req.param('study');
    const selection = await make(
      studyUid,
      'key object selection',
      ({ keyImages }) => keyImages.latestDocument(studyUid),
      ({ archive, marks: { keyImages } }, person) => saveSelection({ archive, keyImages, version }, studyUid, person),
    );
    return c.json({ selection });
  });
  return app;
}

function lengthRoutes(app: Hono, open: () => MarkParts): void {
  app.get('/studies/:study/lengths', (c) => {
    const { marks, useCases } = open();
    const studyUid = c.req.param('study');
    useCases.check('read', studyUid);
    return c.json({
      lengths: marks.lengths.of(studyUid),
      report: marks.lengths.latestDocument(studyUid),
      others: marks.reports.of(studyUid),
    } satisfies StudyLengthsView);
  });
  app.put('/studies/:study/lengths/:uid', async (c) => {
    const { archive, marks, useCases } = open();
    const length = await checkedBody(c.req.raw, storedLength);
    if (length.studyUid !== c.req.param('study') || length.uid !== c.req.param('uid'))
      throw new LecternError('bad-request', 'The length is not the one of this address.');
    const person = useCases.check('measure', length.studyUid);
    requireStudy(archive, length.studyUid);
    marks.lengths.keep(length, person.id);
    return c.body(null, 204);
  });
  app.delete('/studies/:study/lengths/:uid', (c) => {
    const { marks, useCases } = open();
    const uid = z.uuid().safeParse(c.req.param('uid'));
    if (!uid.success) throw new LecternError('bad-request', 'A length is named by a UUID.');
    const person = useCases.check('measure', c.req.param('study'));
    marks.lengths.forget(c.req.param('study'), uid.data, person.id);
    return c.body(null, 204);
  });
}

function keyImageRoutes(app: Hono, open: () => MarkParts): void {
  app.get('/studies/:study/key-images', (c) => {
    const { marks, useCases } = open();
    const studyUid = c.req.param('study');
    useCases.check('read', studyUid);
    return c.json({
      images: marks.keyImages.of(studyUid),
      selection: marks.keyImages.latestDocument(studyUid),
      others: marks.selections.of(studyUid),
    } satisfies KeyImagesView);
  });
  app.put('/studies/:study/key-images/:sop/:frame', async (c) => {
    const { archive, marks, useCases } = open();
    const image = await checkedBody(c.req.raw, keyImage);
    if (image.studyUid !== c.req.param('study') || frameName(image) !== `${c.req.param('sop')}/${c.req.param('frame')}`)
      throw new LecternError('bad-request', 'The key image is not the one of this address.');
    const person = useCases.check('measure', image.studyUid);
    requireStudy(archive, image.studyUid);
    marks.keyImages.keep(image, person.id);
    return c.body(null, 204);
  });
  app.delete('/studies/:study/key-images/:sop/:frame', (c) => {
    const { marks, useCases } = open();
    const { study, sop, frame } = c.req.param();
    const person = useCases.check('measure', study);
    marks.keyImages.forget(study, `${sop}/${frame}`, person.id);
    return c.body(null, 204);
  });
}
