// The key images of the study as the screen sees them.
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { frameName, type KeyImage } from '#shared/contract/marks.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import { backend } from '../../backend-client/client.ts';
import type { ArchiveStore } from '../archive/index.ts';
import type { StudyData } from './study-data.ts';
import { StudyKeyImages, type KeyImagesState } from './study-key-images.ts';

type Frame = Pick<KeyImage, 'sopInstanceUid' | 'frameIndex'>;

export interface KeyImages extends KeyImagesState {
  /** What stands on the image; '' where nobody marked it. Another function after each change. */
  textOf(frame: Frame): string;
  toggle(frame: Frame): void;
  remove(image: KeyImage): void;
  save(): Promise<boolean>;
}

export function useKeyImages(study: StudyData, store: ArchiveStore): KeyImages {
  const keys = useMemo(
    () =>
      new StudyKeyImages(study.studyUid, (uid) => study.instance(uid), {
        read: backend.keyImages,
        keep: backend.keepKeyImage,
        forget: backend.forgetKeyImage,
        save: backend.saveSelection,
        follow: (studyUid, changed) => store.onMarks(studyUid, changed),
      }),
    [study, store],
  );
  const state = useSyncExternalStore(keys.state.subscribe, keys.state.getState);
  useEffect(() => {
    let close: (() => void) | undefined;
    // Opening a study comes first.
    const idle = requestIdleCallback(() => (close = keys.open()));
    return () => {
      cancelIdleCallback(idle);
      close?.();
    };
  }, [keys]);
  const { images, others } = state;
  const texts = useMemo(() => {
    const found = new Map<string, string>();
    for (const other of others)
      for (const image of other.images)
        found.set(
          frameName(image),
          `\u2606 ${other.title || 'Key image'}${other.observer && `, ${displayPersonName(other.observer)}`}`,
        );
    for (const image of images) found.set(frameName(image), '\u2605 Key image');
    return found;
  }, [images, others]);
  return {
    ...state,
    textOf: useCallback((frame) => texts.get(frameName(frame)) ?? '', [texts]),
    toggle: (frame) => void keys.toggle(frame),
    remove: (image) => void keys.remove(image),
    save: () => keys.save(),
  };
}
