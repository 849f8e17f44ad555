/**
 * Looks every few seconds whether something is wrong, and sees to it that people hear of it.
 *
 *   facts ─▶ conditions ─▶ life ─▶ table alarm ─▶ telling ─▶ messages ─▶ courier, chat's outbox
 *                                                   └ database away ─▶ straight to the channels
 *
 * ALW1. Only who owns the shards looks, so that it is told once.
 * ALW2. What was opened or told before a restart is in the tables: it is not told again.
 * ALW3. Without the database nothing can be looked up, and that itself is told: straight, once.
 *       When it is back, that stands among the alarms, and its end is told like any other.
 * ALW4. A look that fails otherwise is told to the log, and the next one is made.
 */

import { Gauge, type Registry } from 'prom-client'
import {
  alarmsToTell,
  type ChannelRow,
  changedRules,
  deleteAlarms,
  openAlarms,
  openNotices,
  readChannels,
  writeSteps,
  writeTelling,
} from '../../sql/alarms.ts'
import { sql, z } from '../../sql/database.ts'
import type { AlarmCode } from '../contract/alarm.ts'
import type { Millis } from '../contract/words.ts'
import { Turns } from '../turns.ts'
import { bodyOf } from './body.ts'
import { codes, look, type Rule, rulesWith } from './conditions.ts'
import type { Courier } from './courier.ts'
import { diskPercent, type FactSources, memoryFacts, tableFacts } from './facts.ts'
import { type Alarm, Life } from './life.ts'
import { type Channel, due, pauseMs } from './telling.ts'
import { messageOf } from './text.id.ts'

export type WatchDeps = FactSources & {
  readonly courier: Courier
  readonly isOwner: () => boolean
  /** How often it looks; ten seconds unless told. */
  readonly lookMs?: number
  readonly onError: (cause: unknown) => void
}

const usualLookMs = 10_000
/** Longer than a connection waits for the database. */
const answerMs = 8_000
const sweepMs = 3_600_000
const keepMs = 400 * 86_400_000
const sweepMax = 1_000

type Away = { readonly since: Millis; readonly told: Map<string, Millis> }

export class AlarmWatch {
  readonly #deps: WatchDeps
  readonly #life = new Life()
  #rules: ReadonlyMap<AlarmCode, Rule> = rulesWith([])
  #open: ReadonlyMap<AlarmCode, number> = new Map()
  #away: Away | null = null
  #sweptAt = 0
  readonly #looking = new Turns(() => this.#lookOrTell())
  #timer: NodeJS.Timeout | undefined

  constructor(deps: WatchDeps) {
    this.#deps = deps
  }

  start(): void {
    const { lookMs = usualLookMs } = this.#deps
    this.#timer = setInterval(() => void this.look(), lookMs)
    void this.look()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking.close()
    await this.#deps.courier.rest()
  }

  /** How many are open, as of the last look. */
  get open(): ReadonlyMap<AlarmCode, number> {
    return this.#open
  }

  /** Resolves when a look was made that began after the call. */
  look(): Promise<void> {
    return this.#looking.ask()
  }

