/**
 * Firmware that speaks otherwise: its topics and payloads as data, one JSON file each in
 * `adapters/`, chosen by the model of a box. Ours is one of them.
 *
 *   uplink    topic and payload of the firmware ─▶ kind and payload as our own boxes send them
 *   downlink  kind and payload as we say them   ─▶ topic and payload of the firmware
 *
 * A template is JSON in which `{field}` stands for a value. Alone in its string it stays what it
 * is; `{amount|text}` changes it on the way. A field may be a path: `{args.level}`.
 *
 * BRB1. What a box may publish on and subscribe to is what its adapter names, filled with its own
 *       names; a name that could reach across levels of a topic fills nothing.
 * BRB2. The first rule that fits counts; what fits none is dropped, never guessed.
 * BRB3. A value that is missing leaves its field out, on both ways.
 * BRB4. A file that can't be read ends the start with a sentence; nothing is half an adapter.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod/v4'
import { type DownlinkKind, downlinkKinds, type UplinkKind, uplinkKinds } from './door.ts'
import { isFilter, isTopic, within } from './topics.ts'

const topic = z.string().min(1).max(200)
const when = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({})
const source = z.union([
  z.string(),
  z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]) }),
  z.strictObject({ from: z.string(), is: z.record(z.string(), z.string()) }),
])

const shape = z.strictObject({
  /** Who made it and where its contract is told. */
  about: z.string(),
  /** What it may call itself in CONNECT. */
  client_ids: z.array(z.string()).min(1),
  /** Names of the installation; those of a box itself go before them. */
  names: z.record(z.string(), z.string()).default({}),
  publish: z.array(topic),
  subscribe: z.array(topic),
  /** Retained messages of this firmware are taken as if they were not. */
  retains: z.boolean().default(false),
  /** What it has no word for, and what is taken as told therefore. */
  mute: z.array(z.enum(downlinkKinds)).default([]),
  uplink: z.array(
    z.strictObject({
      topics: z.array(topic).min(1),
      when,
      kind: z.enum(uplinkKinds),
      /** As it came, or field by field. */
      payload: z.union([z.literal('*'), z.record(z.string(), source)]),
    }),
  ),
  downlink: z.array(
    z.strictObject({
      kind: z.enum(downlinkKinds),
      when,
      /** The first one to which the box has subscribed. */
      topics: z.array(topic).min(1),
      payload: z.union([z.literal('*'), z.record(z.string(), z.json())]),
    }),
  ),
})
type Shape = z.output<typeof shape>
type Source = z.output<typeof source>
type Json = z.output<ReturnType<typeof z.json>>
export type Names = Readonly<Record<string, string>>
type Fields = Readonly<Record<string, unknown>>

type Rule = Shape['uplink'][number]

/** What a box may mean on the topic of its heartbeats. */
export type Beats = { readonly topic: Uint8Array; readonly rules: readonly Rule[] }

export type Heard = { readonly kind: UplinkKind; readonly payload: unknown }

export class Adapter {
  readonly name: string
  readonly retains: boolean
  readonly #shape: Shape

  constructor(name: string, text: string) {
    this.name = name
    this.#shape = shape.parse(JSON.parse(text))
    this.retains = this.#shape.retains
  }

  /** All names of a box, or null when one of them must not stand in a topic. */
  namesOf(deviceId: string, own: Names = {}): Names | null {
    const names = { ...this.#shape.names, ...own, device: deviceId }
    const isSafe = (name: string) => /^[A-Za-z0-9_.:-]{1,64}$/.test(name)
    return Object.values(names).every(isSafe) ? names : null
  }

  isClientId(clientId: string, names: Names): boolean {
    return this.#shape.client_ids.some(form => filled(form, names) === clientId)
  }

  mayPublish(asked: string, names: Names): boolean {
    return isTopic(asked) && this.#covers(this.#shape.publish, asked, names)
  }

  maySubscribe(filter: string, names: Names): boolean {
    return isFilter(filter) && this.#covers(this.#shape.subscribe, filter, names)
  }

  #covers(allowed: readonly string[], asked: string, names: Names): boolean {
    return allowed.some(form => {
      const own = filled(form, names)
      return own !== null && within(asked, own)
    })
  }

