export type Task = () => void | Promise<void>

export interface MailboxOptions {
  /** Tasks that may wait. */
  readonly capacity: number
  /** A task that throws or rejects is told here, and the next one runs: nothing may stop a connection for good. */
  readonly failed: (error: unknown) => void
}

/** Runs tasks one at a time, in the order they came: handlers of one connection never interleave. */
export class Mailbox {
  readonly #waiting: Task[] = []
  readonly #capacity: number
  readonly #failed: (error: unknown) => void
  #busy = false
  #closed = false

  constructor ({ capacity, failed }: MailboxOptions) {
    this.#capacity = capacity
    this.#failed = failed
  }

  /** False when it is full or closed: the task will not run. */
  post (task: Task): boolean {
    if (this.#waiting.length >= this.#capacity) return false
    return this.insist(task)
  }

  /** Past the capacity: for tasks of our own, of which there is one at a time. False only when it is closed. */
  insist (task: Task): boolean {
    if (this.#closed) return false
    this.#waiting.push(task)
    if (!this.#busy) this.#work()
    return true
  }

  close (): void {
    this.#closed = true
    this.#waiting.length = 0
  }

  #work (): void {
    this.#busy = true
    while (this.#waiting.length > 0) {
      try {
        const outcome = (this.#waiting.shift() as Task)()
        if (outcome instanceof Promise) {
          outcome.catch(this.#failed).then(() => { this.#work() })
          return
        }
      } catch (error) {
        this.#failed(error)
      }
    }
    this.#busy = false
  }
}
