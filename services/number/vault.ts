/**
 * Where the texts of messages are locked away. Each order has a key of its own, kept sealed in one
 * row; the journal and all tables hold only what that key made of a text. When the row is deleted,
 * nobody can read the messages of that order again, in whichever copy of the journal they stand.
 *
 *   text, code ──key of the order──▶ sealed (journal, rows) ──same key──▶ text, code
 *              └──────────────────▶ print: known again, without being read
 *
 * NVA1. What was sealed opens again for its own order only, and only unaltered.
 * NVA2. Without the row of its key a message opens for nobody: it is shown without its text.
 * NVA3. The same message of the same order has the same print; nobody without the key can tell from
 *       a print what it is of.
 * NVA4. A key is made once, whoever asks at the same time; many are made and read in one statement.
 * NVA5. Keys stay in memory for minutes only, and not more than a bounded number of them.
 */

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import type { DatabasePool } from '../../sql/database.ts'
import { addKeys, keysOf } from '../../sql/number/vault.ts'
import type { Seal } from '../seal.ts'
import { keepLatest } from '../wire/latest.ts'

/** What was read of a message; at least one of them is there. */
export type Told = { readonly text: string | null; readonly code: string | null }

type VaultDeps = {
  readonly pool: DatabasePool
  readonly seal: Pick<Seal, 'close' | 'open'>
  readonly now: () => number
}

/** The key of one order, in use. */
export type Lock = {
  readonly seal: (told: Told) => string
  /** `nth`: how many just like it came before. */
  readonly print: (told: Told, nth: number) => string
  /** Null for what this key did not seal. */
  readonly open: (sealed: string) => Told | null
}

const keyBytes = 32
const ivBytes = 12
const tagBytes = 16
const printBytes = 15
const textMax = 2_000
const codeMax = 64
const keptMs = 10 * 60_000
const keptMax = 20_000

type Wanted = {
  readonly orderId: string
  readonly make: boolean
} & PromiseWithResolvers<Lock | null>

export class Vault {
  readonly #deps: VaultDeps
  readonly #kept = new Map<string, { readonly lock: Lock; readonly until: number }>()
  #wanted: Wanted[] = []

  constructor(deps: VaultDeps) {
    this.#deps = deps
  }

  /** Makes the key when there is none yet. */
  async lockOf(orderId: string): Promise<Lock> {
    return (await this.#want(orderId, true))!
  }

  /** Null when its time is over, or there never was one. */
  keyOf(orderId: string): Promise<Lock | null> {
    return this.#want(orderId, false)
  }

  #want(orderId: string, make: boolean): Promise<Lock | null> {
    const kept = this.#kept.get(orderId)
    if (kept !== undefined && kept.until > this.#deps.now()) return Promise.resolve(kept.lock)
    const wanted = { orderId, make, ...Promise.withResolvers<Lock | null>() }
    if (this.#wanted.push(wanted) === 1) setImmediate(() => void this.#answer())
    return wanted.promise
  }

  /** Everybody who asked within one turn of the loop. */
  async #answer(): Promise<void> {
    const wanted = this.#wanted
    this.#wanted = []
    try {
      const found = await this.#find(wanted)
      for (const one of wanted) {
        const lock = found.get(one.orderId) ?? null
        if (lock === null && one.make) one.reject(new Error('a key was deleted as it was made'))
        else one.resolve(lock)
      }
    } catch (cause) {
      for (const one of wanted) one.reject(cause)
    }
  }

  async #find(wanted: readonly Wanted[]): Promise<ReadonlyMap<string, Lock>> {
    const { pool, seal } = this.#deps
    const locks = new Map<string, Lock>()
    const rows = await keysOf(pool, [...new Set(wanted.map(({ orderId }) => orderId))])
    for (const row of rows) this.#keep(locks, row.orderId, row.key)
    const missing = wanted.filter(one => one.make && !locks.has(one.orderId))
    if (missing.length > 0) {
      const fresh = [...new Set(missing.map(({ orderId }) => orderId))].map(orderId => ({
        orderId,
        key: seal.close(randomBytes(keyBytes).toString('base64url'), purposeOf(orderId)),
      }))
      for (const row of await addKeys(pool, fresh)) this.#keep(locks, row.orderId, row.key)
    }
    return locks
  }

  #keep(locks: Map<string, Lock>, orderId: string, sealed: string): void {
    const lock = lockOf(orderId, this.#deps.seal.open(sealed, purposeOf(orderId)))
    locks.set(orderId, lock)
    keepLatest(this.#kept, orderId, { lock, until: this.#deps.now() + keptMs }, keptMax)
  }
}

const purposeOf = (orderId: string): string => `number:${orderId}`

function lockOf(orderId: string, secret: string): Lock {
  const key = Buffer.from(secret, 'base64url')
  // One key per use, so that neither use can tell anything about the other.
  const forUse = (use: string) => createHmac('sha256', key).update(`number ${use}`).digest()
  const sealing = forUse('sealing')
  const printing = forUse('printing')
  const bound = Buffer.from(orderId)

  return {
    seal({ text, code }) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', sealing, iv)
      cipher.setAAD(bound)
      const told = [text === null ? null : text.slice(0, textMax), code?.slice(0, codeMax) ?? null]
      const parts = [iv, cipher.update(JSON.stringify(told), 'utf8'), cipher.final()]
      return Buffer.concat([...parts, cipher.getAuthTag()]).toString('base64url')
    },

    // By its code where one was read: some suppliers tell the code first and its text later.
    print: ({ text, code }, nth) =>
      createHmac('sha256', printing)
        .update(JSON.stringify([code ?? null, code === null ? text : null, nth]))
        .digest()
        .subarray(0, printBytes)
        .toString('base64url'),

    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length < ivBytes + tagBytes) return null
      const iv = bytes.subarray(0, ivBytes)
      const decipher = createDecipheriv('aes-256-gcm', sealing, iv, { authTagLength: tagBytes })
      decipher.setAAD(bound)
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        const body = bytes.subarray(ivBytes, -tagBytes)
        const plain = decipher.update(body, undefined, 'utf8') + decipher.final('utf8')
        const [text, code] = JSON.parse(plain) as [string | null, string | null]
        return { text, code }
      } catch {
        return null
      }
    },
  }
}
