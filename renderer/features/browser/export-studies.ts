// Studies as a ZIP file: a job that the backend shows, whose bytes the browser saves where it saves what it fetches.
import { backend } from '../../backend-client/client.ts';
import type { StudyRow } from '#shared/contract/views.ts';

/** Resolves once the ZIP is asked for; rejects with BackendError. `titleOf`: without a patient's name. */
export async function exportStudies(rows: readonly StudyRow[], titleOf: (row: StudyRow) => string): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const missing = rows.reduce((sum, { missingCount }) => sum + missingCount, 0);
  const what = rows.length === 1 ? titleOf(first) : `${rows.length} studies`;
  const title = `Export ${what}${missing > 0 ? ` (${missing} images are not here)` : ''}`;
  const { job } = await backend.beginExport(
    rows.map(({ studyUid }) => studyUid),
    title,
  );
  const link = document.createElement('a');
  link.href = `/api/exports/${job.id}`;
  link.download = '';
  link.click();
}
