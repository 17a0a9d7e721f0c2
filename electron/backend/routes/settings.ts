// The /api addresses of the settings screen: retention rules, watched folders, the audit log as a person reads it.
import { Hono } from 'hono';
import { z } from 'zod';
import type { Archive } from '#backend/archive/archive.ts';
import { notedInPlace } from '#backend/archive/received-time.ts';
import { NO_RULES, retentionRules, type RetentionInput, type RetentionRules } from '#backend/archive/retention.ts';
import type { AuditLog } from '#backend/audit/audit-log.ts';
import type { WatchFolders } from '#backend/intake/watch-folders.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import { ClockDoubt } from '#backend/settings/clock-doubt.ts';
import type { SettingsStore } from '#backend/settings/settings-store.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { checkedBody } from './checked-body.ts';
import type { UseCases } from '#backend/people/use-cases.ts';

export interface SettingsParts {
  archive: Archive;
  settings: SettingsStore;
  watchFolders: WatchFolders;
  audit: AuditLog;
  jobs: JobQueue;
  useCases: UseCases;
}

export const RETENTION = 'retention';
export const readRetention = (settings: SettingsStore): RetentionRules =>
  settings.read(RETENTION, retentionRules, NO_RULES);

const folderBody = z.object({ path: z.string().min(1).max(4096) });
const MOST_RECORDS = 1000;

export function settingsRoutes(open: () => SettingsParts): Hono {
  const app = new Hono();
  /** Every change of a setting is asked for and told. */
  const change = (detail: string): SettingsParts => {
    const parts = open();
    parts.useCases.check('configure');
    parts.useCases.audit('software-configuration', 0, { detail });
    return parts;
  };
  app.get('/settings', (c) => {
    const { archive, settings, watchFolders, useCases } = open();
    useCases.check('read');
    return c.json({
      retention: readRetention(settings),
      clockDoubtedUntil: new ClockDoubt(settings).until(),
      receivedAs: notedInPlace(archive.index.db),
      watchFolders: watchFolders.states(),
    });
  });
  app.put('/settings/retention', async (c) => {
    const rules = await checkedBody(c.req.raw, retentionRules);
    change('retention rules').settings.write(RETENTION, rules);
    return c.body(null, 204);
  });
  app.post('/settings/watch-folders', async (c) => {
    const { path } = await checkedBody(c.req.raw, folderBody);
    await change('watched folder added').watchFolders.add(path);
    return c.body(null, 204);
  });
  app.delete('/settings/watch-folders', async (c) => {
    await change('watched folder removed').watchFolders.remove(c.req.query('path') ?? '');
    return c.body(null, 204);
  });
  app.post('/retention/run', (c) => {
    const { archive, jobs, useCases } = open();
    useCases.check('delete');
    const input: RetentionInput = { isAsked: true };
    return c.json({
      job: archive.room.lend(() => jobs.start('retention', 'Keep the archive within its rules', input)),
    });
  });
  app.get('/audit', (c) => {
    const { audit, useCases } = open();
    useCases.check('configure');
    const limit = Number(c.req.query('limit') ?? 100);
    const before = c.req.query('before') === undefined ? undefined : Number(c.req.query('before'));
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_RECORDS)
      throw new LecternError('bad-request', `limit is a number from 1 to ${MOST_RECORDS}.`);
    if (before !== undefined && !Number.isInteger(before))
      throw new LecternError('bad-request', 'before is the number of a record.');
    useCases.audit('audit-log-used', 0);
    return c.json({ records: audit.latest(limit, before), firstBroken: audit.firstBroken() ?? null });
  });
  return app;
}
