// Studies opened in this session, newest first. Kept in memory only: nothing about a patient lies outside the archive.

export interface RecentStudy {
  studyUid: string;
  /** When it was opened; no patient data, for menus show on projectors. */
  label: string;
}

const MOST = 10;

/** The list with a study put first; the one given is not changed. */
export function withOpened(list: readonly RecentStudy[], studyUid: string, now: Date): RecentStudy[] {
  const label = `Study opened at ${now.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })}`;
  return [{ studyUid, label }, ...list.filter((study) => study.studyUid !== studyUid)].slice(0, MOST);
}
