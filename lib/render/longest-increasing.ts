/** Marks the members of one longest increasing subsequence of distinct numbers: what may stay where it is in a reorder. */
export function longestIncreasing (values: readonly number[]): Uint8Array {
  const tails: number[] = []
  const before = new Int32Array(values.length)
  for (let k = 0; k < values.length; k++) {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[tails[middle] as number] as number) < (values[k] as number)) low = middle + 1
      else high = middle
    }
    before[k] = low === 0 ? -1 : tails[low - 1] as number
    tails[low] = k
  }
  const members = new Uint8Array(values.length)
  for (let k = tails[tails.length - 1] as number; k >= 0; k = before[k] as number) members[k] = 1
  return members
}
