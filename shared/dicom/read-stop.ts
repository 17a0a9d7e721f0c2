// How a parse ends early, inside shared/dicom only.
import type { Refusal } from './model.ts';

/** Ends a parse with a refusal; caught in readInstance and nowhere else. */
export class ReadStop extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}
