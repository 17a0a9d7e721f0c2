// The four corners' text: which facts there are, and which of them stand where for which modality unless the person says
// otherwise.
import { displayPersonName } from '#shared/dicom/person-name.ts';
import { knownAge, knownDate, shownTime } from '#shared/dicom/date-time.ts';
import { itemsOf, numberOf, personNameOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { COMPONENTS } from '#shared/dicom/image-traits.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { normalOf, type StackOrder } from '#shared/geometry/stack-order.ts';
import { isColor } from '#shared/pixels/color.ts';
import type { Voi } from '#shared/pixels/grey-values.ts';
import { suvBasisText, suvWindowText } from './pet-suv.ts';
import type { StackViewState } from '../../imaging/index.ts';

export type Corner = 'tl' | 'tr' | 'bl' | 'br';
export const CORNERS: readonly Corner[] = ['tl', 'tr', 'bl', 'br'];
export const CORNER_NAMES: Record<Corner, string> = {
  tl: 'Top left',
  tr: 'Top right',
  bl: 'Bottom left',
  br: 'Bottom right',
};

type Shown = Pick<StackViewState, 'index' | 'count' | 'image' | 'voi' | 'isInverted' | 'view' | 'scaleMode'> & {
  rangeIndex?: StackViewState['rangeIndex'];
  order?: Pick<StackOrder<never>, 'hasSharedPositions' | 'traits'>;
};
type FieldText = (dataset: DicomJson, state: Shown) => string | undefined;

const day = (dataset: DicomJson, tag: string): string => knownDate(textOf(dataset, tag) ?? '');
const time = (dataset: DicomJson, tag: string): string => shownTime(textOf(dataset, tag) ?? '');
const joined = (...parts: (string | undefined | false)[]): string => parts.filter(Boolean).join('  ');
/** From 1e15 on a double has no fractions left that are worth their digits; the six first ones tell it. */
export const round = (value: number): string =>
  String(Number(Math.abs(value) < 1e15 ? value.toFixed(Math.abs(value) < 10 ? 2 : 1) : value.toPrecision(6)));
/** A narrow window has the digits that tell three of its width: with two behind the point it would be 0 of 0. */
function windowText({ center, width }: Extract<Voi, { kind: 'window' }>): string {
  const digits = 2 - Math.floor(Math.log10(width));
  const shown = width >= 0.1 ? round : (value: number) => String(Number(value.toFixed(Math.min(digits, 100))));
  return `C ${shown(center)}  W ${shown(width)}`;
}
const measured = (dataset: DicomJson, tag: string, before: string, after = ''): string | undefined => {
  const value = numberOf(dataset, tag);
  return value === undefined ? undefined : `${before}${round(value)}${after}`;
};

/** Every field by its name in the settings. Unknown values leave no line. */
const FIELDS = {
  'Patient name': (d) => displayPersonName(personNameOf(d, '00100010')),
  'Patient ID': (d) => textOf(d, '00100020'),
  'Birth date, sex, age': (d) =>
    joined(day(d, '00100030'), textOf(d, '00100040'), knownAge(textOf(d, '00101010') ?? '')),
  Institution: (d) => textOf(d, '00080080'),
  'Study description': (d) => textOf(d, '00081030'),
  'Series description': (d) => textOf(d, '0008103E'),
  'Series number': (d) => measured(d, '00200011', 'series '),
  'Study date and time': (d) => joined(day(d, '00080020'), time(d, '00080030')),
  // Said to be it: it stands alone in its corner, and may be another day than the study's.
  'Acquisition time': (d) => {
    const moment = joined(day(d, '00080022'), time(d, '00080032'));
    return moment && `acquired ${moment}`;
  },
  'Accession number': (d) => textOf(d, '00080050'),
  'Body part': (d) => textOf(d, '00180015'),
  'Side and view': (d, { image }) =>
    joined(image.laterality, textOf(d, '00185101') ?? codeMeaning(itemsOf(d, '00540220')[0])),
  'kV, mAs': (d) =>
    joined(
      measured(d, '00180060', '', ' kV'),
      measured(d, '00181152', '', ' mAs') ?? measured(d, '00181151', '', ' mA'),
    ),
  'TR, TE': (d) => joined(measured(d, '00180080', 'TR '), measured(d, '00180081', 'TE ')),
  'Contrast agent': (d) => textOf(d, '00180010'),
  Tracer: (d) => textOf(itemsOf(d, '00540016')[0], '00180031'),
  'SUV basis': (d) => suvBasisText(d),
  'Slice thickness': (_, { image }) =>
    image.sliceThicknessMm === undefined ? undefined : `${round(image.sliceThicknessMm)} mm`,
  'Slice position': (_, { image }) => positionOf(image),
  // Which of the images at this position it is, on a line of its own: a reader must not take one phase for another.
  'Slice of slices': (d, { index, count, image, order }) =>
    [`${index + 1} / ${count}`, order?.hasSharedPositions && traitsText(d, image, order.traits)]
      .filter(Boolean)
      .join('\n'),
  // SUV on a line of its own: in one with the window, a cell of usual size cut the width in the middle of its number.
  Window: (d, { voi, image, rangeIndex, count }) => {
    if (isColor(image) || !voi) return undefined;
    const window = voi.kind === 'window' ? windowText(voi) : voi.lut.explanation || 'header table';
    // Of another image it would be another: what is brighter than that one is white.
    const range = rangeIndex !== undefined && count > 1 && `range of image ${rangeIndex + 1}`;
    return [suvWindowText(d, voi), window, range].filter(Boolean).join('\n');
  },
  Zoom: (_, { view, scaleMode }) => (scaleMode === 'true size' ? 'true size' : `${Math.round(view.scale * 100)} %`),
} satisfies Record<string, FieldText>;

export type Field = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS) as Field[];
export type CornerFields = Record<Corner, readonly Field[]>;

