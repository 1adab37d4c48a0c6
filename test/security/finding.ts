/** Something that has to be changed, and how. Lines and columns count from 1. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** What a step found, and what it says beside that. */
export interface Outcome {
  readonly findings: readonly Finding[]
  readonly note: string
}

/** A file's text at the moment that counts: in the checkout, or as it is staged. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** The place of an offset in a text. */
export function placeOf (text: string, offset: number): { readonly line: number, readonly column: number } {
  const before = text.slice(0, Math.max(offset, 0))
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') }
}

/** As editors and terminals make a link of it. */
export function formatFinding ({ file, line, column, message }: Finding): string {
  return `  ${file}:${line}:${column}  ${message}`
}
