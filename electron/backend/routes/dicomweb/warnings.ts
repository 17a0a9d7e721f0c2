// The Warning header of an answer that is not all that it might be taken for (RFC 7234 5.5; PS3.18 8.3.4 has it for cut lists).

/** Adds a sentence: of ASCII, without quotes. */
export const warn = (headers: Headers, { host }: Pick<URL, 'host'>, sentence: string): void =>
  headers.append('warning', `299 ${host} "${sentence}"`);
