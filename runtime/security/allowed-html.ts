/** What text that somebody else wrote may consist of. Everything else goes, with all that is in it. */
export const ALLOWED: ReadonlySet<string> = new Set(('a abbr address article aside b bdi bdo blockquote br caption cite code ' +
  'col colgroup data dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins ' +
  'kbd li main mark nav ol p pre q rp rt ruby s samp search section small span strong sub summary sup table tbody td tfoot th ' +
  'thead time tr u ul var wbr').split(' '))

/**
 * Elements of old that are kept as ones of today; the parser nests both of a pair alike.
 */
export const RENAMED: ReadonlyMap<string, string> = new Map([
  ['acronym', 'abbr'], ['big', 'small'], ['center', 'section'], ['font', 'span'], ['strike', 's'], ['tt', 'code']
])

/** On every element. No class, style or id: these belong to the application, and its scripts find elements by them. */
export const COMMON = ['dir', 'lang', 'title'] as const

/** On one element each. No name, which hides properties of document and forms; no target; no data- or live-. */
export const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  blockquote: ['cite'],
  col: ['span'],
  colgroup: ['span'],
  data: ['value'],
  del: ['cite', 'datetime'],
  details: ['open'],
  img: ['alt', 'height', 'src', 'width'],
  ins: ['cite', 'datetime'],
  li: ['value'],
  ol: ['reversed', 'start', 'type'],
  q: ['cite'],
  td: ['colspan', 'rowspan'],
  th: ['abbr', 'colspan', 'rowspan', 'scope'],
  time: ['datetime']
}

const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:'])
// Pixels run nothing. Other data can be a document, and SVG is one.
const PIXELS = /^data:image\/(?:png|gif|jpeg|webp|avif)[;,]/i

// Half a character is read one way here and another way in a link.
const HALVES = /\p{Cs}/u

/** False for an address that could be code, by what the browser's own parser makes of it. */
export function isAllowedUrl (element: string, url: string): boolean {
  if (HALVES.test(url)) return false
  try {
    return SCHEMES.has(new URL(url, 'https://relative.invalid').protocol) || (element === 'img' && PIXELS.test(url))
  } catch {
    return false
  }
}
