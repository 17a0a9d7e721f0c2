// Rendered and thumbnail pictures (PS3.18 10.4.1.1.3, 8.3.5): PNG or JPEG, window and viewport parameters. Not for
// diagnosis: the viewer never uses them but for its series cards.
import type { Archive } from '#backend/archive/archive.ts';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import type { PicturePool } from '#backend/rendering/renderer.ts';
import type { RenderCall } from '#backend/rendering/render-messages.ts';
import { WorkerLost } from '#backend/workers/worker-pool.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { describeImage, type ImageDescription } from '#shared/dicom/image-description.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { readFrame, readOverlays } from './frame-bytes.ts';
import { acceptOf, isWanted } from './media-types.ts';
import { bodyOf } from './multipart-writer.ts';
import { pictureParameters, type SourceRegion, type Viewport } from './picture-parameters.ts';
import { locate, type Target } from './wado.ts';

const THUMBNAIL = { width: 160, height: 160, isEnlarging: false };
/** Also where a larger one is asked for. */
const MOST_THUMBNAIL_PIXELS = 1024;
const MOST_THUMBNAILS = 500;
/** What the viewer marks is said here too: a picture alone cannot. */
const END_MISSING = 'The end marker of the image data is missing; what belongs before it is complete.';

interface Picture {
  bytes: Uint8Array;
  remarks: readonly string[];
}

/** Thumbnails by what they are made of: the series strip asks for the same ones again and again, and the browser must not keep
 * pictures of a patient outside the archive, or longer than they are true. */
export class Thumbnails {
  readonly #made = new Map<string, Picture>();

  async get(key: string, make: () => Promise<Picture>): Promise<Picture> {
    const picture = this.#made.get(key) ?? (await make());
    this.#made.delete(key);
    this.#made.set(key, picture);
    const [oldest] = this.#made.keys();
    if (this.#made.size > MOST_THUMBNAILS && oldest !== undefined) this.#made.delete(oldest);
    return picture;
  }
}

interface Rendering {
  archive: Archive;
  pictures: PicturePool;
  thumbnails: Thumbnails;
}

export async function handleRendered(
  { archive, pictures, thumbnails }: Rendering,
  request: Request,
  target: Target,
  frames: string | undefined,
  kind: 'rendered' | 'thumbnail',
): Promise<Response> {
  const accepted = acceptOf(request);
  const format = accepted
    .map((each) => (isWanted(each, 'image/jpeg') ? 'jpeg' : isWanted(each, 'image/png') ? 'png' : undefined))
    .find((each) => each !== undefined);
  if (!format) throw new LecternError('not-acceptable', 'Pictures are made as image/jpeg or image/png.');
  const location = representative(locate(archive, target));
  const frameNumber = frames === undefined ? middleFrame(location, kind) : Number(frames);
  if (!Number.isInteger(frameNumber) || frameNumber < 1)
    throw new LecternError('bad-request', 'One frame number, from 1, is rendered at a time.');
  const parameters = new URL(request.url).searchParams;
  const { quality, window, viewport } = pictureParameters(parameters);
  const wish: Wish = { format, quality, window, region: viewport?.region, fit: fitOf(kind, viewport) };
  const make = (): Promise<Picture> => render(archive, pictures, location, frameNumber, wish);
  // Only those of the usual size are small enough to be kept.
  const isKept = kind === 'thumbnail' && !viewport;
  const key = JSON.stringify([location.name, frameNumber, wish]);
  const { bytes, remarks } = await (isKept ? thumbnails.get(key, make) : make());
  const headers = new Headers({ 'content-type': `image/${format}`, 'content-length': String(bytes.length) });
  const all = [...remarks, ...notDone(parameters)];
  // Remarks may quote the header of the file, in any script; a quoted string takes none of that (RFC 9110 5.6.4).
  const said = all.join(' ').replace(/[^ !#-[\]-~]/g, '?');
  if (said) headers.set('warning', `299 ${new URL(request.url).host} "${said}"`);
  return new Response(bodyOf(bytes), { headers });
}

/** Parameters that are not supported: left out, and said (PS3.18 8.3.5.1.1). */
function notDone(parameters: URLSearchParams): string[] {
  const annotation = parameters.get('annotation')?.replace(/[^\w,. -]/g, '') ?? '';
  const profile = parameters.get('iccprofile') ?? 'no';
  return [
    ...(annotation === '' ? [] : [`The following annotation values are not supported: ${annotation}.`]),
    ...(profile === 'no' ? [] : ['No ICC profile is included.']),
  ];
}

function fitOf(kind: 'rendered' | 'thumbnail', viewport: Viewport | undefined): RenderCall['fit'] {
  if (!viewport) return kind === 'thumbnail' ? THUMBNAIL : undefined;
  const most = kind === 'thumbnail' ? MOST_THUMBNAIL_PIXELS : Infinity;
  return { width: Math.min(viewport.width, most), height: Math.min(viewport.height, most), isEnlarging: true };
}

type Wish = Pick<RenderCall, 'format' | 'quality' | 'window' | 'fit'> & { region: SourceRegion | undefined };

async function render(
  archive: Archive,
  pictures: PicturePool,
  location: InstanceLocation,
  frameNumber: number,
  { region, ...wish }: Wish,
): Promise<Picture> {
  const dataset = JSON.parse(archive.metadataText(location)) as DicomJson;
  const image = describeImage(dataset, frameNumber - 1);
  if (!image || location.frameCount === 0)
    throw new LecternError('cannot-decode', `Instance ${location.sopUid} holds no picture.`);
  const source = wholePixels(image, region);
  const { bytes, transferSyntaxUid } = await readFrame(archive, location, archive.frameTable(location), frameNumber);
  const overlayBits = await readOverlays(archive, location, image);
  const call: RenderCall = { kind: 'render', bytes, transferSyntaxUid, image, overlayBits, source, ...wish };
  const answer = await pictures.call(call).catch((error: unknown) => {
    if (error instanceof WorkerLost)
      throw new LecternError(
        'cannot-decode',
        `Frame ${frameNumber} of ${location.sopUid} took too much time or memory.`,
      );
    throw error;
  });
  if (!answer.ok) throw new LecternError('cannot-decode', answer.detail);
  return { bytes: answer.bytes, remarks: [...(answer.isEndMissing ? [END_MISSING] : []), ...image.problems] };
}

/** The stored pixels that the region takes in, also in part. */
function wholePixels({ rows, columns }: ImageDescription, region: SourceRegion = { x: 0, y: 0 }): RenderCall['source'] {
  if (region.x >= columns || region.y >= rows)
    throw new LecternError('bad-request', `The region begins outside of the picture of ${columns} by ${rows} pixels.`);
  const [x, y] = [Math.floor(region.x), Math.floor(region.y)];
  const right = Math.min(columns, Math.ceil(region.x + (region.width ?? columns)));
  const bottom = Math.min(rows, Math.ceil(region.y + (region.height ?? rows)));
  return { x, y, width: right - x, height: bottom - y };
}

/** The middle image stands for a series or study. */
function representative(found: readonly InstanceLocation[]): InstanceLocation {
  const images = found.filter((location) => location.frameCount > 0);
  const chosen = images[images.length >> 1] ?? found[0];
  if (!chosen) throw new LecternError('not-found', 'No such instance.');
  return chosen;
}

const middleFrame = (location: InstanceLocation, kind: 'rendered' | 'thumbnail'): number =>
  kind === 'thumbnail' ? Math.max(1, (location.frameCount + 1) >> 1) : 1;
