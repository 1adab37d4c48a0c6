import { checkItems } from './bounds.ts'
import { bindMacro } from './live-macro.ts'
import { Environment } from './nunjucks.ts'
import type { Context } from './nunjucks.ts'
import { ordinary, sequence, textOf } from './ordinary.ts'
import { attributeOf, pathReader } from './own-attribute.ts'
import { textFilters } from './text-filters.ts'

type Filter = (this: any, ...args: any[]) => any

const plain = new Environment([]).filters as Record<string, Filter> & Record<PlainName, Filter>
type PlainName = 'batch' | 'dictsort' | 'join' | 'last' | 'random' | 'reject' | 'reverse' | 'select' | 'slice' | 'sum' | 'urlencode'

/**
 * What stands in for nunjucks' own filters outside of compatible mode: the same results, but attributes that data names lead to
 * no code, and data whose keys are named like what JavaScript asks for (`toString`, `length`) is data like any other.
 */
export const liveFilters: Readonly<Record<string, Filter>> = {
  ...plain,
  ...textFilters(plain),
  batch (list, size, fill) {
    const count = ordinary(size)
    if (fill) checkItems('batch()', Number(count))
    return plain.batch(sequence(list), count, fill)
  },
  dictsort (given, caseSensitive, by) {
    if (Object.prototype.toString.call(given) !== '[object Object]') return plain.dictsort(given)
    const values = Object.assign(Object.create(null), given)
    for (const name of Object.keys(values)) values[name] = ordinary(values[name])
    return plain.dictsort(values, caseSensitive, by).map(([name]: [string]) => [name, given[name]])
  },
  groupby (this: Context, list, attribute) {
    const keyOf = typeof attribute === 'function' ? attribute : pathReader(attribute)
    const items = sequence(list)
    const groups = new Map<string | symbol, unknown[]>()
    for (let index = 0; index < items.length; index++) {
      const key = keyOf(items[index], index)
      if (key === undefined && this.env.opts.throwOnUndefined) throw new TypeError(`groupby: attribute "${textOf(attribute)}" resolved to undefined`)
      const name = typeof key === 'symbol' ? key : textOf(key)
      const group = groups.get(name)
      if (group === undefined) groups.set(name, [items[index]])
      else group.push(items[index])
    }
    // In nunjucks a group named `constructor` fails, and one named `__proto__` too: here they are names.
    return Object.fromEntries(groups)
  },
  join (list, separator, attribute) {
    if (!attribute && !Array.isArray(list)) return plain.join(list, separator)
    const items = attribute ? elementsOf(list).map((item) => attributeOf(item, attribute)) : list
    return plain.join(items.map(ordinary), ordinary(separator))
  },
  last: (list) => plain.last(sequence(list)),
  random: (list) => plain.random(sequence(list)),
  reject (list, ...args) { return plain.reject.call(this, sequence(list), ...args) },
  rejectattr: (list, attribute) => list.filter((item: unknown) => !attributeOf(item, attribute)),
  reverse: (list) => plain.reverse(sequence(list)),
  select (list, ...args) { return plain.select.call(this, sequence(list), ...args) },
  selectattr: (list, attribute) => list.filter((item: unknown) => attributeOf(item, attribute)),
  slice (list, slices, fill) {
    const count = ordinary(slices)
    checkItems('slice()', Number(count))
    return plain.slice(sequence(list), count, fill)
  },
  sort: bindMacro(['value', 'reverse', 'case_sensitive', 'attribute'], [], sort),
  sum (list, attribute, start) {
    const items = attribute ? elementsOf(list).map((item) => attributeOf(item, attribute)) : list
    return plain.sum(Array.isArray(items) ? items.map(ordinary) : items, undefined, ordinary(start))
  },
  urlencode: (value) => plain.urlencode(encodable(value)),
}

function sort (this: Context, list: unknown, reversed: unknown, caseSensitive: unknown, attribute: unknown): unknown[] {
  const read = pathReader(attribute)
  const keyOf = (item: unknown): any => ordinary(attribute ? read(item) : item)
  return elementsOf(list).sort((one, other) => {
    let [a, b] = [keyOf(one), keyOf(other)]
    if (this.env.opts.throwOnUndefined && attribute && (a === undefined || b === undefined)) {
      throw new TypeError(`sort: attribute "${textOf(attribute)}" resolved to undefined`)
    }
    if (!caseSensitive && typeof a === 'string' && typeof b === 'string') [a, b] = [a.toLowerCase(), b.toLowerCase()]
    if (a < b) return reversed ? 1 : -1
    return a > b ? (reversed ? -1 : 1) : 0
  })
}

/** A copy that may be changed. */
function elementsOf (list: unknown): unknown[] {
  const items = sequence(list)
  if (Array.isArray(items)) return items.slice()
  return items === null || items === undefined ? [] : Array.from({ length: items.length }, (_, index) => items[index])
}

/** A half of a surrogate pair, which JSON can write and UTF-8 cannot, ends encodeURIComponent. */
function encodable (value: any): any {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? wellFormed(value) : value
  const pairs: any[] = Array.isArray(value) ? value : Object.keys(value).map((name) => [name, value[name]])
  return pairs.map((pair) => [wellFormed(textOf(pair[0])), wellFormed(textOf(pair[1]))])
}

function wellFormed (text: string): string {
  return Buffer.from(text).toString()
}
