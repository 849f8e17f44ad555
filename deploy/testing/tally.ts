/**
 * Counts what the test runner tells and remembers what a reader wants at the end: each failure in
 * full, each skipped test with its reason, and one closing line.
 *
 * D10. The closing line is `N passed, N failed, N skipped` and nothing else.
 * D11. A file that crashed, hung or held no test counts as failed; so does a run of no test at all.
 * D12. A skipped test is told with its reason, a failing todo counts as skipped.
 */

import { relative } from 'node:path'
import { inspect } from 'node:util'

/** The part of node:test's events that is used here. */
export type Told = {
  readonly name: string
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly skip?: string | boolean | undefined
  readonly todo?: string | boolean | undefined
  readonly details: { readonly type?: string | undefined; readonly error?: unknown }
}

const outputCharsMax = 100_000

export class Tally {
  readonly #root: string
  readonly #output = new Map<string, string>()
  readonly #skipped: string[] = []
  readonly #failures: { title: string; file: string; reason: string }[] = []
  #passed = 0

  constructor(root: string) {
    this.#root = root
  }

  get ok(): boolean {
    return this.#failures.length === 0 && this.#passed > 0
  }

  pass(told: Told): void {
    if (told.name === told.file) {
      this.fail({ ...told, details: { error: 'this file holds no test' } })
    } else if (told.skip !== undefined && told.skip !== false) {
      this.skip(told, told.skip)
    } else if (told.details.type !== 'suite') {
      this.#passed++
    }
  }

  /** Answers the failure's title, to be shown at once; the closing has it in full. */
  fail(told: Told): string {
    if (told.todo !== undefined && told.todo !== false) {
      this.skip(told, `todo${typeof told.todo === 'string' ? `: ${told.todo}` : ''}`)
      return ''
    }
    const reason = reasonOf(told.details.error)
    // The suite of a failed test says nothing new.
    if (reason.subtestsOnly && told.details.type === 'suite') return ''
    const isFile = told.name === told.file
    const place = this.#place(told, !isFile)
    const title = isFile ? place : `${told.name}  ${place}`.trimEnd()
    this.#failures.push({ title: `✖ ${title}`, file: told.file ?? '', reason: reason.text })
    return `✖ ${title}`
  }

  skip(told: Told, reason: string | boolean): void {
    const why = typeof reason === 'string' && reason !== '' ? reason : 'no reason given'
    this.#skipped.push(`${told.name}  ${this.#place(told, true)}: ${why}`)
  }

  /** What a file printed is kept back until it fails. */
  print(file: string, text: string): void {
    const sofar = this.#output.get(file) ?? ''
    if (sofar.length < outputCharsMax) this.#output.set(file, sofar + text)
  }

  /** Everything that is told at the end, the closing line last. */
  closing(): string {
    if (this.#passed === 0 && this.#failures.length === 0) {
      this.fail({ name: 'no test ran', details: { error: 'the run held no test at all' } })
    }
    const parts: string[] = []
    if (this.#skipped.length > 0) parts.push('Skipped:', ...this.#skipped.map(indented), '')
    if (this.#failures.length > 0) parts.push('Failed:', ...this.#failuresInFull(), '')
    parts.push(
      `${this.#passed} passed, ${this.#failures.length} failed, ${this.#skipped.length} skipped`,
    )
    return parts.join('\n')
  }

  /** What a file printed is told once, under its first failure. */
  *#failuresInFull() {
    const told = new Set<string>()
    for (const { title, file, reason } of this.#failures) {
      yield title
      yield indented(reason)
      const output = told.has(file) ? undefined : this.#output.get(file)
      if (output !== undefined) yield* ['  what the file printed:', indented(output)]
      told.add(file)
    }
  }

  #place({ file, line }: Told, withLine: boolean): string {
    if (file === undefined) return ''
    return `${relative(this.#root, file)}${withLine && line !== undefined ? `:${line}` : ''}`
  }
}

/** node:test wraps what was thrown; the reader wants what is inside. */
function reasonOf(error: unknown): { text: string; subtestsOnly: boolean } {
  if (typeof error === 'string') return { text: error, subtestsOnly: false }
  const wrapped = Object(error) as { cause?: unknown; failureType?: string; exitCode?: number }
  const cause = wrapped.cause ?? error
  const ended = wrapped.exitCode === undefined ? '' : ` (exit code ${wrapped.exitCode})`
  return {
    text: `${typeof cause === 'string' ? cause : inspect(cause, { depth: 8 })}${ended}`,
    subtestsOnly: wrapped.failureType === 'subtestsFailed',
  }
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ').trimEnd()
}
