import type { Guarded } from './guarded.ts'

/** Of the browser's own look at what the server sends. */
export const RUNTIME_GUARDS: Readonly<Record<string, Guarded>> = {
  'runtime/same-page.ts': {
    tests: 'security-output',
    guards: [
      ['only printable paths', '/^\\/[!-[\\]-~]*$/', '/^/'],
      ['other sites', 'url.origin === new URL(base).origin &&', ''],
      ['paths that lead elsewhere', ' && !/^\\/\\//.test(url.pathname)', '']
    ]
  },
  'runtime/code-url.ts': {
    tests: 'security-output',
    guards: [
      ['what is no URL', 'return !/^https?:/i.test(value)', 'return false'],
      ['schemes that run', '/^(?:java|vb)script:$/.test(scheme) ||', ''],
      ['documents of data', "scheme === 'data:'", 'false'],
      ['elements that follow data', 'SHOWING.test(tag) && ', ''],
      ['attributes that follow data', '&& /^(?:src|(?:xlink:)?href)$/i.test(name)', '']
    ]
  }
}
