const TEXT = ['abbr', 'b', 'br', 'cite', 'code', 'del', 'dfn', 'em', 'i', 'ins', 'kbd', 'mark', 'q', 's', 'samp', 'small', 'span', 'strong',
  'sub', 'sup', 'time', 'u', 'var', 'wbr']
const BLOCKS = ['blockquote', 'dd', 'div', 'dl', 'dt', 'figcaption', 'figure', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p',
  'pre', 'ul']
const TABLES = ['caption', 'col', 'colgroup', 'table', 'tbody', 'td', 'tfoot', 'th', 'thead', 'tr']

/** Elements deeper than these are left out, their text stays: a parser of deep nesting is a slow one. */
const MAX_DEPTH = 64

/**
 * What stays of HTML that anybody may have written. No class, style or id: they would borrow the page's own look, or name what
 * its scripts look for (DOM clobbering). No form, frame, media or SVG. Links say that nobody vouches for them.
 */
export const SANITIZE_OPTIONS: object = Object.freeze({
  allowedTags: [...TEXT, ...BLOCKS, ...TABLES, 'a', 'img'],
  allowedAttributes: {
    '*': ['dir', 'lang', 'title'],
    a: ['href', 'rel'],
    img: ['src', 'alt', 'width', 'height', 'loading'],
    ol: ['start', 'reversed', 'type'],
    col: ['span'],
    colgroup: ['span'],
    td: ['colspan', 'rowspan'],
    th: ['colspan', 'rowspan', 'scope'],
    time: ['datetime'],
  },
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowedSchemesByTag: { img: ['http', 'https'] },
  // `//elsewhere.example/x` looks like a path of this site.
  allowProtocolRelative: false,
  nestingLimit: MAX_DEPTH,
  transformTags: {
    a: (tagName: string, attribs: Record<string, string>) => ({ tagName, attribs: { ...attribs, rel: 'nofollow noopener noreferrer ugc' } })
  },
})
