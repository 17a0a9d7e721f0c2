// Draws an encapsulated PDF page by page; the PDF code is fetched only when a PDF is opened.
import workerAddress from 'pdfjs-dist/build/pdf.worker.min.mjs?url';

/** Appends a canvas for each page to `host`. Scripts and links of the document are not run. */
export async function drawPdf(bytes: ArrayBuffer, host: HTMLElement): Promise<void> {
  const pdf = await import('pdfjs-dist');
  pdf.GlobalWorkerOptions.workerSrc = workerAddress;
  const document = await pdf.getDocument({ data: new Uint8Array(bytes), enableXfa: false }).promise;
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number);
    const viewport = page.getViewport({ scale: 1.5 });
    const canvas = globalThis.document.createElement('canvas');
    canvas.width = viewport.width;
    canvas.height = viewport.height;
    await page.render({ canvas, viewport }).promise;
    host.append(canvas);
  }
}
