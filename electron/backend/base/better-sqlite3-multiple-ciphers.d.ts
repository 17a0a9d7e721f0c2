// The package's own types are not reachable through its "exports": the part of them that database.ts uses.
declare module 'better-sqlite3-multiple-ciphers' {
  export default class Sqlite {
    constructor(path: string, options?: { readonly?: boolean; timeout?: number });
    pragma(text: string): unknown;
    prepare(sql: string): unknown;
    exec(sql: string): this;
    transaction<T>(work: () => T): { (): T; immediate(): T };
    close(): this;
  }
}
