// Reads a JSON body through its schema: what does not fit never reaches a use case.
import type { z } from 'zod';
import { LecternError } from '#shared/contract/errors.ts';

/** Rejects with LecternError 'bad-request' that says what does not fit. */
export async function checkedBody<T>(request: Request, shape: z.ZodType<T>): Promise<T> {
  const body: unknown = await request.json().catch(() => undefined);
  const parsed = shape.safeParse(body);
  if (!parsed.success) throw new LecternError('bad-request', wordsOf(parsed.error));
  return parsed.data;
}

/** What the shapes have their own words for is a sentence already. */
const wordsOf = ({ issues }: z.ZodError): string =>
  issues
    .map(({ path, message }) =>
      message.endsWith('.') ? message : `What was sent does not fit: ${path.join('.') || 'all of it'} (${message}).`,
    )
    .join(' ');
