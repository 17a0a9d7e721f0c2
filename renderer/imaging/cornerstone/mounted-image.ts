// A frame's geometry and values in the shape Cornerstone3D asks for. Spacing that is unknown stays unknown: lengths are
// then pixels. The same geometry gives the corners from which the picture's place is taken.
import { utilities, type Types } from '@cornerstonejs/core';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { modalityValue, storedValue } from '#shared/pixels/grey-values.ts';
import type { StackFrame } from '../frame-store.ts';
import type { MountHost } from '../stack-mount.ts';

const SCHEME = 'lectern:';
export const imageIdOf = (frame: StackFrame): string => SCHEME + frame.key;

/** The frame's key in an image id. */
export const keyOfImageId = (imageId: string): string => imageId.slice(SCHEME.length);

/** Descriptions by image id, for the library's metadata look-up; held while a viewport shows the frames. */
const known = new Map<string, { image: ImageDescription; users: number }>();

export function holdImages(frames: readonly StackFrame[]): () => void {
  for (const frame of frames) {
    const entry = known.get(imageIdOf(frame));
    if (entry) entry.users++;
    else known.set(imageIdOf(frame), { image: frame.image, users: 1 });
  }
  return () => {
    for (const frame of frames) {
      const entry = known.get(imageIdOf(frame));
      if (entry && --entry.users === 0) known.delete(imageIdOf(frame));
    }
  };
}

export const imageOfId = (imageId: string): ImageDescription | undefined => known.get(imageId)?.image;

/** Distances of columns and rows: mm where known, else pixels of the image's own aspect. */
const spacingOf = (image: ImageDescription): [number, number] =>
  image.spacingMm ? [image.spacingMm[1], image.spacingMm[0]] : [1, image.pixelAspect];

const axesOf = ({ orientation }: ImageDescription): [Types.Point3, Types.Point3] => {
  const [a = 1, b = 0, c = 0, d = 0, e = 1, f = 0] = orientation ?? [];
  return [
    [a, b, c],
    [d, e, f],
  ];
};

/** World point (LPS mm, or pixels where nothing is known) of a column and row, from 0 at the first pixel's centre. */
export function worldOf(image: ImageDescription, column: number, row: number): Types.Point3 {
  const [columnStep, rowStep] = spacingOf(image);
  const [along, down] = axesOf(image);
  const at = (axis: 0 | 1 | 2): number =>
    (image.positionLps?.[axis] ?? 0) + along[axis] * column * columnStep + down[axis] * row * rowStep;
  return [at(0), at(1), at(2)];
}

/** Column and row of a world point projected on the image, from 0 at the first pixel's centre. */
export function pixelOf(image: ImageDescription, world: readonly number[]): [number, number] {
  const [columnStep, rowStep] = spacingOf(image);
  const [along, down] = axesOf(image);
  const origin = worldOf(image, 0, 0);
  const from = origin.map((value, axis) => (world[axis] ?? 0) - value);
  const on = (axis: Types.Point3): number => axis.reduce((sum, value, at) => sum + value * (from[at] ?? 0), 0);
  return [on(along) / columnStep, on(down) / rowStep];
}

/** Unit vector away from the image's plane. */
export function normalOf(image: ImageDescription): Types.Point3 {
  const [along, down] = axesOf(image);
  return [
    along[1] * down[2] - along[2] * down[1],
    along[2] * down[0] - along[0] * down[2],
    along[0] * down[1] - along[1] * down[0],
  ];
}

/** Two images without a frame of reference share no space, however alike they are. */
export const frameOfReferenceOf = (image: ImageDescription): string =>
  image.frameOfReferenceUid && image.positionLps && image.orientation
    ? image.frameOfReferenceUid
    : `${SCHEME}${image.sopInstanceUid}`;

