declare module 'js-yaml' {
  const yaml: { load(text: string): unknown };
  // oxlint-disable-next-line import/no-default-export -- the package's own shape
  export default yaml;
}
