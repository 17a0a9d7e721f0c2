// VR of an element in implicit VR where PS3.6 leaves a choice of US or SS: it follows Pixel Representation (PS3.5 A.1).
import { vrOf } from './dictionary.ts';
import type { TagKey } from './model.ts';

/** What PS3.6 marks "US or SS"; the dictionary has it as US. */
const BY_REPRESENTATION =
  /^0028(010[4-9]|011[01]|012[01]|110[0-3]|111[1-3]|0071|3002)$|^00189810$|^00221452$|^00409(211|216)$|^0060300[46]$/;

/** `isSigned`: what (0028,0103) of the image around it says; undefined when the tag is not known. */
export const implicitVrOf = (tag: TagKey, isSigned: boolean): string | undefined =>
  isSigned && BY_REPRESENTATION.test(tag) ? 'SS' : vrOf(tag);
