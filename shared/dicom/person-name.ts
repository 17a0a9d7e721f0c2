// Person names (PS3.5 6.2.1): three component groups of five components; how they are shown and folded for search.
import { trimmedEnd } from '../base/trimmed-end.ts';
import type { PersonNameJson } from './model.ts';

/** Component groups of `Alphabetic=Ideographic=Phonetic`; empty groups are left out. */
export function parsePersonName(text: string): PersonNameJson {
  const [alphabetic, ideographic, phonetic] = text.split('=').map((group) => trimmedEnd(group.trim(), '^'));
  return {
    ...(alphabetic && { Alphabetic: alphabetic }),
    ...(ideographic && { Ideographic: ideographic }),
    ...(phonetic && { Phonetic: phonetic }),
  };
}

/** One component group for a person: `DOE^JANE^^DR` reads "DOE, JANE (DR)"; a name without carets is left as it is. */
export function displayGroup(group: string): string {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = group.split('^').map((part) => part.trim());
  const first = [given, middle].filter(Boolean).join(' ');
  const titles = [prefix, suffix].filter(Boolean).join(', ');
  const name = [family, first].filter(Boolean).join(', ');
  return titles ? `${name} (${titles})` : name;
}

/** A whole name for lists: the alphabetic group, and the ideographic one behind it. */
export function displayPersonName(text: string): string {
  const { Alphabetic, Ideographic, Phonetic } = parsePersonName(text);
  const shown = [Alphabetic, Ideographic].filter((group) => group !== undefined).map(displayGroup);
  return shown.length ? shown.join('  ') : Phonetic ? displayGroup(Phonetic) : '';
}

/** Text without case, accents, width and kind of kana, for comparing what people type with what is stored. */
export function searchFold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/(?![\u3099\u309a])\p{M}/gu, '')
    .replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ø', 'o')
    .replaceAll('æ', 'ae')
    .replaceAll('đ', 'd')
    .replaceAll('ł', 'l')
    .normalize('NFC');
}
