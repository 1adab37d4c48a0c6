import type { Guarded } from './guarded.ts'

/** What every answer of a live route carries, and that nothing can take it off. */
export const PAGE_GUARDS: Readonly<Record<string, Guarded>> = {
  'plugin/page-headers.ts': {
    tests: 'page-headers plugin-pages',
    guards: [
      ['no-store', "'private, no-store'", "'public'"],
      ['validators', 'if (FOR_CACHES.test(name)) delete', 'if (false) delete'],
      ['words for shared caches only', '|(.+-)?cache-control)', ')'],
      ['conditions', 'for (const name of CONDITIONS) delete request.raw.headers[name]', ''],
      ['vary', "[...names, 'Cookie']", 'names'],
      ['vary: what is there', "[...names, 'Cookie']", "['Cookie']"],
      ['vary: once', "|| name.toLowerCase() === 'cookie'", ''],
      ['vary: all', "name === '*' || ", ''],
      ['nosniff', "headers['x-content-type-options'] = 'nosniff'", ''],
      ['referrer policy', "headers['referrer-policy'] ||= 'same-origin'", ''],
      ["referrer policy: the application's", "['referrer-policy'] ||=", "['referrer-policy'] ="],
      ['opener policy', "headers['cross-origin-opener-policy'] ||= 'same-origin-allow-popups'", ''],
      ["opener policy: the application's", "['cross-origin-opener-policy'] ||=", "['cross-origin-opener-policy'] ="],
      ['charset', 'if (TEXT.test(type) && ', 'if (false && '],
      ["the route's own frames", 'route.framing ?? framing', 'framing'],
      ['from the request on', '  app.addHook(\'onRequest\', (request, reply, done) => {\n    seal(request, reply)', '  app.addHook(\'onRequest\', (request, reply, done) => {'],
      ['answers before that', '(request, reply, payload, done) => {\n        seal(request, reply)', '(request, reply, payload, done) => {'],
      ["the route's own hooks", '...[route.onSend ?? []].flat(), ', ''],
    ]
  },
  'plugin/frame-ancestors.ts': {
    tests: 'page-headers',
    guards: [
      ['nobody, unless said', 'framingOf(headers[\'x-frame-options\'])', 'SELF'],
      ["the application's policy stays", '[...policies, own]', 'own'],
      ["the application's word stands", 'if (chosen === null) return', ''],
      ['a word that differs is told', 'if (!allows(each, chosen)) warn', 'if (false) warn'],
      ['what agrees is not told', 'if (!allows(each, chosen)) warn', 'warn'],
      ['older browsers: nobody', "headers['x-frame-options'] = 'DENY'", 'void 0'],
      ['older browsers: this origin', "headers['x-frame-options'] = 'SAMEORIGIN'", 'void 0'],
      ['exact origins', '/^https?:\\/\\/[a-z\\d.-]+(:\\d+)?$/.test(value) && ', ''],
      ['origins that are none', 'new URL(value).origin === value', 'true'],
      ['checked', 'if (!isList) throw', 'if (false) throw'],
      ['a list that is empty', 'given.length > 0 && ', ''],
    ]
  },
  'plugin/seal-headers.ts': {
    tests: 'page-headers',
    guards: [
      ['what is removed is gone', 'if (headers[name] === undefined) response.removeHeader(name)', ''],
      ['headers given last', '...byLowerCase(', '...void ('],
      ['headers set before', '{ ...response.getHeaders(), ', '{ '],
      ['lists of headers', 'Array.isArray(given) ? given : Object.entries(given)', 'Object.entries(given)'],
      ['pairs of headers', 'Array.isArray(pairs[0]) ? pairs.flat(1) : pairs', 'Array.isArray(given) ? pairs : pairs.flat(1)'],
      ['headers behind no words, or no headers', 'rest[1] ?? (reason.length === 0 ? rest[0] : null)', 'rest.at(-1)'],
      ['one name, several values', 'headers[name] === undefined ? value : ', 'true ? value : '],
    ]
  },
}
