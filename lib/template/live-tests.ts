import { Environment } from './nunjucks.ts'
import { ordinary } from './ordinary.ts'

type Test = (...args: any[]) => unknown

const plain: Readonly<Record<string, Test>> = new Environment([]).tests

/** Tests that compare and compute, so that they convert what they are given. */
const CONVERTING = ['divisibleby', 'even', 'odd', 'ge', 'greaterthan', 'gt', 'le', 'lessthan', 'lt']

/** What stands in for nunjucks' own tests outside of compatible mode: the same answers, and no throw for data of odd names. */
export const liveTests: Readonly<Record<string, Test>> = Object.fromEntries(CONVERTING.map((name) => {
  const test = plain[name] as Test
  return [name, (...args: unknown[]) => test(...args.map(ordinary))]
}))
