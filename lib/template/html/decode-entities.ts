const NAMED: Map<string, string> = new Map(Object.entries({
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  copy: '\u00a9',
  reg: '\u00ae',
  deg: '\u00b0',
  middot: '\u00b7',
  laquo: '\u00ab',
  raquo: '\u00bb',
  times: '\u00d7',
  ndash: '\u2013',
  mdash: '\u2014',
  hellip: '\u2026',
  bull: '\u2022',
  euro: '\u20ac',
  pound: '\u00a3',
  lsquo: '\u2018',
  rsquo: '\u2019',
  ldquo: '\u201c',
  rdquo: '\u201d'
}))

// Every ASCII sign that has a name: any of them can end a declaration, a string or a path.
const SIGNS = 'Tab:\t NewLine:\n excl:! num:# dollar:$ percnt:% lpar:( rpar:) ast:* midast:* plus:+ comma:, period:. sol:/ colon:: semi:; ' +
  'equals:= quest:? commat:@ lsqb:[ lbrack:[ bsol:\\ rsqb:] rbrack:] Hat:^ lowbar:_ UnderBar:_ grave:` DiacriticalGrave:` ' +
  'lcub:{ lbrace:{ verbar:| vert:| VerticalLine:| rcub:} rbrace:}'
for (const named of SIGNS.split(' ')) NAMED.set(named.slice(0, named.indexOf(':')), named.at(-1) as string)

const REFERENCE = /&(?:#[xX]([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+)(?=;));?/g

/**
 * Text of an attribute's HTML source: numeric references and the names that are common in attribute values. Other names
 * stay as they are written; for a URL's scheme that errs on the safe side, since only `&colon;` and the white space matter.
 */
export function decodeEntities (source: string): string {
  return source.replace(REFERENCE, (whole, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
    if (name !== undefined) return NAMED.get(name) ?? whole
    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16)
    return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code)
  })
}

const NAME = /&([a-zA-Z][a-zA-Z0-9]+)(;?)/g

/** The text of HTML source; undefined where only a browser knows what a name in it stands for. */
export function decodeSurely (source: string): string | undefined {
  for (const [, name, end] of source.matchAll(NAME)) if (end === '' || !NAMED.has(name as string)) return undefined
  return decodeEntities(source)
}
