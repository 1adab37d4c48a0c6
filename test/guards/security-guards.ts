import type { Guarded } from './guarded.ts'

/** Of origins, sessions, tokens, targets and logs. By file; tests in the order in which they are likely to notice. */
export const SECURITY_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/security/check-origin.ts': {
    tests: 'security-handshake',
    guards: [
      ['a list of none', '!Array.isArray(origins) || origins.length === 0', 'false'],
      ['no origin', "return 'origin-missing'", 'return null'],
      ['several', " || header.includes(',')) return", ') return'],
      ['origins of nobody', "return 'origin-null'", 'return null'],
      ['long ones', 'header.length > longestOrigin || ', ''],
      ['what only looks like an origin', '!serialisedOrigin.test(header) || ', ''],
      ['what is none', ' || !URL.canParse(header)', ''],
      ['other origins', 'allowed.has(new URL(header).origin) ?', 'true ?'],
      ['other sites', "if (site !== undefined && site !== 'same-origin') return 'fetch-site'", ''],
      ['neighbours', "site !== 'same-origin'", "site === 'cross-site'"],
      ['what is no socket', "if (mode !== undefined && mode !== 'websocket') return 'fetch-mode'", ''],
      ['entries that only look like origins', 'serialisedOrigin.test(entry) &&', ''],
      ['wildcards', " && !entry.includes('*')", ''],
      ['entries that are none', ' && URL.canParse(entry)', ''],
    ]
  },
  'lib/security/came-from-cookie.ts': {
    tests: 'security-handshake plugin-access attack-sessions',
    guards: [
      ["another session's cookie", 'idOf(cookie.slice(prefix.length)) === id', 'true'],
      ['empty ids', "id !== '' && ", ''],
      ['cookies without the prefix', ' || !cookie.startsWith(prefix)', ''],
    ]
  },
  'lib/security/derive-key.ts': {
    tests: 'security-handshake',
    guards: [
      ['short secrets', 'if (bytes < fewestBytes) throw', 'if (false) throw'],
      ['no secrets', '!Array.isArray(secrets) || secrets.length === 0', 'false'],
      ['secrets that are none', "typeof secret !== 'string' && !(secret instanceof Uint8Array)", 'false'],
      // eslint-disable-next-line no-template-curly-in-string
      ['a key for one purpose', '`fastify-live-view ${purpose}`', "'fastify-live-view'"],
    ]
  },
  'lib/security/page-token.ts': {
    tests: 'security-handshake',
    guards: [
      ['what is no token', "if (match === null) return refuse('malformed')", "if (match === null) return { ok: true, nonce: '', digest: '0-0', issuedAt: 0 }"],
      ['signature', "if (!genuine) return refuse('mismatch')", ''],
      ['old ones', 'age > lifetime || ', ''],
      ['those of the future', ' || age < -leeway', ''],
      ['nonce and digest', '...fields, session', 'session'],
      ['session', '...fields, session', '...fields, null'],
      ['identity', 'bound.identity, bound.tenant', 'null, bound.tenant'],
      ['tenant', 'bound.identity, bound.tenant', 'bound.identity, null'],
      ['view', 'bound.view, bound.route', 'null, bound.route'],
      ['route', 'bound.view, bound.route', 'bound.view, null'],
      ['params', 'sorted(bound.params)', 'null'],
      ['query', 'bound.query === undefined ? null : sorted(bound.query)', 'null'],
      ['build', ', bound.shape\n', ', null\n'],
      ['params in any order', 'Object.keys(values).sort()', 'Object.keys(values)'],
      ['older secrets', 'keys.some((key) =>', 'keys.slice(0, 1).some((key) =>'],
      ['lifetimes', '!Number.isFinite(lifetime) || lifetime < 60 || lifetime > 86400', 'false'],
      ['digests that would break it', 'if (!digestFormat.test(digest))', 'if (false)'],
    ]
  },
  'lib/security/navigation-target.ts': {
    tests: 'security-output',
    guards: [
      ['what is no text', "typeof path !== 'string' || path.length > longest", 'String(path).length > longest'],
      ['long ones', ' || path.length > longest', ''],
      ['only paths', "!path.startsWith('/') || ", ''],
      ['what browsers misread', 'misread.test(path) || ', ''],
      ['what is none', ' || !URL.canParse(path, here)', ''],
      ['other sites', 'url.origin !== here || ', ''],
      ['paths that lead elsewhere', " || url.pathname.startsWith('//')", ''],
    ]
  },
  'lib/security/refusal-message.ts': {
    tests: 'security-output',
    guards: [["no reason but the protocol's", "refusalTexts.has(reason) ? reason : 'error'", 'reason']]
  },
  'lib/security/hash-for-log.ts': {
    tests: 'security-output attack-refusals',
    guards: [['ids cannot be read back', "createHash('sha256').update(id).digest('hex').slice(0, 16)", 'id']]
  },
  'lib/security/sanitize-for-log.ts': {
    tests: 'security-output',
    guards: [
      ['cost', '.slice(0, longest * 8)', ''],
      ['texts for terminals', ".replace(string, '')", ''],
      ['sequences for terminals', ".replace(control, '')", ''],
      ['short sequences', ".replace(short, '')", ''],
      ['lines', ".replace(breaks, ' ')", ''],
      ['what is not seen', ".replace(invisible, '')", ''],
      ['length', 'text.length > longest ?', 'false ?'],
      ['a length that is none', 'maxLength >= 1 ? Math.floor(maxLength) : usual', 'maxLength'],
      ['fillers', '\\p{Default_Ignorable_Code_Point}', ''],
      ['halves that become one again', "    .replace(loneSurrogates, '\\ufffd')\n", ''],
      ['half characters', "cut.replace(loneSurrogates, '\\ufffd')", 'cut'],
      ['what throws', 'catch {', 'catch (error) {\n    throw error'],
    ]
  },
  'lib/security/format-html.ts': {
    tests: 'security-utilities',
    guards: [
      ['values are text', 'if (!whole) return textSource(text)', 'if (!whole) return text'],
      ['addresses that run', "place === 'url' ? urlText(text) :", "place === 'url' ? text :"],
      ['pictures that are documents', 'imageText(text))', 'text)'],
      ['HTML in an attribute', "place === 'text' ? made : enclosedSource(made)", 'made'],
      ["a list's own functions", "    let html = ''\n    for (const item of value) html += source(place, item, depth + 1)\n    return html", "    return value.map((item) => source(place, item, depth + 1)).join('')"],
      ['what was made, not what it says', '? value.#html : null', '? value.toString() : null'],
      ['what only looks like HTML', '#html in value', "'html' in value"],
      ['only formatHtml makes HTML', 'if (key !== minted)', 'if (false)'],
      ['HTML is no address', 'value !== null && !whole', 'value !== null'],
      ['objects have no text', "typeof value === 'object' ? hasText(value) :", "typeof value === 'object' ? true :"],
      ["a client's toString", "typeof toString === 'function' &&", ''],
      ['formats that are data', '!Array.isArray(format) || !Array.isArray(format.raw)', 'false'],
      ['own values only', '!Object.hasOwn(given, name)', '!(name in given)'],
      ['as many values as places', 'if (values.length !== expected)', 'if (false)'],
    ]
  },
  'lib/security/format-places.ts': {
    tests: 'security-utilities',
    guards: [
      ['half a reference', 'if (/&[#\\w]*$/.test(text))', 'if (false)'],
      ['CDATA', 'if (cdata)', 'if (false)'],
      ['what does not end', "if (mode.at !== 'data') {\n", 'if (false) {\n'],
      ['scripts and styles', "if (mode.raw.kind === 'text' && !content.includes('<')) return", 'return'],
      ['a title with tags', " && !content.includes('<')", ''],
      ['names and missing quotes', "if (tag.state !== 'quoted')", 'if (false)'],
      ['elements that are code', 'if (CODE.has(tag.name))', 'if (false)'],
      ['attributes that are code', "if (place !== 'url' && place !== 'image')", 'if (false)'],
      ['half a scheme', 'if (!SETTLED.test(start))', 'if (false)'],
      ['a scheme that is completed', "next !== undefined && (typeof next === 'number' || !NO_SCHEME.test(next))", 'false'],
      ['addresses are checked', 'places[first] = place', ''],
    ]
  },
  'lib/security/parse-format.ts': {
    tests: 'security-utilities',
    guards: [
      ['a format that is filled in already', 'if (names.length === 0)', 'if (false)'],
      ['single braces', "if (piece === '{' || piece === '}') throw", 'if (false) throw'],
    ]
  },
  'lib/security/json-for-script.ts': {
    tests: 'security-utilities',
    guards: [
      ['the end of a script', 'return jsonText(json)', 'return json'],
      ['prototypes', "if (key === '__proto__') throw", 'if (false) throw'],
      ['what JSON leaves out', "typeof value === 'function' || ", ''],
      ['what JSON changes', "typeof value === 'number' && !Number.isFinite(value)", 'false'],
    ]
  },
  'lib/security/assign-fields.ts': {
    tests: 'security-utilities',
    guards: [
      ['poison that is listed', 'if (poison.has(name)) return false', ''],
      ['poison below', 'if (poison.has(name)) continue', ''],
      ['accessors', " && 'value' in field ?", ' ?'],
      ['own fields only', 'Object.getOwnPropertyDescriptor(source, name)', '({ enumerable: true, value: (source as any)[name] })'],
      ['instances', 'if (!isList && prototype !== Object.prototype && prototype !== null) return refused', ''],
      ['functions', "if (typeof value === 'function' || typeof value === 'symbol') return refused", ''],
      ['depth', 'if (depth === deepest) return refused', ''],
      ['cycles', 'copies.set(value, copy)', ''],
      ['an allow-list', 'if (!Array.isArray(allowed) || !allowed.every(', 'if (allowed !== undefined && !(allowed as any).every?.('],
    ]
  },
  'lib/security/safe-assign.ts': {
    tests: 'security-utilities',
    guards: [
      ['names that are not allowed', '(allowed as readonly unknown[]).includes(name) &&', ''],
      ["the program's mistakes", 'if (problem !== null)', 'if (false)'],
    ]
  },
  'lib/security/safe-error-response.ts': {
    tests: 'security-utilities',
    guards: [
      ['details in production', "if (process.env['NODE_ENV'] !== 'development')", "if (process.env['NODE_ENV'] === 'production')"],
      ['unknown kinds', 'answers.has(kind) ? kind as ErrorKind :', 'kind !== undefined ? kind :'],
      ['names that clients choose', 'isSafeEventName(event) ? event : null', 'String(event)'],
      ['what throws when it is read', 'catch {', 'catch (error) {\n    throw error'],
    ]
  },
  'lib/security/session-probe.ts': {
    tests: 'security-handshake attack-session-store attack-session-life',
    guards: [
      ['files that are gone', "if (isRecord(error) && error['code'] === 'ENOENT') resolve(gone)\n      else if", 'if'],
      ['a store that fails', 'else if (error !== null && error !== undefined) reject(error)', ''],
      ['what is no session', 'isRecord(session) ?', 'session !== undefined ?'],
      ['expiry', 'if (expires !== null && !(expires > now)) return gone', ''],
      ['an end that cannot be read', '!(expires > now)', 'expires <= now'],
      ['values without symbols', "Object.fromEntries(Object.entries(session).filter(([name]) => name !== 'cookie'))", '{ ...session } as any'],
      ['frozen values', 'Object.freeze(data)', 'data'],
    ]
  },
}
