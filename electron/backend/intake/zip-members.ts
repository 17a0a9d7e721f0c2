// Reads a ZIP file member by member (ZIP64, AES and ZipCrypto passwords) without unpacking to disk: nothing is ever
// written under a member's name, so a name cannot lead anywhere.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import {
  configure,
  Reader,
  ZipReader,
  ERR_AMBIGUOUS_ARCHIVE,
  ERR_ENCRYPTED,
  ERR_EOCDR_NOT_FOUND,
  ERR_INVALID_PASSWORD,
  ERR_SPLIT_ZIP_FILE,
  ERR_UNSUPPORTED_COMPRESSION,
  ERR_UNSUPPORTED_ENCRYPTION,
  WARNING_PREPENDED_DATA,
  WARNING_TRAILING_CENTRAL_DIRECTORY_DATA,
  type Entry,
  type FileEntry,
} from '@zip.js/zip.js';
import { reasonOfSystem, systemCode } from '#backend/base/not-written.ts';
import { rawPath } from '#backend/base/raw-path.ts';
import { readFully } from '#backend/base/read-fully.ts';

configure({ useWebWorkers: false, useCompressionStream: true });

const MAX_MEMBERS = 2_000_000;
/** The end record, without and with the longest comment. */
const END_BYTES = 22;
const MAX_END_BYTES = END_BYTES + 65535;

type ZipDefectCode = 'unreadable' | 'password-needed' | 'zip-damaged' | 'zip-bomb' | 'zip-unsupported';

/** A ZIP or a member that cannot be taken: the reason is a sentence for a person. */
export class ZipDefect extends Error {
  override name = 'ZipDefect';
  readonly code: ZipDefectCode;
  constructor(code: ZipDefectCode, message: string) {
    super(message);
    this.code = code;
  }
}

class FileReader extends Reader<fs.promises.FileHandle> {
  readonly #handle: fs.promises.FileHandle;
  constructor(handle: fs.promises.FileHandle) {
    super(handle);
    this.#handle = handle;
  }
  override async init(): Promise<void> {
    await super.init?.();
    this.size = (await this.#handle.stat()).size;
  }
  override async readUint8Array(index: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return readFully(this.#handle, new Uint8Array(Math.max(0, Math.min(length, this.size - index))), index);
  }
}

export interface ZipMember {
  name: string;
  /** Its name, numbered where members before it have the same: each has its line in the report. */
  label: string;
  /** As the directory says; the truth shows while reading. */
  sizeBytes: number;
  /** Hands the member's bytes to `take` piece by piece until that answers false: then what is left is neither unpacked nor held against
   * the checksum, unless it is encrypted, where only that tells a wrong password. Rejects with ZipDefect, and as `take` does. */
  read(take: (bytes: Uint8Array) => Promise<boolean>): Promise<void>;
}

/** A program that unpacks itself (`.exe`): a ZIP file stands behind it, whose end record (APPNOTE 4.3.16) ends the file. Rejects
 * where that cannot be read: a study that was sent as one must not pass for a program. */
export async function isSelfExtractingZip(file: string): Promise<boolean> {
  const handle = await fs.promises.open(rawPath(file), 'r');
  try {
    const { size } = await handle.stat();
    const head = await readFully(handle, Buffer.alloc(2), 0);
    if (head.toString('latin1') !== 'MZ') return false;
    const length = Math.min(size, MAX_END_BYTES);
    const tail = await readFully(handle, Buffer.alloc(length), size - length);
    const at = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1');
    return at >= 0 && at + END_BYTES <= tail.length && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length;
  } finally {
    await handle.close();
  }
}

/** Known by its first bytes: local header, end of an empty one, or the mark of one that was or could have been split (APPNOTE 4.3.7,
 * 4.3.16, 8.5.3); or by its name, since the last of several parts begins anywhere. */
export const isZip = (name: string, head: Uint8Array): boolean => beginsAsZip(head) || /\.zip$/i.test(name);
export const beginsAsZip = (bytes: Uint8Array): boolean =>
  [LOCAL_HEADER, 'PK\x05\x06', SPLIT_MARK, 'PK00'].includes(beginningOf(bytes));
const LOCAL_HEADER = 'PK\x03\x04';
const SPLIT_MARK = 'PK\x07\x08';
const beginningOf = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 4)).toString('latin1');

