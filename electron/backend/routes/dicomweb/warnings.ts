// The Warning header of an answer that is not all that it might be taken for (RFC 7234 5.5, as PS3.18 10.6.3.1 has it).

/** Adds a sentence: of ASCII, without quotes. */
export const warn = (headers: Headers, { host }: Pick<URL, 'host'>, sentence: string): void =>
  headers.append('warning', `299 ${host} "${sentence}"`);
