import { performance } from 'node:perf_hooks'

/** Figures of one side: the medians of its rounds, their median and their range. */
export interface Figure {
  readonly median: number
  readonly low: number
  readonly high: number
}

export interface Side {
  readonly name: string
  /** One batch; resolves to the time that one event took, in microseconds. */
  readonly batch: () => Promise<number> | number
}

/**
 * Runs the sides in turn, round after round: a host whose clock drifts then slows all of them, and the ratio stays.
 * The order changes with every round, so that nobody always runs behind the same neighbour's garbage.
 */
export async function alternate (sides: readonly Side[], rounds: number): Promise<Map<string, Figure>> {
  const samples = new Map<string, number[]>(sides.map(({ name }) => [name, []]))
  for (const side of sides) await side.batch()
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? sides : [...sides].reverse()
    for (const side of order) samples.get(side.name)?.push(await side.batch())
  }
  return new Map([...samples].map(([name, values]) => [name, figure(values)]))
}

/** Median microseconds of `work`, with `before` kept out of the time. */
export function timeEach (count: number, work: () => void, before: () => void): number {
  const times: number[] = []
  for (let k = 0; k < count; k++) {
    before()
    const start = performance.now()
    work()
    times.push((performance.now() - start) * 1000)
  }
  return median(times)
}

export function figure (values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: median(sorted), low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN }
}

export function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle] as number
  return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}
