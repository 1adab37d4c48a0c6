import { escapeUnseen } from './escape-unseen.ts'

/** Letters, digits, _ and $: no dot, bracket, space or sign. Also `rows.0`, which no other path looks like. */
const PLAIN = /^[\p{ID_Continue}$]+$/u

/** `orders.city`; `orders["a.b"]` where the name is no plain one, since it could otherwise be read as another path. */
export function memberPath (path: string, name: string): string {
  return isPlain(name) ? `${path}.${name}` : `${path}[${quoted(name)}]`
}

/** A name that stands by itself: as it is where it is a plain one, else as a JSON string. */
export function nameText (name: string): string {
  return isPlain(name) ? name : quoted(name)
}

/** Some letters of identifiers show nothing. */
function isPlain (name: string): boolean {
  return PLAIN.test(name) && escapeUnseen(name) === name
}

function quoted (name: string): string {
  return escapeUnseen(JSON.stringify(name))
}
