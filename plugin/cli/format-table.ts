export interface TableFormat {
  readonly indent: number
  /** Of the terminal. */
  readonly width: number
  /** No column but the last is wider; a longer text takes a line of its own. */
  readonly widest: number
  /** Rows of several tables that are to have the same columns. */
  readonly alike?: ReadonlyArray<readonly string[]>
}

/** Below this the last column is not squeezed: long lines are easier to read than columns of single words. */
const NARROWEST = 24

// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[\d+m/g

/** Rows of the same number of cells, aligned; the last column is wrapped. */
export function formatTable (rows: ReadonlyArray<readonly string[]>, format: TableFormat): string {
  const { indent, width, widest, alike = rows } = format
  const columns = Math.max(0, ...alike.map((row) => row.length - 1))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.min(widest, Math.max(...alike.map((row) => lengthOf(row[column] as string)))))
  const start = indent + widths.reduce((sum, each) => sum + each + 2, 0)
  const margin = ' '.repeat(start)
  return rows.map((row) => {
    let line = ' '.repeat(indent)
    row.slice(0, -1).forEach((cell, column) => {
      const length = lengthOf(cell)
      const room = widths[column] as number
      const next = indent + widths.slice(0, column + 1).reduce((sum, each) => sum + each + 2, 0)
      line += length > room ? `${cell}\n${' '.repeat(next)}` : cell + ' '.repeat(room - length + 2)
    })
    const wrapped = wrap(row.at(-1) as string, Math.max(NARROWEST, width - start)).join(`\n${margin}`)
    return `${line}${wrapped}`.replace(/(?<! ) +$/gm, '') + '\n'
  }).join('')
}

/** A text cut into lines between its words. */
export function wrap (text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && lengthOf(line) + 1 + lengthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function lengthOf (text: string): number {
  return text.replace(COLOURS, '').length
}
