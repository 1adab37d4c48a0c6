/** The candidate with the fewest edits to `name`, for "did you mean". */
export function nearestName (name: string, candidates: Iterable<string>): string {
  let best = ''
  let least = Infinity
  for (const candidate of candidates) {
    const distance = edits(name, candidate)
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

function edits (a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
