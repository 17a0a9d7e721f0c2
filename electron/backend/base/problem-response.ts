// A failure as an answer (RFC 9457).
import type { LecternError, Problem } from '#shared/contract/errors.ts';

export function problemResponse(error: LecternError, headers: Record<string, string> = {}): Response {
  const problem: Problem = error.toProblem();
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  });
}
