// What the objects that are no images are made for, where it stands late in the data set: a list of elements has no end mark, so
// that a file cut between two of them can only be told by what is missing.
import { itemsOf } from './json-values.ts';
import type { DicomJson, TagKey } from './model.ts';

interface Required {
  classes: RegExp;
  name: string;
  tag: TagKey;
  /** Only of those for which what stands before says so. */
  isAskedBy?: (dataset: DicomJson) => boolean;
}

/** That a fraction group of the plan counts some (PS3.3 C.8.8.13): then the module that describes them is required. */
const countsSome =
  (tag: TagKey) =>
  (dataset: DicomJson): boolean =>
    itemsOf(dataset, '300A0070').some((group) => Number(group[tag]?.Value?.[0] ?? 0) > 0);

/** Below 1.2.840.10008.5.1.4.1.1 (PS3.4 B.5), those of one class in the order of their tags: attributes of Type 1, or required in effect. */
const REQUIRED: readonly Required[] = [
  // A report's root has content, or there is no report (PS3.3 C.17.3).
  { classes: /^88\.\d+$/, name: 'Content Sequence', tag: '0040A730' },
  { classes: /^104\.[1-5]$/, name: 'MIME Type of Encapsulated Document', tag: '00420012' },
  { classes: /^9\.\d\.\d$/, name: 'Waveform Sequence', tag: '54000100' },
  { classes: /^481\.2$/, name: 'Dose Units', tag: '30040002' },
  { classes: /^481\.3$/, name: 'RT ROI Observations Sequence', tag: '30060080' },
  { classes: /^481\.4$/, name: 'Treatment Session Beam Sequence', tag: '30080020' },
  { classes: /^481\.[58]$/, name: 'RT Plan Geometry', tag: '300A000C' },
  { classes: /^481\.5$/, name: 'Beam Sequence', tag: '300A00B0', isAskedBy: countsSome('300A0080') },
  { classes: /^481\.5$/, name: 'Application Setup Sequence', tag: '300A0230', isAskedBy: countsSome('300A00A0') },
  { classes: /^481\.8$/, name: 'Ion Beam Sequence', tag: '300A03A2', isAskedBy: countsSome('300A0080') },
  { classes: /^11\.[2-5]$/, name: 'Displayed Area Selection Sequence', tag: '0070005A' },
  { classes: /^11\.[2-5]$/, name: 'Presentation Creation Time', tag: '00700083' },
  // Either the sequence or, behind it, the shape.
  { classes: /^11\.1$/, name: 'Presentation LUT', tag: '20500010' },
  { classes: /^66\.1$/, name: 'Registration Sequence', tag: '00700308' },
  { classes: /^66\.2$/, name: 'Fiducial Set Sequence', tag: '0070031C' },
  { classes: /^66\.3$/, name: 'Deformable Registration Sequence', tag: '00640002' },
  { classes: /^66\.5$/, name: 'Surface Sequence', tag: '00660002' },
  { classes: /^66\.6$/, name: 'Track Set Sequence', tag: '00660101' },
  { classes: /^67$/, name: 'Referenced Image Real World Value Mapping Sequence', tag: '00409094' },
  { classes: /^91\.1$/, name: 'Annotation Group Sequence', tag: '006A0002' },
  // Where the content is named behind it (Content Identification Macro, PS3.3 table 10-12).
  { classes: /^(66\.[356]|67|91\.1)$/, name: 'Content Label', tag: '00700080' },
  { classes: /^4\.2$/, name: 'Spectroscopy Data', tag: '56000020' },
];
const STORAGE = '1.2.840.10008.5.1.4.1.1.';

/** The attribute without which the file may have been cut: it is missing, and so is everything behind its place. */
export function missingContent(dataset: DicomJson): Pick<Required, 'name' | 'tag'> | undefined {
  const sopClass = dataset['00080016']?.Value?.[0];
  if (typeof sopClass !== 'string' || !sopClass.startsWith(STORAGE)) return undefined;
  const last = Object.keys(dataset).reduce((latest, tag) => (tag > latest ? tag : latest), '');
  return REQUIRED.find(
    ({ classes, tag, isAskedBy }) =>
      classes.test(sopClass.slice(STORAGE.length)) && tag > last && (isAskedBy?.(dataset) ?? true),
  );
}
