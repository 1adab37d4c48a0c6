import type { Guarded } from './guarded.ts'

/** What goes into a page as HTML. By file; tests in the order in which they may notice. */
export const HTML_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/template/check-trust.ts': {
    tests: 'trusted-html',
    guards: [
      ['fields that nobody trusts', 'if (uses === undefined) throw', 'if (uses === undefined) continue; if (false) throw'],
      ['what is computed', 'if (part !== undefined) throw', 'if (false) throw'],
      ['what filters changed', 'if (isHtml(output, node)) throw', 'if (false) throw'],
      ['trust that nothing needs', 'if (uses.length === 0) throw', 'if (false) throw'],
      ['lists', "!Array.isArray(trusted) || trusted.some((path) => typeof path !== 'string')", 'false'],
    ]
  },
  'lib/template/fields/html-uses.ts': {
    tests: 'trusted-html',
    guards: [
      ['recursions', "(isRecursive || everything) && node['args'].children[0].typename !== 'Literal'", 'false'],
      ['lists and functions', 'input.closures.size > 0 || !parts(input).next().done', 'false'],
      ['lists changed in place', 'if (changed.has(made)) return true', ''],
      ['paths cut short', 'if (path.node.depth >= MAX_DEPTH) return true', ''],
    ]
  },
  'lib/template/output-places.ts': {
    tests: 'trusted-html',
    guards: [['what calls may keep', "output === null || !givesResult(output.node['children'], node)", 'output === null']]
  },
  'lib/template/trust-filters.ts': {
    tests: 'trusted-html',
    guards: [['SafeStrings of others', 'return value instanceof Html || value instanceof TreeText', 'return value instanceof SafeString']]
  },
  'lib/template/live-runtime.ts': {
    tests: 'trusted-html hostile-data',
    guards: [
      ['SafeStrings that are printed', 'return foreign(value, holder, slot)', 'return new Html(String(value))'],
      ["places in a macro's text", 'new TreeText(value, contextualText(value.shape, value.slots))', 'new TreeText(value, String(value))'],
      ['what objects inherit', 'if (!mayRead(target, name)) return undefined', ''],
      ['keys that objects inherit', 'isObject ? mayRead(target, textOf(key))', 'isObject ? textOf(key) in target'],
      ['objects with a length', 'sequence(nunjucks.fromIterator(value))', 'nunjucks.fromIterator(value)'],
    ]
  },
  'lib/template/gives-json.ts': {
    tests: 'trusted-html output-contexts',
    guards: [["the application's own dump", ' && !isOwn(name)', '']]
  },
  'lib/template/sanitizer.ts': {
    tests: 'trusted-html',
    guards: [
      ['functions', "sanitize !== undefined && typeof sanitize !== 'function'", 'false'],
      ['texts', "typeof html !== 'string'", 'false'],
      ['how many are kept', 'this.#known.size <= MAX_TEXTS && ', ''],
      ['how long all are', ' && this.#length <= MAX_LENGTH', ''],
    ]
  },
  'lib/template/sanitize-options.ts': {
    tests: 'trusted-html',
    guards: [
      ['schemes', "allowedSchemes: ['http',", "allowedSchemes: ['javascript', 'data', 'http',"],
      ["images' schemes", "img: ['http', 'https'] }", "img: ['http', 'https', 'mailto'] }"],
      ['other hosts', 'allowProtocolRelative: false', 'allowProtocolRelative: true'],
      ['depth', 'nestingLimit: MAX_DEPTH,', ''],
      ['links', "rel: 'nofollow noopener noreferrer ugc'", ''],
    ]
  },
}
