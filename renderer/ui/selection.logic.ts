// Selecting lines of the study table with pointer and keys, as file lists do it. Pure; lines are known by their ids.

export interface Selection {
  /** Line with the focus. */
  focus: string | undefined;
  /** Where a range starts. */
  anchor: string | undefined;
  selected: ReadonlySet<string>;
}
export const NOTHING: Selection = { focus: undefined, anchor: undefined, selected: new Set() };

export type SelectHow = 'only' | 'toggle' | 'range' | 'focus';

export const selectOnly = (id: string): Selection => ({ focus: id, anchor: id, selected: new Set([id]) });

/** `ids` are the lines from top to bottom. A range goes from the anchor to the line and replaces what was selected. */
export function select(before: Selection, id: string, how: SelectHow, ids: readonly string[]): Selection {
  switch (how) {
    case 'only':
      return selectOnly(id);
    case 'focus':
      return { ...before, focus: id };
    case 'toggle': {
      const selected = new Set(before.selected);
      if (!selected.delete(id)) selected.add(id);
      return { focus: id, anchor: id, selected };
    }
    case 'range': {
      const start = ids.indexOf(before.anchor ?? id);
      const end = ids.indexOf(id);
      if (start < 0 || end < 0) return selectOnly(id);
      return {
        focus: id,
        anchor: before.anchor ?? id,
        selected: new Set(ids.slice(Math.min(start, end), Math.max(start, end) + 1)),
      };
    }
  }
}
