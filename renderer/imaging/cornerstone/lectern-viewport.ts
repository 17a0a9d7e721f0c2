// Cornerstone3D's planar viewport with our own picture: it keeps the library's cameras, tools and annotations, makes no
// WebGL context and draws nothing itself. `engine.ts` holds the viewports.
import {
  createDefaultPlanarRenderPaths,
  createPlanarRenderPathResolver,
  PlanarViewport,
  type Types,
} from '@cornerstonejs/core';
import { StackRenderPath } from './stack-render-path.ts';

export const LECTERN_PLANAR = 'lecternPlanar';

type PlanarArguments = ConstructorParameters<typeof PlanarViewport>[0];

export class LecternViewport extends PlanarViewport {
  static override get useCustomRenderingPipeline(): boolean {
    return true;
  }
  constructor(args: PlanarArguments) {
    // The library's type knows only the least of its contexts; a planar viewport hands over its own.
    const ours = new StackRenderPath() as unknown as ReturnType<typeof createDefaultPlanarRenderPaths>[number];
    super({
      ...args,
      // Ours first: the first match wins. Overlays and volumes stay the library's.
      renderPathResolver: createPlanarRenderPathResolver([ours, ...createDefaultPlanarRenderPaths()]),
      dataProvider: { load: async (dataId: string) => StackRenderPath.dataOf(dataId) },
    });
  }
  override getUseCustomRenderingPipeline(): boolean {
    return true;
  }
  /** What a mark that is drawn here belongs to: its image, and nothing of this view of it. The library would write down the display
   * set, the slice's number and its plane too, and hide the mark wherever one is another: in a new view of the series, and in this one
   * once the series has grown. */
  override getViewReference(...asked: Parameters<PlanarViewport['getViewReference']>): Types.ViewReference {
    const reference: Types.ViewReference & { dataId?: string } = super.getViewReference(...asked);
    delete reference.dataId;
    delete reference.sliceIndex;
    delete reference.planeRestriction;
    return reference;
  }
  /** The engine's word for "draw". */
  customRenderViewportToCanvas(): void {
    this.render();
  }
}
