import type { Refusal } from './refusal.ts'

/** One step of a chain: null lets the subject pass on. Answers at once where it can: most frames cross without a promise. */
export type Step<Subject> = (subject: Subject) => Refusal | null | Promise<Refusal | null>

/** Runs the steps in order and stops at the first refusal. There is one chain for every frame: no second path to guard. */
export function runChain<Subject> (
  steps: ReadonlyArray<Step<Subject>>, subject: Subject, from: number = 0
): Refusal | null | Promise<Refusal | null> {
  for (let i = from; i < steps.length; i++) {
    const outcome = (steps[i] as Step<Subject>)(subject)
    if (outcome === null) continue
    if (outcome instanceof Promise) return continueChain(steps, subject, i + 1, outcome)
    return outcome
  }
  return null
}

async function continueChain<Subject> (
  steps: ReadonlyArray<Step<Subject>>, subject: Subject, next: number, pending: Promise<Refusal | null>
): Promise<Refusal | null> {
  const refused = await pending
  if (refused !== null) return refused
  return runChain(steps, subject, next)
}
