// Rendered and thumbnail pictures (PS3.18 10.4.1.1.3).
import type { Archive } from '#backend/archive/archive.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { Target } from './wado.ts';

export async function handleRendered(
  _archive: Archive,
  _request: Request,
  _target: Target,
  _frames: string | undefined,
  _kind: 'rendered' | 'thumbnail',
): Promise<Response> {
  throw new LecternError('not-implemented', 'Pictures are not made yet.');
}
