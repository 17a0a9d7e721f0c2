// The DICOMweb origin (PS3.18 studies service): addresses to handlers, with the person's rights and the audit in between.
import { Hono } from 'hono';
import type { Archive } from '#backend/archive/archive.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { problemResponse } from '#backend/base/problem-response.ts';
import type { PicturePool } from '#backend/rendering/renderer.ts';
import type { UseCases } from '#backend/people/use-cases.ts';
import { handleQuery } from './qido.ts';
import { handleStore } from './stow.ts';
import { handleBulkData, handleFrames, handleInstances, handleMetadata, type Target } from './wado.ts';
import { handleRendered, Thumbnails } from './rendered.ts';

const UID = /^[0-9][0-9.]{0,63}$/;

function target(params: Record<string, string | undefined>): Target {
  for (const uid of [params['study'], params['series'], params['sop']]) {
    if (uid !== undefined && !UID.test(uid))
      throw new LecternError('bad-request', 'A UID holds digits and dots, at most 64.');
  }
  return { studyUid: params['study'] ?? '', seriesUid: params['series'], sopUid: params['sop'] };
}

/** `open`: gives the archive or throws 'archive-locked'. */
export function dicomwebRoutes(open: () => { archive: Archive; useCases: UseCases; pictures: PicturePool }): Hono {
  const app = new Hono();
  const query = (level: 'study' | 'series' | 'instance') => (request: Request, at: Target) => {
    const { archive, useCases } = open();
    useCases.check('read', at.studyUid || undefined);
    return handleQuery(archive, request, level, { '0020000D': at.studyUid || undefined, '0020000E': at.seriesUid });
  };
  const thumbnails = new Thumbnails();
  app.get('/studies', (c) => query('study')(c.req.raw, { studyUid: '' }));
  app.get('/series', (c) => query('series')(c.req.raw, { studyUid: '' }));
  app.get('/instances', (c) => query('instance')(c.req.raw, { studyUid: '' }));
  app.get('/studies/:study/series', (c) => query('series')(c.req.raw, target(c.req.param())));
  app.get('/studies/:study/instances', (c) => query('instance')(c.req.raw, target(c.req.param())));
  app.get('/studies/:study/series/:series/instances', (c) => query('instance')(c.req.raw, target(c.req.param())));
  app.post('/studies', (c) => store(c.req.raw, undefined));
  app.post('/studies/:study', (c) => store(c.req.raw, target(c.req.param()).studyUid));

  async function store(request: Request, studyUid: string | undefined): Promise<Response> {
    const { archive, useCases } = open();
    useCases.check('import', studyUid);
    const response = await handleStore(archive, request, studyUid);
    useCases.audit('import', response.ok ? 0 : 4, { detail: 'STOW-RS' });
    return response;
  }

  for (const at of [
    '/studies/:study',
    '/studies/:study/series/:series',
    '/studies/:study/series/:series/instances/:sop',
  ]) {
    app.get(at, (c) => {
      const { archive, useCases } = open();
      const asked = target(c.req.param());
      useCases.check('export', asked.studyUid);
      const response = handleInstances(archive, c.req.raw, asked);
      useCases.audit('export', 0, { studyUids: [asked.studyUid], detail: 'WADO-RS' });
      return response;
    });
    app.get(`${at}/metadata`, (c) => {
      const { archive, useCases } = open();
      const asked = target(c.req.param());
      useCases.check('read', asked.studyUid);
      const response = handleMetadata(archive, c.req.raw, asked);
      useCases.noteRead(asked.studyUid);
      return response;
    });
    for (const kind of ['rendered', 'thumbnail'] as const) {
      app.get(`${at}/${kind}`, async (c) => {
        const { archive, useCases, pictures } = open();
        const asked = target(c.req.param());
        useCases.check('read', asked.studyUid);
        return handleRendered({ archive, pictures, thumbnails }, c.req.raw, asked, undefined, kind);
      });
    }
  }
  const instance = '/studies/:study/series/:series/instances/:sop';
  app.get(`${instance}/frames/:frames`, async (c) => {
    const { archive, useCases } = open();
    const asked = target(c.req.param());
    useCases.check('read', asked.studyUid);
    useCases.noteRead(asked.studyUid);
    return handleFrames(archive, c.req.raw, asked, c.req.param('frames'));
  });
  for (const kind of ['rendered', 'thumbnail'] as const) {
    app.get(`${instance}/frames/:frames/${kind}`, async (c) => {
      const { archive, useCases, pictures } = open();
      const asked = target(c.req.param());
      useCases.check('read', asked.studyUid);
      return handleRendered({ archive, pictures, thumbnails }, c.req.raw, asked, c.req.param('frames'), kind);
    });
  }
  app.get(`${instance}/bulkdata/:offset/:length`, async (c) => {
    const { archive, useCases } = open();
    const asked = target(c.req.param());
    useCases.check('read', asked.studyUid);
    const offset = Number(c.req.param('offset'));
    const length = Number(c.req.param('length'));
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length))
      throw new LecternError('bad-request', 'Offset and length are whole numbers.');
    return handleBulkData(archive, c.req.raw, asked, offset, length);
  });
  app.on(['PUT', 'PATCH', 'DELETE', 'OPTIONS'], ['/studies', '/studies/*', '/series', '/instances'], (c) => {
    const isStore = /\/studies(\/[^/]+)?$/.test(c.req.path);
    // RFC 9110 9.3.7 and 15.5.6.
    const allow = isStore ? 'GET, HEAD, OPTIONS, POST' : 'GET, HEAD, OPTIONS';
    if (c.req.method === 'OPTIONS') return c.body(null, 204, { allow });
    const error = new LecternError('method-not-allowed', 'DICOMweb is read by GET and stored to by POST here.');
    return problemResponse(error, { allow });
  });
  return app;
}
