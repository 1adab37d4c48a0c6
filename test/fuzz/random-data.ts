import type { Random } from './random.ts'

const texts = ['', 'plain', '<b>bold</b>', 'a & b', '"quoted"', "it's", 'back\\slash', 'ünï', '&amp;', ' ', '0', 'x'.repeat(20)]
const numbers = [0, 1, 2, -1, 3.5, 1e21, -0, NaN, Infinity, 42]

/** A value of any kind that a template may be given. */
export function randomValue (random: Random, depth = 0): unknown {
  const kind = random.below(depth > 1 ? 6 : 11)
  switch (kind) {
    case 0: case 1: return random.pick(texts)
    case 2: case 3: return random.pick(numbers)
    case 4: return random.chance(0.5)
    case 5: return random.pick([null, undefined, new Date(86400000), 7n])
    case 6: case 7: return Array.from({ length: random.below(4) }, () => randomValue(random, depth + 1))
    case 8: return { n: random.below(3), name: random.pick(texts) }
    case 9: return new Map([['k', random.pick(texts)], ['l', random.pick(texts)]])
    default: return new Set([1, random.pick(texts)])
  }
}

function row (random: Random): Record<string, unknown> {
  return {
    id: random.below(1000),
    n: random.below(4),
    name: random.pick(texts),
    tags: Array.from({ length: random.below(3) }, () => random.pick(texts)),
    kids: random.chance(0.3)
      ? undefined
      : Array.from({ length: random.below(3) }, () => ({ n: random.below(4), name: random.pick(texts) }))
  }
}

/** Data for the names that random programs read. */
export function randomData (random: Random): Record<string, unknown> {
  return {
    a: randomValue(random),
    b: random.pick(texts),
    c: random.below(4),
    flag: random.chance(0.5),
    x: random.chance(0.5) ? random.pick(texts) : undefined,
    rows: random.chance(0.1) ? undefined : Array.from({ length: random.below(7) }, () => row(random)),
    pairs: Array.from({ length: random.below(4) }, () => [random.pick(texts), random.below(9)]),
    dict: Object.fromEntries(Array.from({ length: random.below(4) }, (_, i) => [`k${i}`, random.pick(texts)])),
    user: { name: random.pick(texts), admin: random.chance(0.5), age: random.below(90) }
  }
}

/** Changes some of the data in place, as a handler would. */
export function changeData (random: Random, data: Record<string, any>): void {
  for (let n = 1 + random.below(3); n > 0; n--) {
    const rows: any[] = data['rows'] ?? (data['rows'] = [])
    switch (random.below(9)) {
      case 0: data['a'] = randomValue(random); break
      case 1: data['flag'] = !data['flag']; break
      case 2: data['c'] = random.below(4); break
      case 3: rows.splice(random.below(rows.length + 1), 0, row(random)); break
      case 4: rows.splice(random.below(rows.length + 1), 1); break
      case 5: rows.reverse(); break
      case 6: if (rows[0]) rows[0].name = random.pick(texts); break
      case 7: rows.push(...rows.splice(random.below(rows.length + 1), 1 + random.below(2))); break
      default: data['user'].name = random.pick(texts)
    }
  }
}
