import type { List } from '../template/tree.ts'

/** The number on the wire of the row at `index`. */
export function rowNumber (list: List, index: number): number {
  return list.numbers === null ? index : list.numbers[index] as number
}

/** Where the row with this number stands now; -1 when it is gone. */
export function rowIndex (list: List, number: number): number {
  if (list.numbers === null) return number < list.rows.length ? number : -1
  return list.numbers.indexOf(number)
}

/** Hands the numbers of the rows that stay on to the next list and counts the new ones, as the client does from the patch. */
export function passNumbers (previous: List, next: List, prefix: number, sources: Int32Array | null): void {
  next.numbers = previous.numbers
  let nextNumber = previous.nextNumber ?? previous.rows.length
  next.nextNumber = nextNumber
  if (sources === null) return
  const numbers: number[] = []
  const shift = previous.rows.length - next.rows.length
  for (let k = 0; k < prefix; k++) numbers.push(rowNumber(previous, k))
  for (const source of sources) numbers.push(source < 0 ? nextNumber++ : rowNumber(previous, source))
  next.nextNumber = nextNumber
  for (let k = numbers.length; k < next.rows.length; k++) numbers.push(rowNumber(previous, k + shift))
  // A list that only ever grew at its end needs no array.
  next.numbers = numbers.every((number, index) => number === index) ? null : numbers
}
