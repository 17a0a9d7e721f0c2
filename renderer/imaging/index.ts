// Pictures: loading, decoding, drawing. What features may use of it.
import type { Stage } from './cornerstone/stage.ts';

export type { Stage };
export { FrameStore, type LoadedFrame, type StackFrame } from './frame-store.ts';
export { StackView, type StackViewState, type StackViewEvents } from './stack-view.ts';
export { stackOf, type Stack } from './stack.ts';
export { pixelsPerMm } from './scale-bar.ts';

/** Fetches Cornerstone3D and opens the stage on which stacks are mounted: while the program rests. */
export const loadStage = async (): Promise<Stage> => (await import('./cornerstone/stage.ts')).openStage();
