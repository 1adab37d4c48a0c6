/* eslint-disable no-template-curly-in-string -- source text, as it stands in the files */
import type { Guarded } from './guarded.ts'

/** What data cannot do in templates, and which files a loader serves. */
export const TEMPLATE_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/template/hardened-lookups.ts': {
    tests: 'hostile-data template-live',
    guards: [
      ['ways to code', "return name === 'constructor' || name === '__proto__' || name === 'prototype'", 'return false'],
      ['what every object inherits', '    if (above === null) return false\n', '    if (above === null) return hasOwn(prototype, name)\n'],
      ['what every function has', '&& prototype !== Function.prototype', ''],
      ['prototypes made of JSON', "return typeof prototype.constructor === 'function' && prototype.constructor.prototype === prototype", 'return true'],
    ]
  },
  'lib/template/live-template.ts': {
    tests: 'hostile-data',
    guards: [
      ['names that a name gives', 'Object.assign(Object.create(null), data)', 'Object.assign({}, data)'],
    ]
  },
  'lib/template/ordinary.ts': {
    tests: 'hostile-data',
    guards: [
      ['keys named toString', "if (!Array.isArray(value)) return typeof value.toString === 'function'", 'if (!Array.isArray(value)) return true'],
      ['keys named toString in lists', "for (const item of value) if (typeof item === 'object' && item !== null && !converts(item, here)) return false", ''],
      ['keys that filters ask for', 'return isPlain(value) ? standInFor(value) : ordinary(value)', 'return ordinary(value)'],
      ['keys named length', "typeof value === 'object' && value !== null && !(Symbol.iterator in value) ? NO_LIST : value", 'value'],
      ['objects stay themselves', 'if (standIn === undefined) standIns.set(value, standIn = new StandIn(value))', 'standIn = new StandIn(value)'],
    ]
  },
  'lib/template/own-attribute.ts': {
    tests: 'hostile-data',
    guards: [
      ['attributes', 'mayRead(item, name) ? item[name] : undefined', 'item[name]'],
      ['ways to code', ' || leadsToCode(part)', ''],
      ['own attributes', '!Object.hasOwn(value, part) ||', '!(part in Object(value)) ||'],
    ]
  },
  'lib/template/live-filters.ts': {
    tests: 'hostile-data',
    guards: [
      ['pieces of a batch', "if (fill) checkItems('batch()', Number(count))", ''],
      ['slices', "checkItems('slice()', Number(count))", ''],
      ['names of groups', 'return Object.fromEntries(groups)', 'return [...groups].reduce((all: any, [name, items]) => { all[name] = items; return all }, {})'],
      ['what is sorted', 'ordinary(attribute ? read(item) : item)', '(attribute ? read(item) : item)'],
      ['what is joined', 'plain.join(items.map(ordinary), ordinary(separator))', 'plain.join(items, separator)'],
      ['what is added', 'Array.isArray(items) ? items.map(ordinary) : items', 'items'],
      ['values that are sorted', 'values[name] = ordinary(values[name])', 'void name'],
      ['lists that are turned', 'plain.reverse(sequence(list))', 'plain.reverse(list)'],
      ['half characters', 'return Buffer.from(text).toString()', 'return text'],
    ]
  },
  'lib/template/text-filters.ts': {
    tests: 'hostile-data',
    guards: [
      ['objects', 'const args = given.map(opaque)', 'const args = given'],
      ['width', "checkCharacters('center()', Number(ordinary(width)))", ''],
      ['depth', "checkGrowth('indent()', text, '\\n', Number(ordinary(width)))", ''],
      ['growth', "if (!(old instanceof RegExp)) checkGrowth('replace()', text, textOf(old), textOf(by).length)", ''],
      ['tags without an end', 'text.slice(0, comments).replace(TAG_OR_COMMENT', 'text.replace(TAG_OR_COMMENT'],
    ]
  },
  'lib/template/range.ts': {
    tests: 'hostile-data',
    guards: [
      ['how far it counts', "checkItems('range()', typeof at === 'string' ? numbers.length * at.length : numbers.length + 1)", 'if (numbers.length > 2e6) return'],
    ]
  },
  'lib/template/live-methods.ts': {
    tests: 'hostile-data',
    guards: [
      ['repeated texts', "if (name === 'repeat') checkCharacters('repeat()', text.length * Number(given[0]))", ''],
      ['padded texts', "if (name === 'padStart' || name === 'padEnd') checkCharacters(`${name}()`, Number(given[0]))", ''],
      ['joined lists', 'method.apply(target.map(ordinary), args.map(ordinary))', 'method.apply(target, args)'],
    ]
  },
  'lib/template/live-macro.ts': {
    tests: 'hostile-data',
    guards: [
      ['data as keyword arguments', 'written.has(last)', "Object.hasOwn(last, '__keywords')"],
    ]
  },
  'lib/template/file-loader.ts': {
    tests: 'template-environment',
    guards: [
      ['spellings', '/[\\u0000-\\u001f\\\\:]/.test(name) || ', ''],
      ['parts that count for nothing', "return name.split('/').every((part) => part === '.' || !/^$|[. ]$/.test(part))", 'return true'],
      ['what is no file', 'fstatSync(file).isFile() ?', 'true ?'],
    ]
  },
  'lib/template/path-in.ts': {
    tests: 'template-environment',
    guards: [
      ['links out of the folder', 'return path.startsWith(root.endsWith(sep) ? root : root + sep) ? path : null', 'return path'],
      ['folders beside it', 'root.endsWith(sep) ? root : root + sep', 'root'],
    ]
  },
  'lib/template/stays-inside.ts': {
    tests: 'template-environment',
    guards: [
      ["nunjucks' own loader", 'return searchPaths.some((folder: string) => pathIn(folder, relative(folder, source.path)) !== null)', 'return true'],
    ]
  },
}