/** Members of a ZIP, folders without content left out. Throws ZipDefect where the ZIP itself is damaged or cannot be read. */
export async function* zipMembers(file: string, password: string | undefined): AsyncGenerator<ZipMember> {
  const handle = await fs.promises.open(rawPath(file), 'r').catch((error: unknown) => {
    throw defectOfZip(error);
  });
  const zip = new ZipReader(new FileReader(handle));
  const passwords = writtenPasswords(password ?? '');
  try {
    const beginning = beginningOf(await readFully(handle, Buffer.alloc(4), 0).catch(() => Buffer.alloc(0)));
    let count = 0;
    const named = new Map<number, number>();
    // A name that leads elsewhere is a label here and nothing more: the good members beside it must not be lost for it.
    const entries = zip.getEntriesGenerator({ filenameValidation: 'tolerant' });
    for (;;) {
      const next = await entries.next().catch((error: unknown) => {
        throw beginning === SPLIT_MARK && messageOf(error) === ERR_EOCDR_NOT_FOUND ? inParts() : defectOfZip(error);
      });
      if (next.done) {
        checkAllListed(zip, beginning === LOCAL_HEADER);
        return;
      }
      if (++count > MAX_MEMBERS)
        throw new ZipDefect('zip-bomb', `The ZIP file lists more than ${MAX_MEMBERS} members.`);
      if (!isFileEntry(next.value)) continue;
      const { filename } = next.value;
      const digest = digestOf(filename);
      const number = (named.get(digest) ?? 0) + 1;
      named.set(digest, number);
      yield memberOf(next.value, number === 1 ? filename : `${filename} (${number})`, passwords);
    }
  } finally {
    await zip.close().catch(() => undefined);
    await handle.close();
  }
}

/** Throws ZipDefect where there is more in the file than its list says. */
function checkAllListed({ warnings = [] }: ZipReader<unknown>, isZipFromItsStart: boolean): void {
  const reasons: readonly string[] = warnings.map(({ reason }) => reason);
  if (
    reasons.includes(WARNING_TRAILING_CENTRAL_DIRECTORY_DATA) ||
    (isZipFromItsStart && reasons.includes(WARNING_PREPENDED_DATA))
  )
    throw new ZipDefect(
      'zip-damaged',
      'The ZIP file holds more than the list of its members was read to: it is damaged, or two were joined. Unpack it with another program and import the folder.',
    );
}

const inParts = (): ZipDefect =>
  new ZipDefect(
    'zip-unsupported',
    'The ZIP file is one of several parts: put them together, unpack them and import the folder.',
  );

/** Some packers end a file's name as a folder's; zip.js reads what such an entry holds, whatever its types say. */
const isFileEntry = (entry: Entry): entry is FileEntry => !entry.directory || entry.uncompressedSize > 0;

/** A number instead of the name: a ZIP may list millions. */
const digestOf = (name: string): number => createHash('sha1').update(name).digest().readUIntBE(0, 6);

/** Bytes 128 to 255 of the code page of DOS, where PKZIP is from (APPNOTE D.1). */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
const WINDOWS_1252 = new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 128 }, (_, i) => 128 + i));

/** A password as bytes, in each way it may be meant. */
type Written = readonly [Uint8Array, ...Uint8Array[]];

/** A password in each way that packers write it: no standard says how. UTF-8 as on Linux and macOS, then the code pages of
 * Windows and of DOS. One way where it is ASCII. */
function writtenPasswords(password: string): Written {
  const ways: [Uint8Array, ...Uint8Array[]] = [new TextEncoder().encode(password)];
  if (isAscii(password)) return ways;
  for (const upper of [WINDOWS_1252, CP437]) {
    const codes = Array.from(password, (letter) =>
      isAscii(letter) ? letter.charCodeAt(0) : 128 + upper.indexOf(letter),
    );
    if (!codes.includes(127)) ways.push(Uint8Array.from(codes));
  }
  return ways;
}
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** The way that opens the member. In ZipCrypto one of 256 others fits too: where several do, the content tells. */
async function passwordOf(entry: FileEntry, [first, ...others]: Written): Promise<Uint8Array> {
  if (!entry.encrypted || others.length === 0) return first;
  let fitting = [first, ...others];
  for (const checkPasswordOnly of [true, false]) {
    const opened = [];
    for (const rawPassword of fitting) {
      const options = { rawPassword, checkPasswordOnly, checkSignature: true };
      const isOpened = await entry.getData(new WritableStream(), options).then(
        () => true,
        () => false,
      );
      if (isOpened) opened.push(rawPassword);
    }
    if (opened.length < 2) return opened[0] ?? fitting[0] ?? first;
    fitting = opened;
  }
  return fitting[0] ?? first;
}

