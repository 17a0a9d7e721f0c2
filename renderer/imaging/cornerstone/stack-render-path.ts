// Our render path in Cornerstone's viewport: it follows the stack that draws itself (StackView) and hands on what the
// library's tools do to camera and window.
import { Enums, triggerEvent, utilities, type Types } from '@cornerstonejs/core';
import type { MountHost } from '../stack-mount.ts';
import { imageDataOf, imageIdOf, mountedImage, frameOfReferenceOf } from './mounted-image.ts';
import type { StackFrame } from '../frame-store.ts';

/** The link between one viewport and the view that draws for it. */
export interface MountedStack {
  readonly host: MountHost;
  /** The frames the viewport knows. */
  readonly frames: readonly StackFrame[];
  index: number;
  /** While our own view sets the camera, its echo is not a tool's doing. */
  isPlacing: boolean;
  /** A tool moved the camera to what the viewport now answers. */
  cameraMoved(index: number): void;
}

/** The parts of the library's root context that are used (internal to it: version 5.14.0 is pinned). */
interface PathContext {
  viewportId: string;
  renderingEngineId: string;
  viewport: { element: HTMLDivElement; invalidateResolvedView(): void; isCurrentDataId(id: string): boolean };
  display: { activateRenderMode(mode: string): void; markRendered(): void };
  cpu: { canvas: HTMLCanvasElement };
}
interface PathData {
  id: string;
  type: 'image';
  imageIds: string[];
  initialImageIdIndex: number;
}
interface PathViewState {
  slice?: { kind: string; imageIdIndex?: number };
}

/** Literal that core compares with: it puts the camera on the 2D surface. */
const CPU_IMAGE = 'cpuImage';
const stacks = new Map<string, MountedStack>();

export class StackRenderPath {
  readonly id = 'lectern:stack';
  readonly type = Enums.ViewportType.PLANAR_NEXT;

  static register(dataId: string, stack: MountedStack): () => void {
    stacks.set(dataId, stack);
    const registry = utilities.genericViewportDisplaySetMetadataProvider;
    registry.add(dataId, { kind: 'planar', imageIds: stack.frames.map(imageIdOf), initialImageIdIndex: stack.index });
    return () => {
      stacks.delete(dataId);
      registry.remove(dataId);
    };
  }

  static dataOf(dataId: string): PathData & { image: Types.IImage | undefined } {
    const stack = stacks.get(dataId);
    const frame = stack?.frames[stack.index];
    if (!stack || !frame) throw new Error(`no stack ${dataId}`);
    return {
      id: dataId,
      type: 'image',
      imageIds: stack.frames.map(imageIdOf),
      initialImageIdIndex: stack.index,
      image: mountedImage(frame, stack.host),
    };
  }

  matches(data: { type: string; id: string }, options: { renderMode: string; role?: string }): boolean {
    return data.type === 'image' && options.role === 'source' && stacks.has(data.id);
  }

  selectContext(root: PathContext): PathContext {
    return root;
  }

  createRenderPath(): { addData(context: PathContext, data: PathData): Promise<Record<string, unknown>> } {
    return { addData: async (context, data) => attach(context, data) };
  }
}

function attach(context: PathContext, data: PathData): Record<string, unknown> {
  const stack = stacks.get(data.id);
  if (!stack) throw new Error(`no stack ${data.id}`);
  const frameNow = (): StackFrame | undefined => stack.frames[stack.index];
  const first = frameNow();
  if (!first) throw new Error('an empty stack has no picture');
  context.display.activateRenderMode(CPU_IMAGE);
  const enabledElement: { image: Types.IImage; canvas: HTMLCanvasElement } = {
    image: mountedImage(first, stack.host),
    canvas: context.cpu.canvas,
  };
  const actor = {
    getClassName: () => 'CanvasActor',
    className: 'CanvasActor',
    getMapper: () => ({ getInputData: () => imageDataOf(frameNow() ?? first, stack.host)['imageData'] }),
    isA: () => false,
    setVisibility: () => undefined,
    render: () => undefined,
  };
  const rendering = {
    renderMode: CPU_IMAGE,
    actorEntryUID: `${data.id}/actor`,
    enabledElement,
    currentImage: enabledElement.image,
    currentImageIdIndex: stack.index,
    defaultVOIRange: undefined,
    compatibilityActor: actor,
  };
  const show = (index: number): void => {
    const frame = stack.frames[index];
    if (!frame || (index === rendering.currentImageIdIndex && frame.key === keyOf(rendering.currentImage))) return;
    stack.index = index;
    rendering.currentImageIdIndex = index;
    rendering.currentImage = enabledElement.image = mountedImage(frame, stack.host);
    context.viewport.invalidateResolvedView();
    triggerEvent(context.viewport.element, Enums.Events.STACK_NEW_IMAGE, {
      image: rendering.currentImage,
      imageId: rendering.currentImage.imageId,
      imageIdIndex: index,
      viewportId: context.viewportId,
      renderingEngineId: context.renderingEngineId,
    });
  };
  return {
    rendering,
    updateDataPresentation: (props: { voiRange?: { lower: number; upper: number } }) => {
      if (props.voiRange && !stack.isPlacing) stack.host.adoptWindow(props.voiRange.lower, props.voiRange.upper);
    },
    applyViewState: (state: PathViewState) => {
      context.display.activateRenderMode(CPU_IMAGE);
      // Laid out, so that core can ask its size, but never painted: the picture lies below it.
      context.cpu.canvas.style.visibility = 'hidden';
      show(state.slice?.imageIdIndex ?? stack.index);
      if (!stack.isPlacing) stack.cameraMoved(stack.index);
    },
    getFrameOfReferenceUID: () => frameOfReferenceOf((frameNow() ?? first).image),
    getActorEntry: () => ({ uid: rendering.actorEntryUID, actor, referencedId: rendering.currentImage.imageId }),
    getImageData: () => {
      const frame = frameNow();
      return frame && imageDataOf(frame, stack.host);
    },
    render: () => {
      if (!stack.isPlacing) stack.host.requestPaint();
    },
    resize: () => undefined,
    removeData: () => undefined,
  };
}

const keyOf = (image: Types.IImage): string => image.imageId.slice(image.imageId.indexOf(':') + 1);
