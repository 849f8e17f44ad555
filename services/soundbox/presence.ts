/**
 * Who is there, and how they are: by connection, keep-alive and will for boxes with MQTT, by their
 * questions for those without. All of it is memory; what changed is written a few seconds later, in
 * one statement for all, so that ten thousand boxes with a heartbeat each half minute cost little.
 *
 * DVG1. A connection ends what it began: of two of one box, the older one's end means nothing.
 * DVG2. Heartbeats are written in batches; a crash takes seconds of them, and nothing else.
 *       Who writes again, after another process did, takes the newer word of each box.
 * DVG3. Who asks over HTTP is there for three beats after he asked.
 * DVG4. How often a box connected is counted for an hour, and the count is bounded.
 */

import { heartbeatOldMs } from '../../actors/device/health.ts'
import type { ActorId, Millis } from '../../engine/ids.ts'
import type { HealthRow } from '../../sql/soundbox/device.ts'

export type Heartbeat = {
  readonly battery?: number | undefined
  readonly signal?: number | undefined
  readonly firmware?: string | undefined
}

type Seen = {
  /** The connection that counts; null: none. */
  readonly session: string | null
  readonly generation: number
  readonly via: 'mqtt' | 'http' | null
  readonly seenAt: Millis | null
  readonly changedAt: Millis | null
  readonly battery: number | null
  readonly signal: number | null
  readonly firmware: string | null
}

type Entry = { -readonly [K in keyof Seen]: Seen[K] } & { connects: Millis[]; dirty: boolean }

const hourMs = 3_600_000
const connectsMax = 20

export class Presence {
  readonly #entries = new Map<ActorId, Entry>()
  readonly #dirty = new Set<ActorId>()
  #connected = 0

  get connected(): number {
    return this.#connected
  }

  of(id: ActorId): Seen | undefined {
    return this.#entries.get(id)
  }

  isOnline(id: ActorId, now: Millis): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined) return false
    if (entry.session !== null) return true
    return entry.via === 'http' && now - (entry.seenAt ?? 0) < heartbeatOldMs
  }

  /** What the table knows after another process wrote it; whoever is here is written again. */
  recall(rows: readonly HealthRow[]): void {
    for (const row of rows) {
      if (row.seenAt > (this.#entries.get(row.deviceId)?.seenAt ?? 0)) this.remember(row)
    }
    for (const [id, entry] of this.#entries) if (entry.session !== null) this.#touch(id, entry)
  }

  connects(id: ActorId, now: Millis): number {
    return this.#entries.get(id)?.connects.filter(at => now - at < hourMs).length ?? 0
  }

  /** What the table knows, before anybody connects. */
  remember({ deviceId, seenAt, battery, signal, firmware, changedAt }: HealthRow): void {
    const entry = this.#entry(deviceId)
    Object.assign(entry, { seenAt, battery, signal, firmware, changedAt })
  }

  begin(id: ActorId, { session, generation }: { session: string; generation: number }, at: Millis) {
    const entry = this.#entry(id)
    if (entry.session === null) this.#connected++
    Object.assign(entry, { session, generation, via: 'mqtt', seenAt: at, changedAt: at })
    entry.connects = entry.connects.filter(one => at - one < hourMs).slice(1 - connectsMax)
    entry.connects.push(at)
    this.#touch(id, entry)
  }

  /** False when a newer connection counts by now. */
  end(id: ActorId, session: string, at: Millis): boolean {
    const entry = this.#entries.get(id)
    if (entry?.session !== session) return false
    Object.assign(entry, { session: null, via: null, changedAt: at })
    this.#connected--
    this.#touch(id, entry)
    return true
  }

  beat(id: ActorId, heartbeat: Heartbeat, { at, via }: { at: Millis; via: 'mqtt' | 'http' }): void {
    const entry = this.#entry(id)
    entry.seenAt = at
    if (entry.session === null) entry.via = via
    if (heartbeat.battery !== undefined) entry.battery = heartbeat.battery
    if (heartbeat.signal !== undefined) entry.signal = heartbeat.signal
    if (heartbeat.firmware !== undefined) entry.firmware = heartbeat.firmware
    this.#touch(id, entry)
  }

  *sessions(): Iterable<readonly [ActorId, Seen]> {
    for (const one of this.#entries) if (one[1].session !== null) yield one
  }

  /** What changed since the last time. */
  drain(now: Millis): readonly HealthRow[] {
    const rows: HealthRow[] = []
    for (const deviceId of this.#dirty) {
      const entry = this.#entries.get(deviceId)!
      entry.dirty = false
      const { battery, signal, firmware } = entry
      const [seenAt, changedAt] = [entry.seenAt ?? now, entry.changedAt ?? now]
      const online = entry.session !== null
      rows.push({ deviceId, seenAt, online, battery, signal, firmware, changedAt })
    }
    this.#dirty.clear()
    return rows
  }

  #touch(id: ActorId, entry: Entry): void {
    if (entry.dirty) return
    entry.dirty = true
    this.#dirty.add(id)
  }

  #entry(id: ActorId): Entry {
    let entry = this.#entries.get(id)
    if (entry === undefined) {
      entry = {
        ...{ session: null, generation: 0, via: null, seenAt: null, changedAt: null },
        ...{ battery: null, signal: null, firmware: null, connects: [], dirty: false },
      }
      this.#entries.set(id, entry)
    }
    return entry
  }
}
