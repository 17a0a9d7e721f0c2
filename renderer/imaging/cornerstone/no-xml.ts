// Stands in for xmlbuilder2, which a writer inside vtk.js imports and which cannot run in a page; nothing here writes XML.
const never = (): never => {
  throw new Error('the page writes no XML');
};
export const create = never;
export const convert = never;
export const fragment = never;
export const builder = never;
