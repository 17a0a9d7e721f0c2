// The measuring stage as the screen sees it: whether the length tool is on, and how many lengths there are.
import { useEffect, useState } from 'react';
import { loadStage, type Stage } from '../../imaging/index.ts';
import type { StudyData } from './study-data.ts';

export interface Lengths {
  count: number;
  /** Why measuring is not possible; undefined while it is. */
  failure: string | undefined;
}

/** Counts the lengths on images of one study. */
export function useLengths(isToolOn: boolean, study: StudyData): Lengths {
  const [stage, setStage] = useState<Stage>();
  const [instances, setInstances] = useState<readonly string[]>([]);
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    let off: (() => void) | undefined;
    let isGone = false;
    const opened = (stage: Stage): void => {
      if (isGone) return;
      setStage(stage);
      const tell = (): void => setInstances(stage.tools.instances);
      tell();
      off = stage.tools.onChange(tell);
    };
    // Opening a study comes first.
    const idle = requestIdleCallback(() => {
      loadStage().then(opened, (error: unknown) => setFailure(error instanceof Error ? error.message : String(error)));
    });
    return () => {
      isGone = true;
      cancelIdleCallback(idle);
      off?.();
    };
  }, []);
  useEffect(() => {
    stage?.tools.setActive(isToolOn);
    return () => stage?.tools.setActive(false);
  }, [stage, isToolOn]);
  return { count: instances.filter((uid) => study.has(uid)).length, failure: failure ?? stage?.tools.failure };
}
