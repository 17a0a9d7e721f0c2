// What may mislead, said where the eye is: one line for each cell, empty when the picture is whole and true.
import { isCalibrated } from '#shared/dicom/ultrasound-regions.ts';
import { numbersOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { StackOrder } from '#shared/geometry/stack-order.ts';
import type { StackViewState } from '../../imaging/index.ts';
import { round } from './overlay-fields.ts';
import { noSuvReason } from './pet-suv.ts';

type Judged = Pick<
  StackViewState,
  'image' | 'loadedCount' | 'count' | 'isHeldWhole' | 'isSampled' | 'scaleMode' | 'isEndMissing'
>;

/** Remarks in order of weight. `isWaiting`: the slice asked for is not there yet. */
export function fidelityOf(
  dataset: DicomJson,
  state: Judged,
  order: Omit<StackOrder<never>, 'items'>,
  repairs: readonly string[],
  isWaiting = false,
): string[] {
  const { image } = state;
  const ratio = image.lossyRatio ?? numbersOf(dataset, '00282112')?.at(-1);
  const missing = state.loadedCount < state.count;
  return [
    isWaiting && 'loading this image',
    missing &&
      (state.isHeldWhole
        ? `loading ${state.loadedCount} of ${state.count}`
        : `${state.loadedCount} of ${state.count} in memory; the rest is fetched as you scroll`),
    state.isSampled && 'reduced while moving',
    state.isEndMissing && 'end marker missing: the image data before it is complete',
    image.isLossy !== false && `${image.isLossy ? '' : 'may be '}lossy${ratio ? ` ${round(ratio)}:1` : ''}`,
    repairs.length > 0 && `repaired: ${repairs[0]}${repairs.length > 1 ? ` and ${repairs.length - 1} more` : ''}`,
    noSuvReason(dataset),
    ...image.problems,
    isOrderGuessed(dataset, state, order) && `${orderText(order)}: no positions of parallel slices`,
    order.gapCount > 0 && `${order.gapCount} ${order.gapCount === 1 ? 'gap' : 'gaps'} between slices`,
    order.gapCount === 0 && order.isUneven && 'uneven slice distances',
    order.duplicateCount > 0 && `${order.duplicateCount} slices share a position and number with another`,
    order.guessedCount > 0 &&
      `order is a guess: neither number nor time tells ${order.guessedCount} of the images from another`,
    order.framesOfReference === 'apart' &&
      'several frames of reference, one after the other: their positions do not compare',
    order.framesOfReference === 'taken as one' && 'images name frames of reference of their own: they are taken as one',
    !isCalibrated(image) && 'not calibrated: lengths in pixels',
    image.spacingMm && image.spacingBasis === 'detector' && 'spacing at the detector',
    image.spacingMm && image.spacingBasis === 'scanned' && 'spacing of the scanned film',
  ].filter((remark): remark is string => typeof remark === 'string' && remark !== '');
}

/** Cross-sections without usable positions: neighbours on the screen need not be neighbours in the patient. */
const isOrderGuessed = (dataset: DicomJson, { count }: Judged, order: Omit<StackOrder<never>, 'items'>): boolean =>
  order.rule !== 'position' &&
  !order.hasSharedPositions &&
  count > 1 &&
  ['CT', 'MR', 'PT'].includes(textOf(dataset, '00080060') ?? '');

/** How the stack is ordered, for the series' description. */
export function orderText({ rule, hasSharedPositions, traits, isNumbered }: Omit<StackOrder<never>, 'items'>): string {
  const named = traits.map(({ trait }) => trait).join(', ');
  const by = { position: 'slice position', 'instance number': 'instance number', frame: 'frame number', traits: named };
  const within = !isNumbered && rule === 'position' && named ? ` by ${named}` : '';
  return `ordered by ${by[rule]}${hasSharedPositions ? `, several images at a position${within}` : ''}`;
}