function memberOf(entry: FileEntry, label: string, passwords: Written): ZipMember {
  return {
    name: entry.filename,
    label,
    sizeBytes: entry.uncompressedSize,
    read: async (take) => {
      // zip.js stops where a member unpacks to more than it states; what it states is held against the free space as it comes, and
      // what is no DICOM file is not even written.
      let bytes = 0;
      let isEnough = false;
      const taking = new AbortController();
      const sink = new WritableStream<Uint8Array>({
        write: async (piece) => {
          bytes += piece.length;
          try {
            isEnough = !(await take(piece)) && !entry.encrypted;
          } catch (error) {
            taking.abort(error);
          }
          if (isEnough) taking.abort();
        },
      });
      try {
        const rawPassword = await passwordOf(entry, passwords);
        await entry.getData(sink, { rawPassword, checkSignature: true, signal: taking.signal });
      } catch (error) {
        if (isEnough) return;
        throw taking.signal.aborted ? taking.signal.reason : defectOf(error, entry, passwords.length > 1);
      }
      if (bytes !== entry.uncompressedSize)
        throw new ZipDefect('zip-damaged', 'The member does not have the size that the ZIP file states.');
    },
  };
}

function defectOfZip(error: unknown): ZipDefect {
  if (systemCode(error) !== undefined) return unreadable('ZIP file', error);
  const message = messageOf(error);
  if (message === ERR_SPLIT_ZIP_FILE) return inParts();
  if (message === ERR_AMBIGUOUS_ARCHIVE)
    return new ZipDefect(
      'zip-damaged',
      'The ZIP file is damaged: something that does not belong to it stands at its end, or two were joined. Unpack it with another program and import the folder.',
    );
  if (message === ERR_EOCDR_NOT_FOUND)
    return new ZipDefect(
      'zip-damaged',
      'The ZIP file is damaged: the list of its members, which stands at its end, is missing. It may not have been copied to its end.',
    );
  return new ZipDefect('zip-damaged', `The ZIP file is damaged: ${message}.`);
}

/** What only cannot be read may be whole. */
const unreadable = (what: string, error: unknown): ZipDefect =>
  new ZipDefect('unreadable', `The ${what} could not be read: ${reasonOfSystem(error)}.`);

/** APPNOTE 4.4.5. */
const METHODS: Readonly<Record<number, string>> = { 12: 'bzip2', 14: 'LZMA', 93: 'Zstandard', 95: 'xz', 98: 'PPMd' };

function defectOf(
  error: unknown,
  { compressionMethod: method, zipCrypto }: FileEntry,
  isPasswordInDoubt: boolean,
): ZipDefect {
  if (systemCode(error) !== undefined) return unreadable('member', error);
  const message = messageOf(error);
  if (message === ERR_ENCRYPTED)
    return new ZipDefect('password-needed', 'The member is encrypted: give the password of the ZIP file.');
  if (message === ERR_INVALID_PASSWORD)
    return new ZipDefect(
      'password-needed',
      isPasswordInDoubt
        ? 'The password does not open this member. It has letters that packers write in different ways: if it is right, unpack the ZIP file with the program that made it and import the folder.'
        : 'The password does not open this member.',
    );
  if (message === ERR_UNSUPPORTED_COMPRESSION || message === ERR_UNSUPPORTED_ENCRYPTION) {
    const how =
      message === ERR_UNSUPPORTED_ENCRYPTION
        ? 'encrypted in a way'
        : `packed by a method (${METHODS[method] ?? `number ${method}`})`;
    return new ZipDefect(
      'zip-unsupported',
      `The member is ${how} that is not read here: unpack the ZIP file and import the folder.`,
    );
  }
  if (message === ERR_AMBIGUOUS_ARCHIVE)
    return new ZipDefect(
      'zip-damaged',
      'The member is damaged: its size or checksum is not what the list of the ZIP file says.',
    );
  // One byte is all that ZipCrypto checks a password by (APPNOTE 6.1.6): one in 256 wrong ones is found out by what it unpacks to.
  if (zipCrypto)
    return new ZipDefect('password-needed', `The password does not open this member, or it is damaged: ${message}.`);
  return new ZipDefect('zip-damaged', `The member is damaged: ${message}.`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
