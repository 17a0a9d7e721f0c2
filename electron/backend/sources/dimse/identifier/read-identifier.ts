// Identifiers and other small data sets of messages as DICOM JSON, in any Specific Character Set (PS3.4 C.2.2.2).
import { err, ok, type Result } from '#shared/base/result.ts';
import { ByteCursor } from '#shared/dicom/byte-cursor.ts';
import type { Charset } from '#shared/dicom/charset.ts';
import type { DicomJson, Refusal, Repair } from '#shared/dicom/model.ts';
import { readDataset } from '#shared/dicom/read-dataset.ts';
import { ReadStop } from '#shared/dicom/read-stop.ts';
import { EXPLICIT_BIG, IMPLICIT_LITTLE } from '#shared/dicom/transfer-syntaxes.ts';

/** `undeclared`: of text whose set is not stated. Never throws. */
export function readIdentifier(
  bytes: Uint8Array,
  transferSyntaxUid: string,
  undeclared?: Charset,
): Result<{ dataset: DicomJson; repairs: Repair[] }, Refusal> {
  const repairs: Repair[] = [];
  const cursor = new ByteCursor({
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
  cursor.isBigEndian = transferSyntaxUid === EXPLICIT_BIG;
  try {
    const context = {
      cursor,
      repairs,
      isExplicit: transferSyntaxUid !== IMPLICIT_LITTLE,
      ...(undeclared && { undeclared }),
    };
    const { dataset } = readDataset(context, 0);
    return ok({ dataset, repairs });
  } catch (error) {
    if (error instanceof ReadStop) return err(error.refusal);
    return err({ code: 'malformed', detail: 'The data set of the message cannot be read.' });
  }
}
