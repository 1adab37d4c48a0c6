import { nearestName } from '../template/nearest-name.ts'

/** Throws: what is wrong, and the way out. */
export type Fail = (problem: string, fix: string) => never

/** Fails at a name that is none of the allowed options, with the one that was probably meant. */
export function checkOptions (given: object, allowed: readonly string[], what: string, fail: Fail): void {
  for (const option of Object.keys(given)) {
    if (allowed.includes(option)) continue
    const nearest = nearestName(option, allowed)
    const meant = nearest === null ? '' : `Did you mean '${nearest}'? `
    fail(`${what} has no option '${option}'`, `${meant}Options: ${allowed.join(', ')}`)
  }
}
