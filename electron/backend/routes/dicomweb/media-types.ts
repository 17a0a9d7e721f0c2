// Content negotiation of PS3.18 8.7: what an Accept header asks for, best first, with multipart and transfer syntax.

export interface AcceptedType {
  /** Lower case, `multipart/related` already taken off: the type of the parts. */
  type: string;
  isMultipart: boolean;
  /** Transfer syntax UID, '*', or undefined when not stated. */
  transferSyntax: string | undefined;
  quality: number;
}

/** Splits at commas outside quotes. */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === separator && !isQuoted) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  parts.push(part);
  return parts.map((each) => each.trim()).filter(Boolean);
}

export function parseAccept(header: string | null | undefined): AcceptedType[] {
  const accepted = splitOutsideQuotes(header?.trim() || '*/*', ',').map((text): AcceptedType => {
    const [type = '', ...parameters] = splitOutsideQuotes(text, ';');
    const values = new Map<string, string>();
    for (const parameter of parameters) {
      const equals = parameter.indexOf('=');
      if (equals < 0) continue;
      values.set(
        parameter.slice(0, equals).trim().toLowerCase(),
        parameter
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
    }
    const isMultipart = type.toLowerCase() === 'multipart/related';
    const quality = Number(values.get('q') ?? 1);
    return {
      type: (isMultipart ? (values.get('type') ?? '*/*') : type).toLowerCase(),
      isMultipart,
      transferSyntax: values.get('transfer-syntax'),
      quality: Number.isFinite(quality) ? quality : 0,
    };
  });
  return accepted.filter((each) => each.quality > 0).sort((a, b) => b.quality - a.quality);
}

/** The `Accept` of a request; a query parameter `accept` stands in where a client cannot set headers (PS3.18 8.3.3.1). */
export function acceptOf(request: Request): AcceptedType[] {
  const parameter = new URL(request.url).searchParams.get('accept');
  return parseAccept(parameter ?? request.headers.get('accept'));
}

export const isWanted = (accepted: AcceptedType, type: string): boolean =>
  accepted.type === type || accepted.type === '*/*' || accepted.type === `${type.split('/')[0]}/*`;
