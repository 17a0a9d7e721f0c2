// The /api addresses of the study browser (shared/contract/README.md): checks input, calls one use case, serialises.
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { LecternError } from '#shared/contract/errors.ts';
import { jobTitle } from '#shared/contract/job-title.ts';
import { urgency } from '#shared/contract/network.ts';
import type { FileReport, Job, ServerEvent, SessionInfo } from '#shared/contract/views.ts';
import type { Archive } from '#backend/archive/archive.ts';
import { changesSince } from '#backend/archive/change-feed.ts';
import { conflictsIn } from '#backend/archive/conflicts.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import type { Marks } from '#backend/measurements/marks.ts';
import { checkedBody } from './checked-body.ts';
import type { SettingsStore } from '#backend/settings/settings-store.ts';
import type { UseCases } from '#backend/people/use-cases.ts';
import { endDemo } from '#backend/intake/demo.ts';
import type { Uploads } from '#backend/intake/uploads.ts';

export interface OpenBackend {
  archive: Archive;
  jobs: JobQueue;
  marks: Marks;
  settings: SettingsStore;
  uploads: Uploads;
  useCases: UseCases;
}

export interface ApiPorts {
  /** Gives the opened backend or throws LecternError 'archive-locked'. */
  open(): OpenBackend;
  session(): SessionInfo;
  unlock(passphrase: string): Promise<void>;
  setPassphrase(passphrase: string, current: string | undefined): Promise<void>;
  startImport(paths: string[], password: string | undefined): Job;
  addDemo(): Job;
}

const uid = z.string().regex(/^[0-9][0-9.]{0,63}$/);
const passphraseBody = z.object({ passphrase: z.string(), current: z.string().optional() });
const importBody = z.object({
  paths: z.array(z.string().min(1).max(4096)).min(1).max(10000),
  password: z.string().max(1024).optional(),
});
const hurryBody = z.object({ urgency });
const unreadBody = z.object({ path: z.string().min(1).max(4096), reason: z.string().max(500) });
const pageName = z.string().max(100).optional();
const uploadBody = z.object({
  title: jobTitle,
  itemsTotal: z.number().int().nullable(),
  bytesTotal: z.number().nullable(),
  page: pageName,
});

export function apiRoutes(ports: ApiPorts): Hono {
  const app = new Hono();
  app.get('/session', (c) => c.json(ports.session()));
  app.post('/unlock', async (c) => {
    await ports.unlock((await checkedBody(c.req.raw, passphraseBody)).passphrase);
    return c.body(null, 204);
  });
  app.post('/passphrase', async (c) => {
    const { passphrase, current } = await checkedBody(c.req.raw, passphraseBody);
    ports.open().useCases.check('configure');
    await ports.setPassphrase(passphrase, current);
    return c.body(null, 204);
  });
  app.get('/changes', (c) => {
    const { archive, useCases } = ports.open();
    useCases.check('read');
    const since = Number(c.req.query('since') ?? 0);
    if (!Number.isSafeInteger(since) || since < 0) throw new LecternError('bad-request', 'since is a change number.');
    return c.json(changesSince(archive.index, since));
  });
  app.get('/events', (c) => {
    const parts = ports.open();
    const { archive, uploads } = parts;
    const page = pageName.safeParse(c.req.query('page')).data;
    return streamSSE(c, async (stream) => {
      const latest = new EventMailbox(parts);
      const gone = page === undefined ? undefined : uploads.pageCame(page);
      stream.onAbort(() => {
        latest.close();
        gone?.();
      });
      await stream.writeSSE({
        data: JSON.stringify({ type: 'changed', seq: archive.index.seq } satisfies ServerEvent),
      });
      for await (const event of latest) await stream.writeSSE({ data: JSON.stringify(event) });
    });
  });
  conflictRoutes(app, ports);
  studyRoutes(app, ports);
  jobRoutes(app, ports);
  uploadRoutes(app, ports);
  return app;
}