  async #lookOrTell(): Promise<void> {
    try {
      await this.#look()
    } catch (cause) {
      this.#deps.onError(cause)
    }
  }

  async #look(): Promise<void> {
    if (!this.#deps.isOwner()) {
      this.#open = new Map()
      return
    }
    const known = await this.#known()
    if (known === null) return await this.#lookWithout()
    const { now, dataDir } = this.#deps
    const [changed, channels, open, tables] = known
    this.#rules = rulesWith(changed as readonly Rule[])
    await this.#deps.courier.know(channels)
    const facts = { ...memoryFacts(this.#deps), tables, diskPercent: await diskPercent(dataDir) }
    const at = now()
    const steps = this.#life.step(look(facts, this.#rules), open as readonly Alarm[], {
      ...{ rules: this.#rules, now: at },
    })
    await writeSteps(this.#deps.db.pool, steps, at)
    await this.#isBack(at)
    await this.#tell(channels, at)
    await this.#deps.courier.wake()
    await this.#sweep(at)
  }

  /** What stands in the tables; null when they can't be asked. */
  async #known() {
    const { pool } = this.#deps.db
    const asked = Promise.all([
      changedRules(pool),
      readChannels(pool),
      openAlarms(pool),
      tableFacts(this.#deps),
    ])
    const patience = Promise.withResolvers<null>()
    const timer = setTimeout(patience.resolve, answerMs, null)
    try {
      return await Promise.race([asked, patience.promise])
    } catch (cause) {
      if (await isThere(pool)) throw cause
      this.#deps.onError(cause)
      return null
    } finally {
      clearTimeout(timer)
      // Nobody waits for it any more.
      asked.catch(() => {})
    }
  }

  async #lookWithout(): Promise<void> {
    const { now, courier } = this.#deps
    const at = now()
    this.#away ??= { since: at, told: new Map() }
    const { since, told } = this.#away
    const { active, severity, threshold } = this.#rules.get('DATABASE_AWAY')!
    if (!active || at - since < threshold * 1_000) return
    const alarm: Alarm = {
      ...{ id: 0, code: 'DATABASE_AWAY', subject: '', about: '', severity, state: 'open' },
      ...{ value: Math.floor((at - since) / 1_000), threshold, since },
      ...{ goneAt: null, resolvedAt: null, mutedUntil: null },
    }
    for (const row of courier.channels) {
      if (told.has(row.name)) continue
      const items = due({ ...channelOf(row), toldAt: null }, { alarms: [alarm], notices: [] }, at)
      if (items.length === 0) continue
      const words = { text: messageOf(items, row.zone), body: bodyOf(items, at) }
      if (await courier.direct(row.name, words)) told.set(row.name, at)
    }
  }

  /** It answers again: who was told that it was away is told the end by the usual road. */
  async #isBack(at: Millis): Promise<void> {
    if (this.#away === null) return
    const { since, told } = this.#away
    const { pool } = this.#deps.db
    const { severity, threshold } = this.#rules.get('DATABASE_AWAY')!
    if (told.size > 0) {
      const value = Math.floor((at - since) / 1_000)
      const what = { code: 'DATABASE_AWAY', subject: '', about: '', severity, value, threshold }
      const none = { seen: [], gone: [], resolved: [] }
      const [alarmId] = await writeSteps(pool, { ...none, opened: [{ ...what, since }] }, at)
      for (const [channel, toldAt] of told) {
        if (alarmId === undefined) break
        const notices = [{ alarmId, nextAt: toldAt + pauseMs(1), closed: false }]
        await writeTelling(pool, { channel, body: null, chat: null, notices }, toldAt)
      }
    }
    this.#away = null
  }

  async #tell(channels: readonly ChannelRow[], at: Millis): Promise<void> {
    const { pool } = this.#deps.db
    const alarms = (await alarmsToTell(pool, at)) as readonly Alarm[]
    this.#open = countOf(alarms)
    if (alarms.length === 0) return
    const notices = await openNotices(pool)
    for (const row of channels) {
      const own = notices.filter(one => one.channel === row.name)
      const items = due(channelOf(row), { alarms, notices: own }, at)
      if (items.length === 0) continue
      const told = new Map(own.map(one => [one.alarmId, one.told]))
      const { gateway, address } = row
      const isChat = gateway !== null && address !== null
      await writeTelling(
        pool,
        {
          channel: row.name,
          body: isChat ? messageOf(items, row.zone) : bodyOf(items, at),
          chat: isChat ? { gateway, address } : null,
          notices: items.map(({ kind, alarm }) => ({
            alarmId: alarm.id,
            nextAt: at + pauseMs((told.get(alarm.id) ?? 0) + 1),
            closed: kind === 'over',
          })),
        },
        at,
      )
    }
  }

  async #sweep(at: Millis): Promise<void> {
    if (at - this.#sweptAt < sweepMs) return
    this.#sweptAt = at
    await deleteAlarms(this.#deps.db.pool, { before: at - keepMs, limit: sweepMax })
  }
}

/** A question that failed is not yet a database that is away. */
const isThere = (pool: FactSources['db']['pool']): Promise<boolean> =>
  pool.exists(sql.type(z.object({}))`select 1`).catch(() => false)

export const channelOf = (row: ChannelRow): Channel => {
  const { name, minSeverity, quietFrom, quietUntil, zone, wakes, active, toldAt } = row
  const quiet =
    quietFrom === null || quietUntil === null ? null : { from: quietFrom, until: quietUntil }
  return { name, minSeverity, quiet, zone, wakes, active, toldAt }
}

function countOf(alarms: readonly Alarm[]): ReadonlyMap<AlarmCode, number> {
  const counts = new Map<AlarmCode, number>()
  for (const { code, state } of alarms) {
    if (state !== 'resolved') counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return counts
}

export function registerAlarms(registry: Registry, watch: Pick<AlarmWatch, 'open'>): void {
  new Gauge({
    name: 'laju_alarms_open',
    help: 'Alarms that are not over, by code, as of the last look.',
    labelNames: ['code'],
    registers: [registry],
    collect() {
      for (const code of codes) this.set({ code }, watch.open.get(code) ?? 0)
    },
  })
}