/** In which cells a line stays (corners.css): `always` in all; `small` in those of 220 px height and more; undefined in those of 280. */
export type Stays = 'always' | 'small' | undefined;
export interface CornerLine {
  text: string;
  stays: Stays;
}
/** Who and when it is, which side, and which image of several: without these a picture is taken for another. */
const STAYS: Partial<Record<Field, Stays>> = {
  'Patient name': 'always',
  'Patient ID': 'always',
  'Birth date, sex, age': 'small',
  'Study date and time': 'always',
  'Side and view': 'always',
  'Slice of slices': 'always',
  Window: 'small',
};
/** No field that a person could take away: black and white are exchanged. */
const INVERTED: CornerLine = { text: 'inverted', stays: 'always' };

/** By modality; '' for all others. */
export type OverlayLayout = Readonly<Record<string, CornerFields>>;

const PERSON: readonly Field[] = ['Patient name', 'Patient ID', 'Birth date, sex, age'];
/** What tells a prior from the current study comes first: where a cell has no room, the last lines give way. */
const EXAM: readonly Field[] = ['Study date and time', 'Study description', 'Series description', 'Institution'];
const VIEW: readonly Field[] = ['Slice of slices', 'Window', 'Zoom'];
const withTechnique = (...bl: Field[]): CornerFields => ({ tl: PERSON, tr: EXAM, bl, br: VIEW });
const PROJECTION = withTechnique('Side and view', 'kV, mAs');

export const DEFAULT_OVERLAY: OverlayLayout = {
  '': withTechnique('Slice thickness', 'Slice position'),
  CT: withTechnique('kV, mAs', 'Contrast agent', 'Slice thickness', 'Slice position'),
  MR: withTechnique('TR, TE', 'Slice thickness', 'Slice position'),
  PT: withTechnique('Tracer', 'SUV basis', 'Acquisition time', 'Slice thickness', 'Slice position'),
  NM: withTechnique('Tracer', 'Acquisition time'),
  CR: PROJECTION,
  DX: PROJECTION,
  MG: PROJECTION,
  US: withTechnique('Body part'),
  XA: withTechnique('Contrast agent', 'kV, mAs'),
};

export const fieldsFor = (modality: string, own: OverlayLayout): CornerFields =>
  own[modality] ?? DEFAULT_OVERLAY[modality] ?? own[''] ?? (DEFAULT_OVERLAY[''] as CornerFields);

export function cornersOf(
  dataset: DicomJson,
  state: Shown,
  fields: CornerFields,
): Record<Corner, readonly CornerLine[]> {
  const lines = (corner: Corner): CornerLine[] =>
    fields[corner].flatMap((field) =>
      (FIELDS[field](dataset, state) ?? '')
        .split('\n')
        .filter(Boolean)
        .map((text) => ({ text, stays: STAYS[field] })),
    );
  const br = lines('br');
  return { tl: lines('tl'), tr: lines('tr'), bl: lines('bl'), br: state.isInverted ? [INVERTED, ...br] : br };
}

const codeMeaning = (item: DicomJson | undefined): string | undefined => textOf(item, '00080104');

function positionOf(image: ImageDescription): string | undefined {
  if (!image.positionLps || !image.orientation) return undefined;
  const along = normalOf(image.orientation).reduce(
    (sum, value, axis) => sum + value * (image.positionLps?.[axis] ?? 0),
    0,
  );
  return `position ${round(along)} mm`;
}

function traitsText(dataset: DicomJson, image: ImageDescription, traits: StackOrder<never>['traits']): string {
  return joined(
    ...traits.map(({ trait, highest }) => {
      const value = image.traits.values[trait];
      if (value === undefined) return `no ${trait}`;
      const shown = typeof value === 'number' ? round(value) : value;
      switch (trait) {
        case 'component':
          return `${COMPONENTS[Number(value)]} image`;
        case 'phase':
          return `phase ${shown} of ${Math.max(Number(highest), numberOf(dataset, '00200105') ?? 0)}`;
        case 'trigger':
          return `trigger ${shown} ms`;
        case 'echo time':
          return `TE ${shown} ms`;
        case 'b-value':
          return `b ${shown}`;
        case 'time':
          return `taken ${shown.replace(/^\d{8}(\d\d)(\d\d)(\d\d)\.(\d*?)0*$/, '$1:$2:$3.$4').replace(/\.$/, '')}`;
        default:
          return `${trait} ${shown}`;
      }
    }),
  );
}
