// Reads a JSON body through its schema: what does not fit never reaches a use case.
import { z } from 'zod';
import { LecternError } from '#shared/contract/errors.ts';

/** Rejects with LecternError 'bad-request' that says what does not fit. */
export async function checkedBody<T>(request: Request, shape: z.ZodType<T>): Promise<T> {
  const body: unknown = await request.json().catch(() => undefined);
  const parsed = shape.safeParse(body);
  if (!parsed.success) throw new LecternError('bad-request', z.prettifyError(parsed.error));
  return parsed.data;
}
