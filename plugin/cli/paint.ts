/** Emphasis of a text, or none. */
export interface Paint {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly alert: (text: string) => string
}

const PLAIN: Paint = { bold: same, dim: same, alert: same }
const COLOURED: Paint = { bold: sequence(1, 22), dim: sequence(2, 22), alert: sequence(33, 39) }

/** Colours on a terminal only, and not against the reader's wish: https://no-color.org. */
export function createPaint (out: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): Paint {
  return out.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb' ? COLOURED : PLAIN
}

function same (text: string): string {
  return text
}

function sequence (on: number, off: number): (text: string) => string {
  return (text) => `\u001b[${on}m${text}\u001b[${off}m`
}
