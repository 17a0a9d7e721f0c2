// Whether a data set is one that should carry pixels, so that a file that was cut before them is known as such.
import type { DicomJson } from './model.ts';

/** Storage SOP classes of images (PS3.4 B.5), below 1.2.840.10008.5.1.4.1.1. */
const IMAGE_CLASSES =
  /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(1|1\.[1-3](\.1)?|2(\.[12])?|3(\.1)?|4(\.[134])?|5|6(\.[12])?|7(\.[1-4])?|12\.[1-3](\.1)?|13\.1\.[1-5]|14\.[12]|20|30|66\.[47]|77\.1\.[1-7](\.[1-9])?|128(\.1)?|130|481\.1)$/;

export const hasPixels = (dataset: DicomJson): boolean =>
  ['7FE00010', '7FE00008', '7FE00009'].some((tag) => dataset[tag] !== undefined);

/** The class is an image's, or the rows of one are stated (PS3.3 C.7.6.3), and its pixels are not kept elsewhere. */
export function shouldHavePixels(dataset: DicomJson): boolean {
  if (dataset['00287FE0']?.Value?.length) return false;
  const sopClass = dataset['00080016']?.Value?.[0];
  return dataset['00280010'] !== undefined || (typeof sopClass === 'string' && IMAGE_CLASSES.test(sopClass));
}
