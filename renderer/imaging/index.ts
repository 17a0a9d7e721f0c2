// Pictures: loading, decoding, drawing. What features may use of it.
import type { Stage } from './cornerstone/stage.ts';

export type { Stage };
export { frameKeyOf, type LengthOnImage } from './length.ts';
export { FrameStore, type LoadedFrame, type StackFrame } from './frame-store.ts';
export { checkGraphics, type GraphicsCheck } from './graphics-check.ts';
export type { Probe } from './probe.ts';
export { StackView } from './stack-view.ts';
export type { KeptView, StackViewEvents, StackViewState } from './stack-view-state.ts';
export { stackOf, type Stack } from './stack.ts';
export { barLengthMm, columnMmOf, pixelsPerMm } from './scale-bar.ts';

/** Fetches Cornerstone3D and opens the stage on which stacks are mounted: while the program rests. */
export const loadStage = async (): Promise<Stage> => (await import('./cornerstone/stage.ts')).openStage();