function conflictRoutes(app: Hono, ports: ApiPorts): void {
  const numberOf = (id: string): number => {
    if (!/^\d{1,15}$/.test(id)) throw new LecternError('bad-request', 'A conflict has a number.');
    return Number(id);
  };
  app.get('/conflicts', (c) => {
    const { archive, useCases } = ports.open();
    useCases.check('read');
    return c.json({ conflicts: conflictsIn(archive.index) });
  });
  app.post('/conflicts/:id/prefer', async (c) => {
    const { archive, useCases } = ports.open();
    useCases.check('delete');
    const swap = archive.preferConflict(numberOf(c.req.param('id')));
    const detail = 'a quarantined instance changed places with the stored one';
    await useCases.auditRemoval(swap, { detail }, 'patient-record');
    return c.body(null, 204);
  });
  app.delete('/conflicts/:id', async (c) => {
    const { archive, useCases } = ports.open();
    useCases.check('delete');
    const id = numberOf(c.req.param('id'));
    const studyUid = archive.index.conflict(id)?.studyUid;
    await useCases.auditRemoval(archive.removeConflict(id), {
      ...(studyUid !== undefined && { studyUids: [studyUid] }),
      detail: 'one quarantined instance',
    });
    return c.body(null, 204);
  });
}

function studyRoutes(app: Hono, ports: ApiPorts): void {
  const studyUid = (text: string): string => {
    const parsed = uid.safeParse(text);
    if (!parsed.success) throw new LecternError('bad-request', 'A UID holds digits and dots, at most 64.');
    return parsed.data;
  };
  app.delete('/studies/:uid', async (c) => {
    const { archive, useCases } = ports.open();
    const study = studyUid(c.req.param('uid'));
    useCases.check('delete', study);
    await useCases.auditRemoval(archive.removeStudy(study), { studyUids: [study] });
    return c.body(null, 204);
  });
  for (const [name, isPinned] of [
    ['pin', true],
    ['unpin', false],
  ] as const) {
    app.post(`/studies/:uid/${name}`, (c) => {
      const { archive, useCases } = ports.open();
      const study = studyUid(c.req.param('uid'));
      useCases.check('pin', study);
      archive.setPinned(study, isPinned);
      return c.body(null, 204);
    });
  }
  app.post('/demo/add', (c) => c.json({ job: ports.addDemo() }));
  app.post('/demo/remove', async (c) => {
    const { archive, jobs, useCases } = ports.open();
    useCases.check('delete');
    await endDemo(jobs);
    for (const study of archive.index.demoStudies()) {
      // Another window may ask for the same at the same time.
      if (archive.index.hasStudy(study))
        await useCases.auditRemoval(archive.removeStudy(study), { studyUids: [study], detail: 'demo' });
    }
    return c.body(null, 204);
  });
}

function jobRoutes(app: Hono, ports: ApiPorts): void {
  app.get('/jobs', (c) => c.json({ jobs: ports.open().jobs.list() }));
  app.post('/jobs/import', async (c) => {
    const { paths, password } = await checkedBody(c.req.raw, importBody);
    ports.open().useCases.check('import');
    return c.json({ job: ports.startImport(paths, password) });
  });
  app.post('/verify', (c) => {
    const { jobs, useCases } = ports.open();
    useCases.check('verify');
    return c.json({ job: jobs.start('verify', 'Verify the archive', {}) });
  });
  app.post('/jobs/:id/pause', (c) => c.json({ job: ports.open().jobs.pause(c.req.param('id')) }));
  app.post('/jobs/:id/resume', (c) => c.json({ job: ports.open().jobs.resume(c.req.param('id')) }));
  app.post('/jobs/:id/cancel', (c) => c.json({ job: ports.open().jobs.cancel(c.req.param('id')) }));
  app.post('/jobs/:id/again', (c) => c.json({ job: ports.open().jobs.again(c.req.param('id')) }));
  app.post('/jobs/:id/hurry', async (c) => {
    const { urgency: wanted } = await checkedBody(c.req.raw, hurryBody);
    return c.json({ job: ports.open().jobs.hurry(c.req.param('id'), wanted) });
  });
  app.get('/jobs/:id/report', (c) => {
    const items = [...ports.open().jobs.items(c.req.param('id'))];
    const format = c.req.query('format') ?? 'json';
    if (format === 'json')
      return c.json(items, 200, { 'content-disposition': 'attachment; filename="lectern-report.json"' });
    if (format !== 'csv') throw new LecternError('bad-request', 'A report is given as json or csv.');
    return c.body(csvOf(items), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="lectern-report.csv"',
    });
  });
}

