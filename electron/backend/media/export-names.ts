// Names of exported files: short enough for any file system, letters, digits, dash, underscore and dot only, no patient's
// name: a folder per study and series, and the SOP Instance UID.
import type { ArchiveIndex, InstanceLocation } from '#backend/archive/archive-index.ts';

const safe = (text: string): string => text.replace(/[^A-Za-z0-9-]+/g, '').slice(0, 16);

/** One name for each instance, in their order: `2024-05-17_CT/003_CT/1.2.3.dcm`; alike studies and series are numbered. */
export function exportNames(
  index: Pick<ArchiveIndex, 'db'>,
  locations: readonly Pick<InstanceLocation, 'studyUid' | 'seriesUid' | 'sopUid'>[],
): string[] {
  const taken = new Set<string>();
  const folders = new Map<string, string>();
  const folderOf = (uid: string, wanted: () => string): string => {
    let folder = folders.get(uid);
    if (folder === undefined) {
      const name = wanted();
      folder = name;
      for (let number = 2; taken.has(folder); number++) folder = `${name}_${number}`;
      taken.add(folder);
      folders.set(uid, folder);
    }
    return folder;
  };
  const study = index.db.prepare<{ date: string; modalities: string }>(
    'SELECT date, modalities FROM study WHERE uid = ?',
  );
  const series = index.db.prepare<{ number: number | null; modality: string }>(
    'SELECT number, modality FROM series WHERE uid = ?',
  );
  return locations.map(({ studyUid, seriesUid, sopUid }) => {
    const studyFolder = folderOf(studyUid, () => {
      const row = study.get(studyUid);
      const day = /^(\d{4})(\d{2})(\d{2})$/.exec(row?.date ?? '');
      const modalities = (JSON.parse(row?.modalities ?? '[]') as string[]).map(safe).filter(Boolean);
      return [day ? day.slice(1).join('-') : 'undated', modalities.join('-')].filter(Boolean).join('_');
    });
    const seriesFolder = folderOf(`${studyUid}/${seriesUid}`, () => {
      const row = series.get(seriesUid);
      const number = row?.number === null || row?.number === undefined ? '' : String(row.number).padStart(3, '0');
      return `${studyFolder}/${[safe(number), safe(row?.modality ?? '')].filter(Boolean).join('_') || 'series'}`;
    });
    // Checked at ingest to hold digits and dots only.
    return `${seriesFolder}/${sopUid}.dcm`;
  });
}
