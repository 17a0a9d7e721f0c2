// The four corners' text: who, what, where in the stack, how it is shown.
import { displayPersonName } from '#shared/dicom/person-name.ts';
import { numberOf, numbersOf, personNameOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { StackViewState } from '../../imaging/index.ts';

const day = (text: string | undefined): string =>
  text && /^\d{8}$/.test(text) ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : (text ?? '');
const lines = (...texts: (string | undefined | false)[]): string => texts.filter(Boolean).join('\n');
const round = (value: number): string => String(Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1)));

export interface Corners {
  tl: string;
  tr: string;
  bl: string;
  br: string;
}

export function cornersOf(dataset: DicomJson, state: StackViewState): Corners {
  const { image, voi } = state;
  const modality = textOf(dataset, '00080060') ?? '';
  const shown =
    voi?.kind === 'window'
      ? `C ${round(voi.center)}  W ${round(voi.width)}`
      : voi
        ? voi.lut.explanation || 'header table'
        : '';
  const isColor = image.samplesPerPixel > 1;
  return {
    tl: lines(
      displayPersonName(personNameOf(dataset, '00100010')),
      lines(
        textOf(dataset, '00100020'),
        [day(textOf(dataset, '00100030')), textOf(dataset, '00100040')].filter(Boolean).join('  '),
      ),
    ),
    tr: lines(
      textOf(dataset, '00080080'),
      textOf(dataset, '00081030'),
      textOf(dataset, '0008103E'),
      `${day(textOf(dataset, '00080020'))}  ${(textOf(dataset, '00080030') ?? '').slice(0, 4).replace(/(..)(..)/, '$1:$2')}`,
    ),
    bl: lines(
      techniqueOf(modality, dataset),
      image.sliceThicknessMm !== undefined && `${round(image.sliceThicknessMm)} mm`,
      positionOf(image),
    ),
    br: lines(
      `${state.index + 1} / ${state.count}`,
      !isColor && shown,
      state.isInverted && 'inverted',
      `${Math.round((state.view.scale / devicePixelRatio) * 100)} %`,
    ),
  };
}

function techniqueOf(modality: string, dataset: DicomJson): string {
  const number = (tag: string): number | undefined => numberOf(dataset, tag);
  if (modality === 'MR') {
    const [tr, te] = [number('00180080'), number('00180081')];
    return [tr !== undefined && `TR ${round(tr)}`, te !== undefined && `TE ${round(te)}`].filter(Boolean).join('  ');
  }
  const [kv, ma] = [number('00180060'), number('00181151')];
  return [kv !== undefined && `${round(kv)} kV`, ma !== undefined && `${round(ma)} mA`].filter(Boolean).join('  ');
}

function positionOf(image: ImageDescription): string {
  if (!image.positionLps || !image.orientation) return '';
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = image.orientation;
  const normal = [b * f - c * e, c * d - a * f, a * e - b * d];
  const along = normal.reduce((sum, value, axis) => sum + value * (image.positionLps?.[axis] ?? 0), 0);
  return `position ${round(along)} mm`;
}

/** What may mislead, said where the eye is; '' when the picture is whole and true. */
export function fidelityOf(
  dataset: DicomJson,
  state: Pick<StackViewState, 'image' | 'loadedCount' | 'count'>,
  repairs: readonly string[],
): string {
  const { image } = state;
  const ratio = image.lossyRatio ?? numbersOf(dataset, '00282112')?.at(-1);
  return [
    state.loadedCount < state.count && `loading ${state.loadedCount} of ${state.count}`,
    image.isLossy && (ratio ? `lossy ${round(ratio)}:1` : 'lossy'),
    repairs.length > 0 && `repaired: ${repairs[0]}`,
    image.problems[0],
    !image.spacingMm && 'not calibrated: lengths in pixels',
    image.spacingMm && image.spacingBasis === 'detector' && 'spacing at the detector',
  ]
    .filter(Boolean)
    .join('  |  ');
}
