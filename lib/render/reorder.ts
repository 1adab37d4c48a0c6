import { longestIncreasing } from './longest-increasing.ts'

/** Take `count` rows out at `from`; put them back so that the first stands at `to`. */
export interface Move { readonly from: number, readonly count: number, readonly to: number }

/**
 * The moves that bring rows into a new order: `order[k]` is the old position of the row that is to stand at k. Rows of a
 * longest increasing subsequence stay, so the fewest rows move; neighbours that travel together are one move. Positions
 * are as they are when the move's turn comes.
 */
export function reorder (order: readonly number[]): Move[] {
  const stays = longestIncreasing(order)
  const rowsAt = new Counts(order.length)
  const moves: Move[] = []
  // Every row that has moved stands behind the last row before it that stays: it is counted there. 0 is the list's beginning.
  let anchor = 0
  for (let k = 0; k < order.length;) {
    const old = order[k] as number
    if (stays[k] === 1) {
      anchor = old + 1
      k++
      continue
    }
    let count = 1
    while (k + count < order.length && stays[k + count] === 0 && order[k + count] === old + count) count++
    const from = rowsAt.before(old + 1)
    for (let n = 0; n < count; n++) rowsAt.add(old + 1 + n, -1)
    const to = rowsAt.before(anchor + 1)
    rowsAt.add(anchor, count)
    moves.push({ from, count, to })
    k += count
  }
  return moves
}

/** A Fenwick tree: how many rows stand before a place, in logarithmic time, so that shuffling 10 000 rows stays quick. */
class Counts {
  readonly #sums: Int32Array

  /** One row at each of the places 1 to `size`, none at 0. */
  constructor (size: number) {
    this.#sums = new Int32Array(size + 2)
    for (let place = 1; place <= size; place++) this.add(place, 1)
  }

  add (place: number, count: number): void {
    for (let k = place + 1; k < this.#sums.length; k += k & -k) (this.#sums[k] as number) += count
  }

  before (place: number): number {
    let sum = 0
    for (let k = place; k > 0; k -= k & -k) sum += this.#sums[k] as number
    return sum
  }
}
