// Answers of a node that mean no: it does not do what was asked, and what else it does is another matter.
import { LecternError, type ErrorCode } from '#shared/contract/errors.ts';

const REFUSALS = new Set<ErrorCode>(['peer-rejected', 'peer-credentials', 'peer-without', 'peer-failed']);

export const isRefusal = (error: unknown): error is LecternError =>
  error instanceof LecternError && REFUSALS.has(error.code);
