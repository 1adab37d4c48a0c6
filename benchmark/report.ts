import { join } from 'node:path'
import { cpus, totalmem, release } from 'node:os'
import { readFileSync } from 'node:fs'
import type { Figure } from './measure.ts'

const packages = ['fastify', 'nunjucks', 'ws']

/** What the figures depend on: without these lines nobody can compare them. */
export function machine (): string {
  const cores = cpus()
  const versions = packages.map((name) => {
    const file = join(process.cwd(), 'node_modules', name, 'package.json')
    return `${name} ${(JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version}`
  })
  return `${cores.length} x ${cores[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${release()}, ` +
    `Node ${process.version}, ${versions.join(', ')}`
}

/** A Markdown table, padded for the terminal. */
export function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n')
}

/** `12.3 (11.0-14.1)`: the median of the rounds and their range. */
export function show (value: Figure): string {
  return `${digits(value.median)} (${digits(value.low)}-${digits(value.high)})`
}

export function ratio (plain: Figure, ours: Figure): string {
  return `${digits(plain.median / ours.median)}x`
}

export function bytes (count: number): string {
  return count.toLocaleString('en-US')
}

function digits (value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
