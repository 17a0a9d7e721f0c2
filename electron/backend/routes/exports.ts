// The /api addresses of exports: begin one, and fetch its ZIP file.
import { Hono } from 'hono';
import { z } from 'zod';
import type { Exports } from '#backend/media/exports.ts';
import { checkedBody } from './checked-body.ts';
import { jobTitle } from '#shared/contract/job-title.ts';

const MOST_STUDIES = 1000;
const exportBody = z.object({
  studyUids: z
    .array(z.string().regex(/^[0-9][0-9.]{0,63}$/))
    .min(1)
    .max(MOST_STUDIES),
  title: jobTitle,
});

export function exportRoutes(open: () => { exports: Exports }): Hono {
  const app = new Hono();
  app.post('/exports', async (c) => {
    const { studyUids, title } = await checkedBody(c.req.raw, exportBody);
    return c.json({ job: open().exports.begin([...new Set(studyUids)], title) });
  });
  app.get('/exports/:id', (c) =>
    c.body(open().exports.stream(c.req.param('id')), 200, {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="lectern-export-${new Date().toISOString().slice(0, 10)}.zip"`,
    }),
  );
  return app;
}
