/**
 * What a snapshot of an actor must say, made again from the actor's own lines: whose it is, how it
 * stands, what it holds, which questions are out, and when it wakes. A restart believes a snapshot
 * without asking the journal, so all of it is compared.
 *
 *   lines of one actor ──▶ owner, state, holds, owed ──▶ snapshot     state, holds ──▶ wake_at
 *
 * Z63. An image is made of lines alone: what an event leaves behind, what it asks of others until a
 *      line answers that, and which holds its postings open and end.
 * Z64. An actor wakes at the earliest deadline of its state and of its holds; who has none sleeps
 *      until somebody comes.
 */

import { activation } from './activation-image.ts'
import type { Body, Entry, Event } from './chain.ts'
import { deposit } from './deposit-image.ts'
import { device } from './device-image.ts'
import { commission, payment, receipt, settlement, transfer } from './money-images.ts'
import { order } from './order-image.ts'

// biome-ignore lint/suspicious/noExplicitAny: as free as its kind; compared word by word
export type Loose = any

/** How one kind of actor is read. Nothing here decides; what is in the journal has happened. */
export type Kind = {
  /** How it stands after the event; the state before may be changed in place. */
  readonly after: (state: Loose, event: Event, at: number) => Loose
  /** What the event asks of others, when it has happened. */
  readonly asks?: (state: Loose, event: Event, at: number) => readonly object[]
  /** When it wakes by itself. */
  readonly wakesAt?: (state: Loose) => number | null
  /** What is kept in another form than a snapshot has it. */
  readonly shown?: (state: Loose) => Loose
}

const kinds: Readonly<Record<string, Kind>> = {
  ...{ order, transfer, receipt, commission, device, payment, settlement, activation, deposit },
}

type Hold = { name: string; debit: string; credit: string; amount: number; expiresAt?: number }

export class Image {
  owner: string | undefined
  holds: Hold[] = []
  owed: { readonly id: string; readonly effect: object }[] = []
  #state: Loose = { phase: 'absent' }
  readonly #kind: Kind

  private constructor(kind: Kind) {
    this.#kind = kind
  }

  /** Null: this reading does not know the kind. */
  static of(kind: string): Image | null {
    return Object.hasOwn(kinds, kind) ? new Image(kinds[kind]!) : null
  }

  get state(): Loose {
    return this.#kind.shown?.(this.#state) ?? this.#state
  }

  get wakesAt(): number | null {
    const ends = this.holds.flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt]))
    const own = this.#kind.wakesAt?.(this.#state) ?? null
    const all = own === null ? ends : [own, ...ends]
    return all.length === 0 ? null : Math.min(...all)
  }

  read(seq: number, { id, at, o: owner, by, e: events, p: entries = none }: Body): void {
    if (owner !== undefined) this.owner = owner
    for (const entry of entries) this.#hold(entry)
    if (by !== undefined) this.owed = this.owed.filter(one => one.id !== by)
    let asked = 0
    for (const event of events) {
      this.#state = this.#kind.after(this.#state, event, at)
      for (const effect of this.#kind.asks?.(this.#state, event, at) ?? none) {
        this.owed.push({ id: `${id}/${seq}/${asked++}`, effect })
      }
    }
  }

  #hold([op, name, debit, credit, amount, , , extra]: Entry): void {
    if (op === 'move') return
    if (op !== 'hold') this.holds = this.holds.filter(hold => hold.name !== name)
    else {
      const expiry = extra === undefined ? {} : { expiresAt: extra }
      this.holds.push({ name, debit, credit, amount, ...expiry })
    }
  }
}

const none: readonly never[] = []

/** Where two values of JSON differ first, and how; null when they say the same. */
export function differenceIn(stated: Loose, read: Loose, path: string): string | null {
  if (stated === read) return null
  if (!isTree(stated) || !isTree(read) || Array.isArray(stated) !== Array.isArray(read)) {
    return `${path} is ${short(stated)}, the journal says ${short(read)}`
  }
  for (const name of new Set([...Object.keys(stated), ...Object.keys(read)])) {
    const found = differenceIn(stated[name], read[name], `${path}.${name}`)
    if (found !== null) return found
  }
  return null
}

const isTree = (value: Loose): boolean => typeof value === 'object' && value !== null

const shownMost = 120

const short = (value: Loose): string => String(JSON.stringify(value)).slice(0, shownMost)