  /** Where a box says that it is there; null: nowhere. Found once per box: it says little else. */
  beats(names: Names): Beats | null {
    for (const { kind, topics } of this.#shape.uplink) {
      const own = kind === 'heartbeat' ? topics.map(form => filled(form, names)) : []
      const on = own.find(one => one !== null && this.mayPublish(one, names))
      if (on == null) continue
      return { topic: Buffer.from(on), rules: this.#rulesOn(on, names) }
    }
    return null
  }

  isMute(kind: DownlinkKind): boolean {
    return this.#shape.mute.includes(kind)
  }

  /** What a message of the box means; null: nothing to us. */
  hear(on: string, bytes: Uint8Array, names: Names): Heard | null {
    return heardBy(this.#rulesOn(on, names), bytes)
  }

  #rulesOn(on: string, names: Names): readonly Rule[] {
    return this.#shape.uplink.filter(({ topics }) =>
      topics.some(form => filled(form, names) === on),
    )
  }

  /** The best word that this firmware has for a payment. */
  get acks(): 'played' | 'received' | 'none' {
    const rules = this.#shape.uplink.filter(({ kind }) => kind === 'ack')
    const words = rules.flatMap(({ payload }) => wordsOf(payload === '*' ? '*' : payload['status']))
    return (['played', 'received'] as const).find(word => words.includes(word)) ?? 'none'
  }

  /** Whether it has a word for this, told or kept to itself. */
  knows(kind: DownlinkKind, payload: Fields): boolean {
    const rules = this.#shape.downlink.filter(one => one.kind === kind)
    return this.isMute(kind) || rules.some(one => fits(one.when, payload))
  }

  /** Whether a box that listens there can be told such things; what it is mute for, it is. */
  isHeard(kind: DownlinkKind, names: Names, hears: (topic: string) => boolean): boolean {
    const forms = this.#shape.downlink.flatMap(one => (one.kind === kind ? one.topics : []))
    const own = forms.map(form => filled(form, names))
    return this.isMute(kind) || own.some(to => to !== null && hears(to))
  }

  /** How this firmware is told it; null: it has no word for it, or does not listen. */
  wayOf(
    kind: DownlinkKind,
    payload: Fields,
    { names, hears }: { names: Names; hears: (topic: string) => boolean },
  ): Way | null {
    const rules = this.#shape.downlink.filter(one => one.kind === kind)
    const rule = rules.find(one => fits(one.when, payload))
    const on = rule?.topics.map(form => filled(form, names)).find(to => to !== null && hears(to))
    if (rule === undefined || on === undefined || on === null) return null
    const isUsual = Object.keys(rules[0]!.when).length === 0
    return { topic: on, template: rule.payload, isUsual }
  }
}

/** Where a message goes and what it looks like there. */
export type Way = {
  readonly topic: string
  readonly template: Shape['downlink'][number]['payload']
  /** The same for every message of its kind. */
  readonly isUsual: boolean
}

export function heardBy(rules: readonly Rule[], bytes: Uint8Array): Heard | null {
  if (rules.length === 0) return null
  const read = parsed(bytes)
  if (read === undefined) return null
  for (const { when, kind, payload } of rules) {
    if (fits(when, read)) {
      return { kind, payload: payload === '*' ? read : translated(payload, read) }
    }
  }
  return null
}

export function print({ template }: Way, payload: Fields, names: Names): Buffer {
  const said = template === '*' ? payload : printed(template, { ...payload, ...names })
  return Buffer.from(JSON.stringify(said))
}

export class AdapterUnreadable extends Error {
  override readonly name = 'AdapterUnreadable'
}

export function readAdapters(
  folder: string = join(import.meta.dirname, 'adapters'),
): ReadonlyMap<string, Adapter> {
  const adapters = new Map<string, Adapter>()
  for (const file of readdirSync(folder).filter(one => one.endsWith('.json'))) {
    const name = basename(file, '.json')
    try {
      adapters.set(name, new Adapter(name, readFileSync(join(folder, file), 'utf8')))
    } catch (cause) {
      const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)
      throw new AdapterUnreadable(`broker/adapters/${file} can't be read: ${why}`, { cause })
    }
  }
  return adapters
}

