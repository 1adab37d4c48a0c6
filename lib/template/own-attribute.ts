import { leadsToCode, mayRead } from './hardened-lookups.ts'
import { textOf } from './ordinary.ts'

/** What `join`, `sum`, `selectattr` read of each item: `item[attribute]`, of what templates may read of it. */
export function attributeOf (item: any, attribute: unknown): unknown {
  const name = textOf(attribute)
  // An item that is nothing fails, as it does in nunjucks.
  if (item === null || item === undefined) return item[name]
  return mayRead(item, name) ? item[name] : undefined
}

/** What `sort` and `groupby` read: a path of own members, as in nunjucks. */
export function pathReader (attribute: unknown): (item: unknown) => unknown {
  const parts = !attribute ? [] : typeof attribute === 'string' ? attribute.split('.') : [textOf(attribute)]
  return (item) => {
    let value: any = item
    for (const part of parts) {
      if (!Object.hasOwn(value, part) || leadsToCode(part)) return undefined
      value = value[part]
    }
    return value
  }
}
