/**
 * The life of an alarm: what was found, held against what is open.
 *
 *   found ──holds──▶ open ──person──▶ acknowledged
 *                      └──── not found for two minutes ────▶ resolved
 *
 * ALL1. One alarm is open for a code and subject, however often it is found.
 * ALL2. Nobody is bothered before a condition has held for as long as its rule says.
 * ALL3. It is over when it was not found for two minutes: what flickers is one alarm.
 * ALL4. What can't be known now stays as it was.
 * ALL5. A rule that is switched off ends its alarms at once.
 * ALL6. What a person muted stays mute when it comes back before that time.
 */

import type { AlarmCode, AlarmState, Severity } from '../contract/alarm.ts'
import type { Millis } from '../contract/words.ts'
import type { Finding, Looked, Rule } from './conditions.ts'

export type Alarm = {
  readonly id: number
  readonly code: AlarmCode
  readonly subject: string
  readonly about: string
  readonly severity: Severity
  readonly state: AlarmState
  readonly value: number
  readonly threshold: number
  readonly since: Millis
  readonly goneAt: Millis | null
  readonly resolvedAt: Millis | null
  readonly mutedUntil: Millis | null
}

export type Changes = {
  readonly opened: readonly (Finding & Pick<Alarm, 'severity' | 'threshold' | 'since'>)[]
  /** Found again with another value, or after it seemed to be over. */
  readonly seen: readonly Pick<Alarm, 'id' | 'value' | 'about' | 'severity' | 'threshold'>[]
  readonly gone: readonly number[]
  readonly resolved: readonly Pick<Alarm, 'id' | 'code'>[]
}

export const calmMs = 120_000

const nameOf = ({ code, subject }: { code: AlarmCode; subject: string }): string =>
  `${code} ${subject}`

/** What was found and is not old enough yet. A restart begins to wait anew. */
export class Life {
  readonly #since = new Map<string, Millis>()

  /** `open` are those that are not resolved. */
  step(
    { findings, unknown }: Looked,
    open: readonly Alarm[],
    { rules, now }: { rules: ReadonlyMap<AlarmCode, Rule>; now: Millis },
  ): Changes {
    const known = new Map(open.map(alarm => [nameOf(alarm), alarm]))
    const found = new Set(findings.map(nameOf))
    const opened: Changes['opened'][number][] = []
    const seen: Changes['seen'][number][] = []
    for (const finding of findings) {
      const name = nameOf(finding)
      const { severity, threshold, holdS } = rules.get(finding.code)!
      const alarm = known.get(name)
      if (alarm !== undefined) {
        const { id } = alarm
        const { value, about } = finding
        if (isNews(alarm, finding, rules)) seen.push({ id, value, about, severity, threshold })
        continue
      }
      const since = this.#since.get(name) ?? now
      if (now - since >= holdS * 1_000) opened.push({ ...finding, severity, threshold, since })
      else this.#since.set(name, since)
    }
    for (const name of this.#since.keys()) {
      const code = name.slice(0, name.indexOf(' ')) as AlarmCode
      if (!found.has(name) && !unknown.has(code)) this.#since.delete(name)
    }
    for (const one of opened) this.#since.delete(nameOf(one))

    const gone: number[] = []
    const resolved: Changes['resolved'][number][] = []
    for (const alarm of open) {
      const { id, code, goneAt } = alarm
      if (found.has(nameOf(alarm)) || unknown.has(code)) continue
      if (!rules.get(code)!.active) resolved.push({ id, code })
      else if (goneAt === null) gone.push(id)
      else if (now - goneAt >= calmMs) resolved.push({ id, code })
    }
    return { opened, seen, gone, resolved }
  }
}

function isNews(alarm: Alarm, finding: Finding, rules: ReadonlyMap<AlarmCode, Rule>): boolean {
  const { severity, threshold } = rules.get(alarm.code)!
  return (
    alarm.goneAt !== null ||
    alarm.value !== finding.value ||
    alarm.about !== finding.about ||
    alarm.severity !== severity ||
    alarm.threshold !== threshold
  )
}