/** Answers the library's metadata look-up for our images. */
export function metadataOf(type: string, imageId: string): Record<string, unknown> | undefined {
  const image = imageOfId(imageId);
  if (!image) return undefined;
  switch (type) {
    case 'imagePlaneModule': {
      const [columnPixelSpacing, rowPixelSpacing] = spacingOf(image);
      const [rowCosines, columnCosines] = axesOf(image);
      return {
        frameOfReferenceUID: frameOfReferenceOf(image),
        rows: image.rows,
        columns: image.columns,
        imagePositionPatient: worldOf(image, 0, 0),
        imageOrientationPatient: [...rowCosines, ...columnCosines],
        rowCosines,
        columnCosines,
        rowPixelSpacing,
        columnPixelSpacing,
        usingDefaultValues: image.spacingMm === undefined,
      };
    }
    case 'imagePixelModule':
      return {
        pixelRepresentation: image.isSigned ? 1 : 0,
        bitsAllocated: image.bitsAllocated,
        bitsStored: image.bitsStored,
        highBit: image.highBit,
        photometricInterpretation: image.photometric,
        samplesPerPixel: image.samplesPerPixel,
      };
    case 'generalSeriesModule':
      return {};
    default:
      return undefined;
  }
}

/** The library's image object: geometry at once, pixels only when asked for. */
export function mountedImage(frame: StackFrame, host: MountHost): Types.IImage {
  const { image } = frame;
  const [columnPixelSpacing, rowPixelSpacing] = spacingOf(image);
  return {
    imageId: imageIdOf(frame),
    rows: image.rows,
    columns: image.columns,
    height: image.rows,
    width: image.columns,
    rowPixelSpacing,
    columnPixelSpacing,
    numberOfComponents: image.samplesPerPixel,
    color: image.samplesPerPixel > 1,
    rgba: false,
    slope: 1,
    intercept: 0,
    invert: false,
    photometricInterpretation: image.photometric,
    sizeInBytes: image.rows * image.columns * image.samplesPerPixel * (image.bitsAllocated / 8),
    getPixelData: () => modalityValuesOf(frame, host),
  } as unknown as Types.IImage;
}

/** Values in the modality's unit, for statistics; empty while the frame is not loaded. */
function modalityValuesOf(frame: StackFrame, host: MountHost): Float32Array {
  const decoded = host.decodedOf(frame.key);
  if (!decoded) return new Float32Array();
  const { image } = frame;
  return Float32Array.from(decoded.words, (word) =>
    modalityValue(image.pixelKind === 'integer' ? storedValue(word, image) : word, image),
  );
}

/** What tools measure with (`getImageData` of a viewport). */
export function imageDataOf(frame: StackFrame, host: MountHost): Record<string, unknown> {
  const { image } = frame;
  const [columnStep, rowStep] = spacingOf(image);
  const [along, down] = axesOf(image);
  const origin = worldOf(image, 0, 0);
  const normal = normalOf(image);
  const dot = (a: Types.Point3, b: Types.Point3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const worldToIndex = (world: Types.Point3): Types.Point3 => {
    const from: Types.Point3 = [world[0] - origin[0], world[1] - origin[1], world[2] - origin[2]];
    return [dot(from, along) / columnStep, dot(from, down) / rowStep, dot(from, normal)];
  };
  const dimensions: Types.Point3 = [image.columns, image.rows, 1];
  const spacing: Types.Point3 = [columnStep, rowStep, 1];
  const direction = [...along, ...down, ...normal];
  return {
    dimensions,
    spacing,
    origin,
    direction,
    imageData: {
      worldToIndex,
      indexToWorld: (index: Types.Point3) => worldOf(image, index[0], index[1]),
      getDimensions: () => dimensions,
      getSpacing: () => spacing,
      getOrigin: () => origin,
      getDirection: () => direction,
    },
    metadata: { FrameOfReferenceUID: frameOfReferenceOf(image) },
    hasPixelSpacing: image.spacingMm !== undefined,
    calibration: undefined,
    preScale: { scaled: true },
    get scalarData() {
      return modalityValuesOf(frame, host);
    },
    get voxelManager() {
      return utilities.VoxelManager.createImageVoxelManager({
        scalarData: modalityValuesOf(frame, host),
        width: image.columns,
        height: image.rows,
        numberOfComponents: image.samplesPerPixel,
      });
    },
  };
}
