/** `search` stands once in the file; with `off` in its place the guard does nothing. */
export type Guard = readonly [name: string, search: string, off: string]

export interface Guarded {
  /** Names of test files, without ending. */
  readonly tests: string
  readonly guards: readonly Guard[]
}
