const LITERALS = ['true', 'false', 'none', 'null', 'not']
const LANGUAGE = ['loop', 'caller', 'super']
const OWN = ['flash', 'can']
/** Names that lead from data to code are undefined in every template. */
const REFUSED = ['constructor', 'prototype']

/** Why templates cannot read application data under that name; null where they can. */
export function reservedName (name: string): string | null {
  if (LITERALS.includes(name)) return 'is a word of the template language'
  if (LANGUAGE.includes(name)) return 'means something else inside loops, macros or blocks'
  if (OWN.includes(name)) return "is what every live view's template has already"
  if (REFUSED.includes(name)) return 'is undefined in every template'
  return null
}
