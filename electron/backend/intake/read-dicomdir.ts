// Reads a DICOMDIR into DICOM JSON, in bounded size.
import fs from 'node:fs';
import { err, ok, type Result } from '#shared/base/result.ts';
import { readInstance } from '#shared/dicom/read-instance.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { memorySource } from '#backend/archive/read-for-index.ts';
import { reasonOfSystem } from '#backend/base/not-written.ts';
import { rawPath } from '#backend/base/raw-path.ts';

const MAX_DICOMDIR_BYTES = 256 * 1024 * 1024;

export interface Dicomdir {
  dataset: DicomJson;
  /** What had to be repaired to read it, in sentences. */
  repairs: string[];
}

/** The DICOMDIR of `size` bytes that `read` gives; the error is a sentence. */
export async function readDicomdirFrom(
  size: number,
  read: () => Promise<Uint8Array>,
): Promise<Result<Dicomdir, string>> {
  try {
    if (size > MAX_DICOMDIR_BYTES) return err('The DICOMDIR is larger than any medium needs.');
    const parsed = readInstance(memorySource(await read()), { acceptDicomdir: true });
    if (!parsed.ok) return err(`The DICOMDIR is damaged: ${parsed.error.detail}`);
    const { dataset, repairs } = parsed.value;
    // A name that reads wrong says nothing about what is listed.
    return ok({ dataset, repairs: repairs.flatMap(({ code, detail }) => (code === 'unfit-text' ? [] : [detail])) });
  } catch (error) {
    return err(`The DICOMDIR could not be read: ${reasonOfSystem(error)}.`);
  }
}

/** The DICOMDIR at `file`. */
export async function readDicomdir(file: string): Promise<Result<Dicomdir, string>> {
  const size = (await fs.promises.stat(rawPath(file)).catch(() => undefined))?.size ?? 0;
  return readDicomdirFrom(size, () => fs.promises.readFile(rawPath(file)));
}
