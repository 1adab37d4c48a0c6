/* eslint-disable no-template-curly-in-string -- source text, as it stands in the files */
import type { Guarded } from './guarded.ts'

/** What is left of loaded data, and what stands in for it. By file; tests in the order in which they are likely to notice. */
export const DATA_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/view/project.ts': {
    tests: 'project load-round',
    guards: [
      ['kinds', 'if (!fitsKind(value, plan)) throw', 'if (false) throw'],
      ['functions', "if (typeof value === 'function' || typeof value === 'symbol') return undefined", ''],
      ['poisonous names', 'if (FORBIDDEN.has(name)) continue', ''],
      ['own names', 'const descriptor = Object.getOwnPropertyDescriptor(job.source, name)', 'const descriptor: any = { value: job.source[name], enumerable: true }'],
      ['accessors', " || !('value' in descriptor)) return", ') return'],
      ['hidden names', ' || !descriptor.enumerable', ''],
      ['names of lists', 'Object.hasOwn(copy, name) && name !==', 'name !=='],
      ['the length of lists', " && name !== 'length'", ''],
      ['a length that is computed', "typeof dataOf(source, 'length') === 'number'", "typeof source.length === 'number'"],
      ['names, not what is behind them', 'put(copy, name, undefined)', 'put(copy, name, source[name])'],
      ['names of the schema only', ' && plan.known?.has(name) !== false', ''],
      ['copies inherit no names', 'Object.create(PLAIN_PROTOTYPE)', '{}'],
      ["the prototype's names", 'if (name in PLAIN_PROTOTYPE) Object', 'if (false) Object'],
      ['a copy for each plan', 'let known = copies.get(plan)', 'let known = [...copies.values()][0]'],
      ['a closer look at the first row', ' || !isData(source[0], plan)', ''],
      ['a closer look at rows', 'if (own === null) return index', ''],
      ['others after a refusal', 'copies.clear()', ''],
      ['promises that are refused are heard', 'if (value instanceof Promise) value.catch(() => {})', ''],
    ]
  },
  'lib/view/row-copier.ts': {
    tests: 'project load-round',
    guards: [
      ['plain rows only', 'if (prototype !== plain && prototype !== null) return null', ''],
      ['functions', "typeof value === 'function' || typeof value === 'symbol') return null", 'false) return null'],
      ['objects', "typeof value === 'object' ? value !== null : ", ''],
      ['quoted names', 'const key = JSON.stringify(name)', 'const key = `"${name}"`'],
      ['accessors', "descriptor.enumerable === true && 'value' in descriptor", 'descriptor.enumerable === true'],
      ['hidden names', "descriptor.enumerable === true && 'value' in descriptor", "'value' in descriptor"],
      ["the prototype's names", '!(name in PLAIN_PROTOTYPE) && ', ''],
      ['parts that are no single values', "(part.kind === 'unknown' || part.kind === 'leaf')", 'true'],
      ['kinds', "(kind === 'record' || kind === 'object' || kind === 'unknown')", 'true'],
    ]
  },
  'lib/view/projection-plan.ts': {
    tests: 'project load-round',
    guards: [
      ['poisonous names of templates', 'isRead(child) && !FORBIDDEN.has(name)', 'isRead(child)'],
      ['poisonous names of schemas', '.filter(([name]) => !FORBIDDEN.has(name))', ''],
      ['all of something is what the schema names', "if (tree.marks.has('whole')) return wholeOf(schema)", "if (tree.marks.has('whole')) return WHOLE"],
      ['kinds by the template', 'schema === null ? kindOf(tree) : schema.kind', "schema === null ? 'unknown' : schema.kind"],
      ['kinds by the schema', 'schema === null ? kindOf(tree) : schema.kind', 'kindOf(tree)'],
      ['names of the schema only', 'values: known === null ? element : null', 'values: element'],
    ]
  },
  'lib/view/plain-prototype.ts': {
    tests: 'project',
    guards: [
      ['no way to the constructor of functions', 'Object.setPrototypeOf(method, null)', 'method'],
      ['frozen methods', 'return Object.freeze(Object.setPrototypeOf(method, null))', 'return Object.setPrototypeOf(method, null)'],
      ['frozen', 'PLAIN_PROTOTYPE: object = Object.freeze(', 'PLAIN_PROTOTYPE: object = ('],
    ]
  },
  'lib/view/check-kind.ts': {
    tests: 'project load-round',
    guards: [
      ['promises that nobody awaits', 'if (isForgotten(value)) return false', ''],
      ['functions', "return plan.kind === 'unknown' || plan.kind === 'leaf'\n  return scalarFits", 'return true\n  return scalarFits'],
      ['objects in the place of single values', "case 'leaf': return !Array.isArray(value) && !isPlain(value)", "case 'leaf': return true"],
      ['lists in the place of objects', "case 'object': return !Array.isArray(value) && ", "case 'object': return "],
      ['texts in the place of records', "case 'record': return plan.names.every(([name]) => name in Object(value))", "case 'record': return true"],
    ]
  },
  'lib/view/over-delivery.ts': {
    tests: 'load-round',
    guards: [
      ['as many names as one can read', 'if (paths.size < MOST_PATHS) ', ''],
      ['as many reports as one can read', ' || known.size === MOST_REPORTS', ''],
      ['once', 'known.has(key) || ', ''],
      ['cycles', 'visited.has(value) || ', ''],
      ['accessors', 'Object.getOwnPropertyDescriptor(value, name)?.value', '(value as any)[name]'],
      ["the guard's columns", ' && !guard.has(name)', ''],
      ['columns that count rows', 'asked.size > 0 || surplus.length > 1', 'true'],
    ]
  },
  'lib/view/rescue-slots.ts': {
    tests: 'rescue deferred-loading',
    guards: [
      ['ids are escaped', 'escape(errorId)', 'errorId'],
      ['regions where they fit', 'regions.find(({ fit }) => fits(place, fit))', 'regions[0]'],
      ['fallbacks where they fit', 'firstFitting(own, fallback.fit)', 'own[0]'],
      ['no error of what is awaited', "missing.why === 'failed' ? regionIn(own, missing) : null", 'regionIn(own, missing)'],
      ['fallbacks that fail', 'failed(error)\n      }', 'throw error\n      }'],
      ['fallbacks that fail later', '.catch(failed)', ''],
    ]
  },
  'lib/view/rescue-fallbacks.ts': {
    tests: 'rescue',
    guards: [
      ['fallbacks name no loader', 'if (!names.has(root)) continue', 'continue'],
      ['fallbacks that could never be seen', 'checkPlaces(program, name, fit, refuse)', ''],
      ['fallbacks that are not there', "throw refuse('cannot be compiled'", "throw error\n    throw refuse('cannot be compiled'"],
      ["a template's own position", "if (typeof error.line === 'number') throw error", ''],
    ]
  },
  'lib/template/rescue-fit.ts': {
    tests: 'rescue',
    guards: [
      ['places tried in vain', 'for (const shape of open) shape.layout = null', ''],
      ['places that come later', 'known?.places.length === places.length', 'known !== undefined'],
      ['bodies that stand in', 'if (refusal === null) fits(holder, slot)', ''],
    ]
  },
  'lib/template/rescue-gap.ts': {
    tests: 'rescue',
    guards: [
      ['no text is made of a gap', 'throw this.touch', "return ''"],
      ['gaps in attributes become nothing', 'if (inHole) found', 'found'],
      ['gaps in what is not shown', 'const layout = shown ? shape.layout : null', 'const layout = shape.layout'],
    ]
  },
  'lib/template/rescue-runtime.ts': {
    tests: 'rescue',
    guards: [
      ['what was not needed goes up', "touch === null || touch.missing.why === 'unneeded') throw error", 'touch === null) throw error'],
      ['other errors go up', "touch === null || touch.missing.why === 'unneeded') throw error", 'touch === null) return null as any\n  if (false) throw error'],
      ['names of what is missing', "missing !== null && missing.why !== 'unneeded'", 'false'],
      ['tags get nothing that is missing', 'known(context.lookup(root as string))', 'void root'],
      ['parents do not depend on what is missing', 'throw undecided(error)', 'throw error'],
      ["imported names are the template's own", '!Object.hasOwn(exported, name)', '!(name in exported)'],
    ]
  },
  'lib/template/unavailable.ts': {
    tests: 'rescue',
    guards: [
      ...['apply', 'defineProperty', 'deleteProperty', 'get', 'getPrototypeOf', 'has', 'isExtensible', 'ownKeys',
        'preventExtensions', 'set'].map((trap) => [`trap ${trap}`, `'${trap}',`, ''] as const),
      ['trap setPrototypeOf', "  'setPrototypeOf'\n", ''],
      ['nothing but named arguments', "key === '__keywords' ? undefined : touched()", 'undefined'],
      ['errors that are their own cause', ' && depth < 10', ''],
    ]
  }
}
