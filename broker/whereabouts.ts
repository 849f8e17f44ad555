/**
 * Which box is where, as the head of the mesh knows it: one place for a box, at one broker, and
 * the services told of whatever changes.
 *
 *   a box comes in ─▶ known elsewhere? ─┬─ no, or it is the newer ─▶ its place; the older is ended
 *                                       └─ announced late ─▶ it is ended itself
 *
 * MSH3. A box has one connection at all brokers together: the newest counts, the older is ended.
 */

import type { Millis } from '../services/contract/words.ts'
import type { Arrived, Door, DownlinkKind, Gone, Listening, Presence } from './door.ts'

/** A connected box, as its own broker knows it. `hears`: null before it has subscribed. */
export type Guest = Presence & Arrived & { hears: readonly DownlinkKind[] | null }

/** The same at the head, with where it is. */
type Place = Guest & { readonly node: string }

export type Connection = Pick<Place, 'node' | 'deviceId' | 'session'>

type WhereaboutsOptions = {
  readonly services: Pick<Door, 'connected' | 'listening' | 'gone'>
  readonly now: () => Millis
  /** Tells the broker where it is. */
  readonly end: (one: Connection, why: Gone['why']) => void
}

export class Whereabouts {
  readonly #options: WhereaboutsOptions
  readonly #places = new Map<string, Place>()

  constructor(options: WhereaboutsOptions) {
    this.#options = options
  }

  of(deviceId: string): Place | undefined {
    return this.#places.get(deviceId)
  }

  countBut(node: string): number {
    let count = 0
    for (const place of this.#places.values()) if (place.node !== node) count++
    return count
  }

  /** `isNew`: it came just now; false: it is told of again. */
  arrive(place: Place, { isNew }: { isNew: boolean }): void {
    const { services, now, end } = this.#options
    const known = this.#places.get(place.deviceId)
    if (known?.session === place.session) {
      if (place.hears !== null) this.listens({ ...place, hears: place.hears })
      return
    }
    const isElsewhere = known !== undefined && known.node !== place.node
    // Announced late, by who has not heard yet that the box is elsewhere.
    if (isElsewhere && !isNew && known.at > place.at) {
      end(place, 'replaced')
      return
    }
    this.#places.set(place.deviceId, { ...place, hears: null })
    if (isElsewhere) end(known, 'replaced')
    const at = isNew ? place.at : now()
    const { node: _, hears, ...box } = place
    services.connected({ ...box, at })
    if (hears !== null) this.listens({ ...box, at, hears })
  }

  listens({ deviceId, session, at, hears }: Listening): void {
    const place = this.#places.get(deviceId)
    if (place === undefined || place.session !== session) return
    if (place.hears?.join() === hears.join()) return
    place.hears = hears
    this.#options.services.listening({ deviceId, session, at, hears })
  }

  leave(box: Gone): void {
    if (this.#places.get(box.deviceId)?.session !== box.session) return
    this.#places.delete(box.deviceId)
    this.#options.services.gone(box)
  }

  /** Everybody of whom it is true. */
  leaveAll(why: Gone['why'], isMeant: (place: Place) => boolean): void {
    const at = this.#options.now()
    for (const place of [...this.#places.values()]) {
      const { deviceId, session } = place
      if (isMeant(place)) this.leave({ deviceId, session, at, why })
    }
  }

  /** Whoever speaks by a connection that a newer one has outdone is told so. */
  isOutdone(node: string, { deviceId, session }: Presence): boolean {
    const place = this.#places.get(deviceId)
    if (place === undefined || place.session === session) return false
    this.#options.end({ node, deviceId, session }, 'replaced')
    return true
  }
}