/** RFC 4180; a cell that a spreadsheet would take for a formula is quoted with an apostrophe. */
function csvOf(items: readonly FileReport[]): string {
  const cell = (text: string | undefined): string =>
    `"${(text ?? '').replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;
  const rows = items.map((item) =>
    [item.path, item.outcome, item.sopInstanceUid, item.code, item.reason].map(cell).join(','),
  );
  return ['path,outcome,sopInstanceUid,code,reason', ...rows, ''].join('\r\n');
}

/** A header that the page wrote with encodeURIComponent, since headers carry no other scripts. */
function decodedHeader(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    throw new LecternError('bad-request', 'The header x-zip-password is not encoded as it must be.');
  }
}

function uploadRoutes(app: Hono, ports: ApiPorts): void {
  app.post('/uploads', async (c) => {
    const { uploads, useCases } = ports.open();
    useCases.check('import');
    return c.json({ job: uploads.begin(await checkedBody(c.req.raw, uploadBody)) });
  });
  app.put('/uploads/:id/files', async (c) => {
    const path = c.req.query('path');
    if (!path || path.length > 4096) throw new LecternError('bad-request', 'path names the file.');
    const password = decodedHeader(c.req.header('x-zip-password'));
    const { jobs, uploads } = ports.open();
    const id = c.req.param('id');
    const reports = await uploads.file(id, path, c.req.raw.body, password);
    return c.json(reports, 200, { 'x-job-state': jobs.get(id).state });
  });
  app.post('/uploads/:id/unread', async (c) => {
    const { path, reason } = await checkedBody(c.req.raw, unreadBody);
    ports.open().uploads.unread(c.req.param('id'), path, reason);
    return c.body(null, 204);
  });
  app.post('/uploads/:id/complete', async (c) => {
    return c.json({ job: await ports.open().uploads.complete(c.req.param('id')) });
  });
  app.post('/uploads/:id/leave', (c) => {
    ports.open().uploads.leave(c.req.param('id'), c.req.query('page') === 'there');
    return c.body(null, 204);
  });
}

/** The latest state of what changed since the client last took something: a slow client gets fewer events, not a queue. */
class EventMailbox implements AsyncIterable<ServerEvent> {
  readonly #jobs = new Map<string, Job>();
  readonly #marked = new Set<string>();
  readonly #off: (() => void)[];
  #seq: number | undefined;
  #areSettingsOther = false;
  #wake: (() => void) | undefined;
  #isClosed = false;

  constructor({ archive, jobs, marks, settings }: Pick<OpenBackend, 'archive' | 'jobs' | 'marks' | 'settings'>) {
    this.#off = [
      archive.onChange(() => {
        this.#seq = archive.index.seq;
        this.#wake?.();
      }),
      jobs.onChange((job) => {
        this.#jobs.set(job.id, job);
        this.#wake?.();
      }),
      marks.onChange((studyUid) => {
        this.#marked.add(studyUid);
        this.#wake?.();
      }),
      settings.onAnyChange(() => {
        this.#areSettingsOther = true;
        this.#wake?.();
      }),
    ];
  }

  close(): void {
    this.#isClosed = true;
    for (const off of this.#off) off();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ServerEvent> {
    while (!this.#isClosed) {
      if (this.#seq !== undefined) {
        const seq = this.#seq;
        this.#seq = undefined;
        yield { type: 'changed', seq };
      }
      if (this.#areSettingsOther) {
        this.#areSettingsOther = false;
        yield { type: 'settings' };
      }
      for (const [id, job] of this.#jobs) {
        this.#jobs.delete(id);
        yield { type: 'job', job };
      }
      for (const studyUid of this.#marked) {
        this.#marked.delete(studyUid);
        yield { type: 'marks', studyUid };
      }
      // At most some ten events of a kind a second: enough for a progress bar.
      await new Promise((resolve) => setTimeout(resolve, 100));
      const isEmpty =
        this.#seq === undefined && !this.#areSettingsOther && this.#jobs.size === 0 && this.#marked.size === 0;
      if (isEmpty && !this.#isClosed) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
