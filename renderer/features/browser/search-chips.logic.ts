// The quick filters beside the search field: they write their word into the text and take it out again, so that the text
// alone says what is searched. Pure.
import type { StudyRow } from '#shared/contract/views.ts';

export const DATE_CHIPS: readonly { word: string; label: string }[] = [
  { word: 'today', label: 'Today' },
  { word: 'yesterday', label: 'Yesterday' },
  { word: '7d', label: '7 days' },
  { word: '31d', label: '31 days' },
];
const DATE_WORDS = new Set(DATE_CHIPS.map((chip) => chip.word));

const words = (text: string): string[] => text.match(/[A-Za-z]*:?"[^"]*"?|\S+/g) ?? [];

export const hasWord = (text: string, word: string): boolean => words(text).includes(word);

/** Adds the word, or takes it out where it stands already. */
export function toggleWord(text: string, word: string): string {
  const all = words(text);
  return (all.includes(word) ? all.filter((each) => each !== word) : [...all, word]).join(' ');
}

/** As `toggleWord`, but one date chip at most. */
export function toggleDate(text: string, word: string): string {
  const others = words(text).filter((each) => each === word || !DATE_WORDS.has(each));
  return toggleWord(others.join(' '), word);
}

/** Modalities of the archive, most studies first, at most `limit`. */
export function commonModalities(studies: readonly StudyRow[], limit: number): string[] {
  const counts = new Map<string, number>();
  for (const { modalities } of studies)
    for (const modality of modalities) counts.set(modality, (counts.get(modality) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, limit)
    .map(([modality]) => modality);
}
