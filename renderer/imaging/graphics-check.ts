// Tries the graphics hardware before anything depends on it: draws known values with WebGL2 and reads them back. Slices are
// drawn without it, so reading stays possible whatever the answer; volumes will ask here first.

export interface GraphicsCheck {
  state: 'works' | 'absent' | 'wrong';
  /** One sentence for the person. */
  text: string;
  renderer: string | undefined;
  maxTexture: number | undefined;
  maxTexture3d: number | undefined;
}

const VERTEX = `#version 300 es
void main() { gl_Position = vec4(vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0, 0, 1); }`;
/** Reads 16-bit integers, as slices and volumes hold them, and shows two of them. */
const FRAGMENT = `#version 300 es
precision highp float; precision highp isampler2D;
uniform isampler2D values; out vec4 color;
void main() { int value = texelFetch(values, ivec2(gl_FragCoord.xy), 0).r; color = vec4(float(value + 1024) / 4095.0, 0, 1, 1); }`;
const VALUES = Int16Array.of(-1024, 0, 1000, 3071);

const answer = (state: GraphicsCheck['state'], text: string, gl?: WebGL2RenderingContext): GraphicsCheck => ({
  state,
  text,
  renderer: gl ? rendererOf(gl) : undefined,
  maxTexture: gl ? Number(gl.getParameter(gl.MAX_TEXTURE_SIZE)) : undefined,
  maxTexture3d: gl ? Number(gl.getParameter(gl.MAX_3D_TEXTURE_SIZE)) : undefined,
});

function rendererOf(gl: WebGL2RenderingContext): string {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

let checked: GraphicsCheck | undefined;
/** Checks once for each page. */
export const checkGraphics = (): GraphicsCheck => (checked ??= check());

function check(): GraphicsCheck {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 2;
  const gl = canvas.getContext('webgl2');
  if (!gl) return answer('absent', 'There is no WebGL2: slices are read as always, volumes and 3D are not possible.');
  try {
    const drawn = draw(gl);
    const expected = [...VALUES].map((value) => Math.round(((value + 1024) / 4095) * 255));
    if (drawn?.every((value, at) => Math.abs(value - (expected[at] ?? -9)) <= 1) === true)
      return answer('works', 'The graphics hardware draws 16-bit values correctly.', gl);
    return answer('wrong', 'The graphics hardware draws wrong values: volumes and 3D are not offered.', gl);
  } finally {
    gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}

function draw(gl: WebGL2RenderingContext): number[] | undefined {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) return undefined;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) return undefined;
  gl.useProgram(program);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.R16I, 2, 2, 0, gl.RED_INTEGER, gl.SHORT, VALUES);
  gl.viewport(0, 0, 2, 2);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  const read = new Uint8Array(16);
  gl.readPixels(0, 0, 2, 2, gl.RGBA, gl.UNSIGNED_BYTE, read);
  return [0, 1, 2, 3].map((at) => read[at * 4] ?? -1);
}
