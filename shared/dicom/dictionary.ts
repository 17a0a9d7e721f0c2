// The data dictionary (PS3.6): VR and keyword of a tag, tag of a keyword. Built on first use.
import { DICTIONARY, REPEATERS } from './dictionary.generated.ts';
import type { TagKey } from './model.ts';

interface Entry {
  vr: string;
  keyword: string;
}
interface Index {
  byTag: Map<TagKey, Entry>;
  byKeyword: Map<string, TagKey>;
  repeaters: { pattern: RegExp; entry: Entry }[];
}

let index: Index | undefined;

function built(): Index {
  if (index) return index;
  const made: Index = { byTag: new Map(), byKeyword: new Map(), repeaters: [] };
  for (const line of DICTIONARY.split('\n')) {
    const bar = line.indexOf('|');
    const tag = line.slice(0, 8);
    const entry = { vr: line.slice(8, bar), keyword: line.slice(bar + 1) };
    made.byTag.set(tag, entry);
    made.byKeyword.set(entry.keyword, tag);
  }
  for (const line of REPEATERS.split('\n')) {
    const bar = line.indexOf('|');
    const pattern = new RegExp(`^${line.slice(0, 8).replaceAll('x', '[0-9A-F]')}$`);
    made.repeaters.push({ pattern, entry: { vr: line.slice(8, bar), keyword: line.slice(bar + 1) } });
  }
  index = made;
  return made;
}

function entryOf(tag: TagKey): Entry | undefined {
  const { byTag, repeaters } = built();
  return byTag.get(tag) ?? repeaters.find(({ pattern }) => pattern.test(tag))?.entry;
}

/** VR of a tag (eight upper-case hex digits); group lengths are UL, private creators LO; undefined when not known. */
export function vrOf(tag: TagKey): string | undefined {
  if (tag.endsWith('0000')) return 'UL';
  if (isPrivate(tag)) return /^....00[1-9A-F][0-9A-F]$/.test(tag) ? 'LO' : undefined;
  return entryOf(tag)?.vr;
}

/** Keyword of a tag, as `PatientName`; undefined when not known. */
export const keywordOf = (tag: TagKey): string | undefined => entryOf(tag)?.keyword;

/** Tag of a keyword; undefined when not known. */
export const tagOf = (keyword: string): TagKey | undefined => built().byKeyword.get(keyword);

/** Private elements have an odd group (PS3.5 7.8). */
export const isPrivate = (tag: TagKey): boolean => (Number.parseInt(tag.slice(3, 4), 16) & 1) === 1;
