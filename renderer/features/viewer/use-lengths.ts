// The measuring stage as the screen sees it: whether the length tool is on, and the lengths of the study.
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { loadStage, type Stage, type StackFrame } from '../../imaging/index.ts';
import type { ForeignReport, SavedDocument, StoredLength } from '#shared/contract/marks.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { lengthKeeper } from './length-keeper.ts';
import type { StudyData } from './study-data.ts';
import { StudyLengths } from './study-lengths.ts';

export interface Lengths {
  list: readonly StoredLength[];
  report: SavedDocument | null;
  isSaving: boolean;
  others: readonly ForeignReport[];
  canUndo: boolean;
  isKept: boolean;
  /** Why measuring or keeping is not possible; undefined while it is. */
  failure: string | undefined;
  /** Frames of a series were loaded: what was kept on them is drawn. */
  addFrames(frames: readonly StackFrame[]): void;
  rename(uid: string, label: string): void;
  remove(uid: string): void;
  undo(): void;
  /** Makes them part of the study. */
  save(): Promise<boolean>;
  takeOver(report: ForeignReport): void;
}

/** `onUndone` is told why a step could not be undone, or undefined where it was. */
export function useLengths(
  isToolOn: boolean,
  study: StudyData,
  store: ArchiveStore,
  onUndone: (refusal: string | undefined) => void,
): Lengths {
  const [stage, setStage] = useState<Stage>();
  const [failure, setFailure] = useState<string>();
  const lengths = useMemo(
    () => new StudyLengths(study.studyUid, (uid) => study.instance(uid), lengthKeeper(store)),
    [study, store],
  );
  const kept = useSyncExternalStore(lengths.state.subscribe, lengths.state.getState);
  useEffect(() => {
    let isGone = false;
    // Opening a study comes first.
    const idle = requestIdleCallback(() => {
      loadStage().then(
        (opened) => !isGone && setStage(opened),
        (error: unknown) => setFailure(error instanceof Error ? error.message : String(error)),
      );
    });
    return () => {
      isGone = true;
      cancelIdleCallback(idle);
    };
  }, []);
  useEffect(() => (stage ? lengths.open(stage.tools.marks) : undefined), [stage, lengths]);
  useEffect(() => {
    stage?.tools.setActive(isToolOn);
    return () => stage?.tools.setActive(false);
  }, [stage, isToolOn]);
  const unmeasurable = failure ?? stage?.tools.failure;
  return {
    list: kept.lengths,
    report: kept.report,
    isSaving: kept.isSaving,
    others: kept.others,
    canUndo: kept.canUndo,
    isKept: kept.isKept,
    failure: unmeasurable === undefined ? kept.failure : `Measuring is not possible: ${unmeasurable}`,
    addFrames: useCallback((frames: readonly StackFrame[]) => lengths.add(frames), [lengths]),
    rename: (uid, label) => lengths.rename(uid, label),
    remove: (uid) => lengths.remove(uid),
    undo: () => onUndone(lengths.undo()),
    save: () => lengths.save(),
    takeOver: (report) => lengths.takeOver(report),
  };
}
