/** Why a command cannot do what it was asked for: shown without a stack, exit code 2. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
  /** The stack of the application's own error, for --verbose. */
  readonly details: string | null

  constructor (message: string, details: string | null = null) {
    super(message)
    this.details = details
  }
}
