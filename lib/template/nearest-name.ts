/** The name that was probably meant: the one with the fewest edits, if they are few. */
export function nearestName (name: string, names: readonly string[]): string | null {
  let nearest: string | null = null
  let least = Math.max(1, Math.floor(name.length / 2)) + 1
  for (const candidate of names) {
    const distance = edits(name.toLowerCase(), candidate.toLowerCase())
    if (distance >= least) continue
    least = distance
    nearest = candidate
  }
  return nearest
}

/** Levenshtein's distance, one row at a time. */
function edits (a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
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
