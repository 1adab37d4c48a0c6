export type Task = () => void | Promise<void>

export interface MailboxOptions {
  /** Tasks that may wait. */
  readonly capacity: number
  /** A task that throws or rejects is told here, and the next one runs: nothing may stop a connection for good. */
  readonly failed: (error: unknown) => void
  /** So much waits behind a task that no more is to be read from the socket; and that it is to be read again. */
  readonly pause: () => void
  readonly resume: () => void
}

/**
 * More than `HIGH` that wait pause the socket: what comes too fast then waits at its sender, held up by TCP, not in our
 * memory. Not at the first one: a socket that is not read does not notice that its client left, and the running handler's
 * abort signal should. Resumed before the last has run, so that the next are there by then.
 */
const HIGH = 8
const LOW = 2

/** Runs tasks one at a time, in the order they came: handlers of one connection never interleave. */
export class Mailbox {
  readonly #waiting: Task[] = []
  readonly #options: MailboxOptions
  #busy = false
  #closed = false
  #paused = false

  constructor (options: MailboxOptions) {
    this.#options = options
  }

  get paused (): boolean {
    return this.#paused
  }

  /** False when it is full or closed: the task will not run. */
  post (task: Task): boolean {
    if (this.#waiting.length >= this.#options.capacity) return false
    return this.insist(task)
  }

  /** Past the capacity: for tasks of our own, of which there is one at a time. False only when it is closed. */
  insist (task: Task): boolean {
    if (this.#closed) return false
    this.#waiting.push(task)
    if (!this.#busy) this.#work()
    else if (!this.#paused && this.#waiting.length > HIGH) {
      this.#paused = true
      this.#options.pause()
    }
    return true
  }

  close (): void {
    this.#closed = true
    this.#waiting.length = 0
  }

  #work (): void {
    this.#busy = true
    while (this.#waiting.length > 0) {
      const task = this.#waiting.shift() as Task
      if (this.#paused && this.#waiting.length <= LOW) {
        this.#paused = false
        this.#options.resume()
      }
      try {
        const outcome = task()
        if (outcome instanceof Promise) {
          outcome.catch(this.#options.failed).then(() => { this.#work() })
          return
        }
      } catch (error) {
        this.#options.failed(error)
      }
    }
    this.#busy = false
  }
}
