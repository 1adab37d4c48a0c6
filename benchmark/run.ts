import { machine } from './report.ts'

/**
 * Bundled before it runs: what tsx adds to keep the names of functions made an event three times as dear as it is.
 * `npm run benchmark` runs all scenarios, `npm run benchmark -- socket-table` those that are named.
 */
const scenarios = ['render-counter', 'render-table', 'loaders', 'bindings', 'socket-counter', 'socket-table', 'flood']

const named = process.argv.slice(2)
const unknown = named.filter((name) => !scenarios.includes(name))
if (unknown.length > 0) throw new Error(`no scenario is called ${unknown.join(', ')}; there are ${scenarios.join(', ')}`)

console.log(machine())
console.log('Medians of the rounds (lowest-highest); the sides take turns. A ratio above 1 is in favour of live views.')
for (const name of named.length > 0 ? named : scenarios) {
  const { default: scenario } = await import(`./${name}.ts`) as { default: () => Promise<string> }
  console.log(`\n${await scenario()}`)
}
