export const COMPILED: string;
/** File that runs on the Node side: `built` of out/electron where that is fresh, else `source` below electron/. */
export function nodeEntry(built: string, source: string): string;
