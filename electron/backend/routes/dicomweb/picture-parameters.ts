// The query parameters of rendered and thumbnail pictures (PS3.18 8.3.5): what is not understood is refused, not passed over.
import type { RenderCall } from '#backend/rendering/render-messages.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { VoiFunction } from '#shared/dicom/image-description.ts';

const KNOWN = ['accept', 'annotation', 'charset', 'iccprofile', 'quality', 'viewport', 'window'];
const FUNCTIONS: Record<string, VoiFunction> = { linear: 'LINEAR', 'linear-exact': 'LINEAR_EXACT', sigmoid: 'SIGMOID' };
const MOST_VIEWPORT_PIXELS = 8192;
/** Rows and Columns are US. */
const MOST_SOURCE_PIXELS = 65535;

/** Of the stored pixels, in their numbers; what is not said reaches to the edge. */
export interface SourceRegion {
  x: number;
  y: number;
  width?: number;
  height?: number;
}

export interface Viewport {
  width: number;
  height: number;
  region: SourceRegion | undefined;
}

export interface PictureParameters {
  quality: number;
  window: RenderCall['window'];
  viewport: Viewport | undefined;
}

/** Throws LecternError 'bad-request' in words. */
export function pictureParameters(parameters: URLSearchParams): PictureParameters {
  for (const name of parameters.keys()) {
    if (!KNOWN.includes(name))
      throw new LecternError(
        'bad-request',
        `${name.slice(0, 40)} is no parameter of a picture; it takes ${KNOWN.join(', ')}.`,
      );
    if (parameters.getAll(name).length > 1) throw new LecternError('bad-request', `${name} is given more than once.`);
  }
  return {
    quality: numberIn(parameters.get('quality') ?? '90', 'quality', 1, 100),
    window: windowOf(parameters.get('window')),
    viewport: viewportOf(parameters.get('viewport')),
  };
}

function numberIn(text: string, name: string, min: number, max: number): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value < min || value > max)
    throw new LecternError('bad-request', `${name} is a number from ${min} to ${max}.`);
  return value;
}

/** `window=center,width,function` (PS3.18 8.3.5.1.4). */
function windowOf(text: string | null): RenderCall['window'] {
  if (text === null) return undefined;
  const [center, width, name = 'linear'] = text.split(',');
  const voiFunction = FUNCTIONS[name.toLowerCase()];
  if (center === undefined || width === undefined || !voiFunction)
    throw new LecternError('bad-request', 'window is center,width,function with linear, linear-exact or sigmoid.');
  return {
    center: numberIn(center, 'window center', -1e12, 1e12),
    width: numberIn(width, 'window width', 1e-9, 1e12),
    function: voiFunction,
  };
}

/** `viewport=vw,vh` or `vw,vh,sx,sy,sw,sh`, of which the last four may be left out or empty (PS3.18 8.3.5.1.3). */
function viewportOf(text: string | null): Viewport | undefined {
  if (text === null) return undefined;
  const parts = text.split(',');
  if (parts.length < 2 || parts.length > 6)
    throw new LecternError('bad-request', 'viewport is width,height or, of a region, width,height,x,y,width,height.');
  const [width = '', height = '', ...source] = parts;
  return {
    width: numberIn(width, 'viewport width', 1, MOST_VIEWPORT_PIXELS),
    height: numberIn(height, 'viewport height', 1, MOST_VIEWPORT_PIXELS),
    region: source.some((part) => part !== '') ? regionOf(source) : undefined,
  };
}

function regionOf([x = '', y = '', width = '', height = '']: readonly string[]): SourceRegion {
  const side = (text: string, name: string, min: number): number =>
    numberIn(text, `viewport source ${name}`, min, MOST_SOURCE_PIXELS);
  return {
    x: x === '' ? 0 : side(x, 'x', 0),
    y: y === '' ? 0 : side(y, 'y', 0),
    ...(width !== '' && { width: side(width, 'width', 1) }),
    ...(height !== '' && { height: side(height, 'height', 1) }),
  };
}
