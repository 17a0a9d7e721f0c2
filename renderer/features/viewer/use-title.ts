// What the window is called in the lists of the system while a study is read: which images of which day, so that a prior and
// the current study are told apart. Never whose: those lists are seen by anybody.
import { useEffect } from 'react';
import type { StudyRow } from '#shared/contract/views.ts';
import { knownDate } from '#shared/dicom/date-time.ts';

export function useTitle(study: StudyRow | undefined): void {
  const images = study && [study.modalities.join('/'), knownDate(study.studyDate)].filter(Boolean).join(' ');
  useEffect(() => {
    if (!images) return undefined;
    const before = document.title;
    document.title = `${images} - ${before}`;
    return () => {
      document.title = before;
    };
  }, [images]);
}
