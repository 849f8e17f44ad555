/**
 * Assertions guard against our own mistakes and stay on in production: a shard that is wrong must
 * stop before it writes. What the outside world may legitimately do is a refusal, never an assert.
 */

export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new InvariantViolation(invariant)
}

export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation'
}

/** The world's fault, not the asker's: retryable, with a stable code and its cause. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  /** True when the work surely left no trace; false when it may have become durable. */
  readonly untouched: boolean

  constructor(code: FaultCode, options: { untouched: boolean; cause?: unknown }) {
    super(code, { cause: options.cause })
    this.code = code
    this.untouched = options.untouched
  }

  /** For the log: what is hidden from JSON otherwise is what whoever reads it wants to know. */
  toJSON(): object {
    const { name, code, untouched, cause } = this
    return { name, code, untouched, ...(cause === undefined ? {} : { cause: String(cause) }) }
  }
}

type FaultCode =
  | 'engine.overloaded'
  | 'engine.stopping'
  | 'journal.unavailable'
  | 'journal.fenced'
  | 'shard.stopped'
