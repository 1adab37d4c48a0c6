import { checkCharacters } from './bounds.ts'
import { ordinary } from './ordinary.ts'

type Method = (...args: any[]) => unknown

/** Methods of lists that make a text of each element. */
const JOINING = new Set(['join', 'toLocaleString', 'toString'])

/** What a template may call of a text or a list: its method, which converts what it is given. Null for the others. */
export function liveMethod (target: any, name: string, method: Method): Method | null {
  if (typeof target === 'string') return ofText(target, name, method)
  if (!Array.isArray(target) || !JOINING.has(name) || Object.hasOwn(target, name)) return null
  return (...args) => method.apply(target.map(ordinary), args.map(ordinary))
}

function ofText (text: string, name: string, method: Method): Method {
  return (...args) => {
    const given = args.map(ordinary)
    if (name === 'repeat') checkCharacters('repeat()', text.length * Number(given[0]))
    if (name === 'padStart' || name === 'padEnd') checkCharacters(`${name}()`, Number(given[0]))
    return method.apply(text, given)
  }
}
