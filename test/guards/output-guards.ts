import type { Guarded } from './guarded.ts'

/** Of what stands in a page: each place's own encoding, and what is refused at boot. */
export const OUTPUT_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/template/output/encode-place.ts': {
    tests: 'output-contexts render-page',
    guards: [
      ['text is escaped', 'SPECIAL.test(text) ? escape(text) : text', 'text'],
      ['comments are no markers', "html.replace(LOOKS_LIKE_MARKER, '<$1 ')", 'html'],
      ['quotes in trusted HTML', 'html.replace(QUOTE_OR_BRACKET, (character) => REFERENCES[character] as string)', 'html'],
      ['schemes behind control characters', "text.replace(IGNORED, '').trimStart()", 'text'],
      ['schemes as the parser reads them', "allowed.test(text.replace(DROPPED, ''))", "allowed.test(text.replace(IGNORED, ''))"],
      ['schemes', "? text : '#unsafe'", '? text : text'],
      ['documents are no pictures', '(?:png|gif|jpeg|webp|avif)[;,])/i', '|data:[^])/i'],
      ['the end of a script', 'text.replace(JSON_SPECIAL, ', '(text).replace(/[]/g, '],
    ]
  },
  'lib/template/output/attribute-source.ts': {
    tests: 'output-contexts',
    guards: [
      ['styles', "if (place === 'style') return textSource(styleText(pieces, slots))", ''],
      ['entities in addresses', "source.includes('&') ? decodeEntities(source) : source", 'source'],
      ['addresses', "case 'url': return urlText(text)", "case 'url': return text"],
      ['pictures', 'return imageText(text)', 'return text'],
      ['lists with spaces', "return eachText(text, ' ')", 'return text'],
      ['lists with semicolons', "return eachText(text, ';')", 'return text'],
      ['candidates', 'return srcsetText(text)', 'return text'],
      ['addresses of code', "isOwn(pieces, text) ? text : '#unsafe'", 'text'],
    ]
  },
  'lib/template/output/style-text.ts': {
    tests: 'output-contexts',
    guards: [
      ['functions and schemes of values', "state.at === 'odd' ? UNSAFE : text", 'text'],
      ['where no value may stand', "if (!takesValue(state)) return state.at === 'comment' ? '' : UNSAFE", ''],
      ['what leaves a declaration', 'HARMLESS.test(value) && ', ''],
      ['what was code once', " && !ONCE_CODE.test(value.replace(/[^a-z]/gi, '').toLowerCase())", ''],
      ['addresses', " === value) ? value : '#unsafe'", ' === value) ? value : value'],
      ['schemes behind other signs', "(state.scheme === 'empty' && imageText(value)", '(imageText(value)'],
      ['strings', 'text.replace(SPECIAL, (sign) =>', '(text).replace(/[]/g, (sign) =>'],
    ]
  },
  'lib/template/output/json-source.ts': {
    tests: 'output-contexts',
    guards: [
      ['the end of the script', 'this.text += jsonText(this.#state', 'this.text += String(this.#state'],
      ['strings', 'JSON.stringify(String(slot)).slice(1, -1)', 'String(slot)'],
      ['texts are values', 'isWhole(text) ? text : JSON.stringify(text)', 'isWhole(text) ? text : text'],
      ['only text that says so is JSON', 'slot instanceof SaidSafe && isWhole(text)', 'isWhole(text)'],
      ['what was cleaned is no JSON', 'slot instanceof SaidSafe && isWhole(text)', "typeof slot === 'object' && isWhole(text)"],
      ['whole JSON', 'slot instanceof SaidSafe && isWhole(text)', 'slot instanceof SaidSafe'],
    ]
  },
  'lib/template/output/attribute-set.ts': {
    tests: 'output-contexts',
    guards: [
      ["the template's own names", 'if (own !== text) for', 'if (own === null) for'],
      ['no names that bind the page', '.filter((word) => !/^live-/i.test(word))', ''],
      ['what only the template may say', "if (typeof place === 'object' || (", 'if (('],
      ['trusted HTML brings no code', '(isStrict && value.isTrusted)', 'false'],
      ["what trusted HTML says is not the template's", 'value.isTrusted || value.slots.length > 0', 'value.slots.length > 0'],
      ["what a value says is not the template's", ' || value.slots.length > 0', ''],
      ['what conditions choose among is written out', "if (slot !== '') own = null", ''],
      ['an empty value leaves the folder too', ' || isPinned(pieces)) return null', ') return null'],
      ['quotes', 'return enclosedSource(attributeSource(', 'return String(attributeSource('],
    ]
  },
  'lib/template/html/parse-attributes.ts': {
    tests: 'html-places output-contexts',
    guards: [
      ['handlers and documents', ' || isForbidden(name)', ''],
      ['values without quotes', 'if (quoted === undefined && found[0] !== found[1]) continue', ''],
      ['the first of a name', ' || attributes.has(name)', ''],
    ]
  },
  'lib/template/html/pinned-folder.ts': {
    tests: 'html-places output-contexts',
    guards: [
      ['the server', '? prefix.length : null\n  return FOLDERS.test(path)', '? prefix.length : null\n  return true'],
      ['the file', 'FILE.test(path.slice(0, end)) ?', 'true ?'],
      ['the folder', 'INSIDE.test(path) && ', ''],
      ['encoded signs', ' && !ENCODED.test(path)', ''],
      ['what is decoded twice', '2[ef5]|3b|', '2[ef]|'],
      ['dots of two bytes', 'c[01]|', ''],
      ['nothing pinned', 'if (pinned === null || ', 'if ('],
      ['halves of references', ' || !address.startsWith(prefix)', ''],
    ]
  },
  'lib/template/html/css-state.ts': {
    tests: 'html-places output-contexts',
    guards: [
      ['escapes', "if (pending === '\\\\' || (", 'if (('],
      ['types of data', " || (scheme !== 'closed' && word.startsWith('data:'))", ''],
      ['names of functions', 'if (/[\\0\\\\]/.test(from.word)) return ODD', ''],
      ['schemes by halves', "/^[a-z0-9+.-]+$/i.test(signs) ? 'mixed' : 'closed'", "'closed'"],
      ['what the parser skips', "value.replace(IGNORED, '')", 'value'],
      ['escapes in schemes', "if (sign === '\\\\') return ODD", ''],
      ['data behind a value', "if (from.scheme === 'mixed') return ODD", ''],
      ['documents', "PICTURE.test(word) ? { ...from, scheme: 'closed' } : ODD", "{ ...from, scheme: 'closed' }"],
    ]
  },
  'lib/template/html/check-values.ts': {
    tests: 'html-places',
    guards: [
      ['places that are refused', "if (typeof place === 'object') throw", "if (typeof place === 'number') throw"],
      ['code', 'if (pinnedFolder(prefix) === null) refuseCode(tag, name, at)', ''],
      ['schemes', "if (place === 'url' || place === 'image' || place === 'code') checkScheme", 'if (false) checkScheme'],
      ['styles', "if (place === 'style') checkStyle(source, attribute.pieces, shape, chain)", ''],
      ['bodies among attributes', '[...own, ...tag.bodies]', 'own'],
      ['what stands behind a condition', 'tag.set.length > 0 ? tag.attributes.slice(0, tag.fixed) : tag.attributes', 'tag.attributes'],
      ['what a condition brings', 'tag.inBodies.includes(wanted) || ', ''],
    ]
  },
  'lib/template/html/check-style.ts': {
    tests: 'html-places',
    guards: [
      ['where no value may stand', 'if (!takesValue(state)) refuse(state, slot.position)', ''],
      ['names that only browsers know', 'if (css === undefined) {', 'if (css === null) {'],
      ['functions and schemes', "if (![...states].some(({ at }) => at === 'odd')) continue", 'if (states !== undefined) continue'],
      ['empty values', 'flatMap(behindValues)', 'flatMap((state) => behindValues(state).slice(-1))'],
      ['conditions that do not hold', "if (slot.optional || slot.kind === 'loop' ||", 'if ('],
    ]
  },
  'lib/template/html/check-json.ts': {
    tests: 'html-places',
    guards: [
      ['backslashes', "if (state === 'escape') {", "if (state === 'between' && state !== state) {"],
      ['quotes in strings', 'if (quote !== -1) {', 'if (quote === -2) {'],
      ['halves of strings', 'if (state === from) return', 'if (state !== null) return'],
    ]
  },
  'lib/template/html/raw-content.ts': {
    tests: 'html-places',
    guards: [
      ['types that come and go', 'if (type === null) {', 'if (type === 7) {'],
      ['code', 'if (!JSON_TYPE.test(', 'if (false && !JSON_TYPE.test('],
      ['JSON', 'checkJson(source, content.pieces, from, chain)', ''],
      ['behind comments', 'if (raw.escaped > 0) {', 'if (false) {'],
      ['half tags', 'if (/<(?:\\/[a-z]*|!-{0,2})?$/i.test(last)', 'if (false'],
    ]
  },
}
