// A rendering engine without WebGL: it only keeps our stack viewports, which draw themselves. Volumes will have the
// library's own engine.
import { BaseRenderingEngine } from '@cornerstonejs/core';

const notHere = (): never => {
  throw new Error('this engine holds stack viewports only');
};

export class StackEngine extends BaseRenderingEngine {
  /** A viewport asks for a renderer when made and sets its camera's projection: nothing else is ever drawn with it. */
  override getRenderer(): ReturnType<BaseRenderingEngine['getRenderer']> {
    return { getActiveCamera: () => ({ setParallelProjection: () => true }) } as never;
  }
  protected _renderFlaggedViewports = (): void => {
    const asked = [...this._needsRender];
    this._needsRender.clear();
    this._animationFrameSet = false;
    this._animationFrameHandle = null;
    for (const id of asked) this.getViewport(id)?.render();
  };
  protected enableVTKjsDrivenViewport = notHere;
  protected setVtkjsDrivenViewports = notHere;
  protected _resizeVTKViewports = notHere;
  protected addVtkjsDrivenViewport = notHere;
  protected _renderViewportFromVtkCanvasToOnscreenCanvas = notHere;
}
