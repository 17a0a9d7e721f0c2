// The size of a cell and its place on the screen, in device pixels; also when the window comes to a screen of another resolution,
// where its size in CSS pixels stays.
export class CellBox {
  readonly #host: HTMLElement;
  readonly #onChanged: (ratioFactor: number) => void;
  readonly #observer: ResizeObserver;
  #size: readonly [number, number] = [0, 0];
  #origin: readonly [number, number] = [0, 0];
  #ratio = devicePixelRatio;
  /** Matches as long as the resolution stays. */
  #resolution: MediaQueryList | undefined;

  /** `onChanged` hears by what the resolution changed; 1 mostly. */
  constructor(host: HTMLElement, onChanged: (ratioFactor: number) => void) {
    this.#host = host;
    this.#onChanged = onChanged;
    this.#observer = new ResizeObserver(() => this.#look());
    this.#observer.observe(host);
    this.#measure();
    this.#followResolution();
  }

  dispose(): void {
    this.#observer.disconnect();
    this.#resolution?.removeEventListener('change', this.#followResolution);
  }

  /** Width and height; [0, 0] before it is laid out. */
  get size(): readonly [number, number] {
    return this.#size;
  }
  /** From the left and top of the page. */
  get origin(): readonly [number, number] {
    return this.#origin;
  }

  #look(): void {
    const factor = devicePixelRatio / this.#ratio;
    if (this.#measure()) this.#onChanged(factor);
  }

  readonly #followResolution = (): void => {
    if (this.#resolution) this.#look();
    this.#resolution = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    this.#resolution.addEventListener('change', this.#followResolution, { once: true });
  };

  /** Whether it has another size now, in pixels of the device or of CSS. */
  #measure(): boolean {
    const { clientWidth, clientHeight } = this.#host;
    const { left, top } = this.#host.getBoundingClientRect();
    this.#origin = [left * devicePixelRatio, top * devicePixelRatio];
    const [width, height] = [clientWidth * devicePixelRatio, clientHeight * devicePixelRatio];
    const isSame = this.#size[0] === width && this.#size[1] === height && this.#ratio === devicePixelRatio;
    if (width === 0 || height === 0 || isSame) return false;
    this.#size = [width, height];
    this.#ratio = devicePixelRatio;
    return true;
  }
}
