// What was put on the study's images, lengths and key images together: whether all of it is part of the study, and making it so.
import type { KeyImages } from './use-key-images.ts';
import type { Lengths } from './use-lengths.ts';

export interface Marks {
  lengths: Lengths;
  keyImages: KeyImages;
  /** Whether documents of the study hold them: all as they are now, as they were before, or none. */
  saved: 'current' | 'before' | 'none';
  canSave: boolean;
  isSaving: boolean;
  /** False where something could not be saved. */
  save(): Promise<boolean>;
}

export function marksOf(lengths: Lengths, keyImages: KeyImages): Marks {
  const parts = [
    { has: lengths.list.length > 0, document: lengths.report, save: lengths.save },
    { has: keyImages.images.length > 0, document: keyImages.selection, save: keyImages.save },
  ].filter(({ has, document }) => has || document);
  const stale = parts.filter(({ document }) => !document?.isCurrent);
  const isSaving = lengths.isSaving || keyImages.isSaving;
  // Of what is all gone again there is no document to make; that the last one holds it is said.
  const toSave = stale.filter(({ has }) => has);
  return {
    lengths,
    keyImages,
    saved:
      parts.length > 0 && stale.length === 0 ? 'current' : parts.some(({ document }) => document) ? 'before' : 'none',
    canSave: toSave.length > 0 && !isSaving,
    isSaving,
    save: async () => {
      let isSaved = true;
      for (const { save } of toSave) isSaved = (await save()) && isSaved;
      return isSaved;
    },
  };
}
