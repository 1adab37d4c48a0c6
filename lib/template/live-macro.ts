type Keywords = Record<string, unknown>

/** Those that a template wrote: `m(a=1)`. */
const written = new WeakSet<object>()

/** As nunjucks', and remembered. nunjucks' own filters know them by this property. */
export function makeKeywordArgs (given: Keywords): Keywords {
  written.add(given)
  given['__keywords'] = true
  return given
}

/**
 * Binds a call's arguments as nunjucks' makeMacro does, except that data cannot pass for keyword arguments: a row with
 * `"__keywords": true` as the last argument would set parameters that the call does not name, trusted HTML among them.
 */
export function bindMacro (
  names: readonly string[], defaults: readonly string[], body: (...args: any[]) => unknown
): (...given: unknown[]) => unknown {
  return function (this: unknown, ...given) {
    const last = given.length > 0 ? given[given.length - 1] : undefined
    const named = typeof last === 'object' && last !== null && written.has(last)
    // Most calls give what the macro names, and nothing else.
    if (!named && given.length === names.length) return body.apply(this, given)
    const keywords = named ? given.pop() as Keywords : {}
    given.slice(names.length, names.length + defaults.length).forEach((value, index) => {
      keywords[defaults[index] as string] = value
    })
    const args = names.map((name, index) => index < given.length ? given[index] : take(keywords, name))
    return body.apply(this, [...args, keywords])
  }
}

function take (keywords: Keywords, name: string): unknown {
  const value = Object.hasOwn(keywords, name) ? keywords[name] : undefined
  delete keywords[name]
  return value
}
