// Pictures of stored frames, made in one worker that may die alone.
import { WorkerPool, workerEntry } from '#backend/workers/worker-pool.ts';
import type { RenderAnswers, RenderCall } from './render-messages.ts';

export type PicturePool = WorkerPool<RenderCall, RenderAnswers>;

export const createPicturePool = (): PicturePool =>
  new WorkerPool({
    entry: workerEntry('render.worker', import.meta.url),
    size: 1,
    workerData: {},
    patienceMs: 60_000,
    maxHeapMb: 1024,
  });