/** What a status may be; where the box chooses its own words, or none, the best of ours. */
function wordsOf(status: Source | undefined): readonly unknown[] {
  if (status === undefined || typeof status === 'string') return ['played']
  return 'value' in status ? [status.value] : Object.values(status.is)
}

function filled(form: string, names: Names): string | null {
  let text = ''
  const parts = partsOf(form)
  for (let at = 0; at < parts.length; at++) {
    const said = at % 2 === 0 ? parts[at] : names[parts[at]!]
    if (said === undefined) return null
    text += said
  }
  return text
}

/** Texts and names by turns; there are as many forms as the adapters have. */
const partsKnown = new Map<string, readonly string[]>()

function partsOf(form: string): readonly string[] {
  const parts = partsKnown.get(form) ?? form.split(/\{(\w+)\}/)
  partsKnown.set(form, parts)
  return parts
}

function parsed(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes))
    return value ?? undefined
  } catch {
    return undefined
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function fits(wanted: Shape['uplink'][number]['when'], payload: unknown): boolean {
  return Object.entries(wanted).every(([path, value]) => at(payload, path) === value)
}

function at(value: unknown, path: string): unknown {
  let found = value
  for (const step of path.split('.')) {
    const isOwn = typeof found === 'object' && found !== null && Object.hasOwn(found, step)
    if (!isOwn) return undefined
    found = (found as Fields)[step]
  }
  return found
}

function translated(fields: Readonly<Record<string, Source>>, payload: unknown): Fields {
  const out: Record<string, unknown> = {}
  for (const [field, from] of Object.entries(fields)) {
    const value = sourced(from, payload)
    if (value !== undefined) out[field] = value
  }
  return out
}

function sourced(from: Source, payload: unknown): unknown {
  if (typeof from === 'string') return looked(from, payload)
  if ('value' in from) return from.value
  const word = at(payload, from.from)
  return typeof word === 'string' && Object.hasOwn(from.is, word) ? from.is[word] : undefined
}

/** A template with values in it; a field whose value is missing is left out. */
function printed(template: Json, fields: Fields): unknown {
  if (typeof template === 'string') {
    const whole = /^\{([^{}]+)\}$/.exec(template)
    if (whole !== null) return looked(whole[1]!, fields)
    return template.replace(/\{([^{}]+)\}/g, (_, what: string) =>
      String(looked(what, fields) ?? ''),
    )
  }
  if (Array.isArray(template)) return template.map(one => printed(one, fields))
  if (typeof template !== 'object' || template === null) return template
  const out: Record<string, unknown> = {}
  for (const [field, inner] of Object.entries(template)) {
    const value = printed(inner as Json, fields)
    if (value !== undefined) out[field] = value
  }
  return out
}

/** `path` or `path|change`. */
function looked(what: string, fields: unknown): unknown {
  const [path = '', change] = what.split('|')
  const value = at(fields, path)
  if (value === undefined || value === null || change === undefined) return value ?? undefined
  const how = Object.hasOwn(changes, change) ? changes[change as keyof typeof changes] : undefined
  return how?.(value)
}

const changes = {
  text: (value: unknown) => String(value),
  number: (value: unknown) => {
    const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value)
    return Number.isFinite(number) ? number : undefined
  },
  /** Seconds since 1970. */
  epoch: (value: unknown) => {
    const ms = millisOf(value)
    return ms === undefined ? undefined : Math.floor(ms / 1_000)
  },
  /** yyyymmddHHMMSS as clocks in Jakarta show it. */
  stamp: (value: unknown) => {
    const ms = millisOf(value)
    if (ms === undefined) return undefined
    return new Date(ms + 7 * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 14)
  },
}

function millisOf(value: unknown): number | undefined {
  const ms = typeof value === 'number' ? value : Date.parse(String(value))
  return Number.isFinite(ms) ? ms : undefined
}
