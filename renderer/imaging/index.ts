// Pictures: loading, decoding, drawing. What features may use of it.
export { FrameStore, type LoadedFrame, type StackFrame } from './frame-store.ts';
export { StackView, type StackViewState, type StackViewEvents } from './stack-view.ts';
export { stackOf, type Stack } from './stack.ts';
export { pixelsPerMm } from './scale-bar.ts';
