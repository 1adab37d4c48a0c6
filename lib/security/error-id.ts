import { randomBytes } from 'node:crypto'

/** The id that a person is shown and the log carries, to bring the two together: 12 characters that can be read out. */
export function createErrorId (): string {
  return randomBytes(6).toString('hex')
}
