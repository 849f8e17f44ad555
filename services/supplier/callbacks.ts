/**
 * What suppliers tell us by themselves. Nothing is decided about orders here: a callback is written
 * down, verified, read by its supplier's adapter, and handed to the order that it names.
 *
 *   supplier.callback ─▶ known? ─▶ ping? ─▶ inbox ─▶ signed? ─▶ legible? ─▶ ours? ─▶ submit
 *                         │no      │yes      │full     │no         │no        │no       │fault
 *                         ▼        ▼         ▼         ▼           ▼          ▼         ▼
 *                     unknown   (never    stored    forged      parked     parked    parked,
 *                     _supplier  written)  false                                     read again
 *
 * S29. A callback is stored before it is understood, and answered only then.
 * S30. Headers that are as good as a password are not stored, or only as a proof of this very body;
 *      all others within bounds.
 * S31. Repeats, and callbacks that overtake the reply, are handed on as they come: the order knows.
 * S32. What names no order of ours is parked, never refused: the supplier need not repeat it.
 * S33. What was stored and not understood, because we stopped or the order could not be reached, is
 *      read again, later and after a restart.
 * ADH1. What proves too little to be believed is a hint: whoever it may concern asks the supplier,
 *      while the callback is answered at once; and is understood only when that was done.
 * FLI1. A report that nobody signed decides nothing where the supplier can be asked: it makes us
 *       ask, and the answer decides.
 * FLI2. Where a question would buy again, it is believed of whoever knows the secret address and
 *       comes from where the supplier is, as far as that is set; of anybody else it is forged.
 */

import type { CallbackEntry, JudgedCallback, UnreadCallback } from '../../sql/topup/suppliers.ts'
import type { Actions } from '../contract.ts'
import type { Inbox } from '../inbox.ts'
import type { Claim, Hint } from './adapter.ts'
import type { SupplierAccess } from './caller.ts'
import type { Heard } from './flight.ts'
import { keepable } from './proof.ts'
import { parseRef } from './reference.ts'
import { type CallbackReport, reportOf } from './report.ts'
import { comesFrom } from './way.ts'

/** Finds the order that the reference names. It throws when the order can't be reached now. */
export type Submit = (ref: string, report: CallbackReport) => Promise<'accepted' | 'unknown_ref'>

type CallbackDeps = {
  readonly supplierOf: (code: string) => SupplierAccess | undefined
  readonly inbox: Pick<Inbox<CallbackEntry, JudgedCallback>, 'keep' | 'judge' | 'rest'>
  readonly unread: (after: number) => Promise<readonly UnreadCallback[]>
  readonly submit: Submit
  /** Asks the supplier about whatever the hint names. */
  readonly hear?: (supplier: string, hint: Hint) => Promise<Heard>
  readonly now?: () => number
}

type Received = Actions['supplier.callback']['params']
type Result = Actions['supplier.callback']['result']

type CallbackCounts = Readonly<Record<Result['verdict'] | 'refused', number>>

const headersMax = 32
const hearingMax = 256
const headerLengthMax = 512
const secretHeader = /authorization|cookie|token|secret|password|api-?key/

export class Callbacks {
  readonly #deps: CallbackDeps
  readonly #now: () => number
  readonly #hearing = new Set<Promise<void>>()
  readonly #counts = { accepted: 0, ping: 0, forged: 0, unknown_supplier: 0, parked: 0, refused: 0 }

  constructor(deps: CallbackDeps) {
    this.#deps = deps
    this.#now = deps.now ?? Date.now
  }

  get counts(): CallbackCounts {
    return { ...this.#counts }
  }

  async receive({ supplier: code, headers: received, body: encoded }: Received): Promise<Result> {
    const supplier = this.#deps.supplierOf(code)
    if (supplier === undefined) return this.#result('unknown_supplier', false)
    const headers = lowerCased(received)
    const body = Buffer.from(encoded, 'base64')
    if (supplier.adapter.isPing(headers, body)) return this.#receivePing(supplier, headers, body)

    const kept = storable({ headers, body }, supplier.adapter.card.secretHeaders)
    const receivedAt = this.#now()
    const id = await this.#deps.inbox.keep({ supplier: code, receivedAt, headers: kept, body })
    if (id === null) {
      this.#counts.refused++
      return { verdict: 'parked', stored: false }
    }
    return this.#result(await this.#understand({ id, supplier: code, headers, body }), true)
  }

  /** Reads again what nobody has understood; returns how many there were. */
  async readAgain(): Promise<number> {
    let count = 0
    let after = 0
    for (;;) {
      const rows = await this.#deps.unread(after)
      if (rows.length === 0) return count
      for (const row of rows) await this.#understand(row)
      count += rows.length
      after = rows.at(-1)!.id
      await this.rest()
      await this.#deps.inbox.rest()
    }
  }

  /** Resolves when every hint that was taken up has been asked about. */
  async rest(): Promise<void> {
    await Promise.all(this.#hearing)
  }

  /** `stored` is true although nothing was: there is nothing that they should send again. */
  #receivePing(supplier: SupplierAccess, headers: Headers, body: Buffer): Result {
    const { verdict } = supplier.adapter.callback(headers, body, supplier.credentials)
    return this.#result(verdict === 'ping' ? 'ping' : 'forged', true)
  }

  async #understand(stored: UnreadCallback): Promise<'accepted' | 'forged' | 'parked'> {
    const supplier = this.#deps.supplierOf(stored.supplier)
    if (supplier === undefined) return 'parked'
    const claim = claimOf(supplier, stored)
    switch (claim.verdict) {
      case 'forged':
        return this.#judge(stored.id, 'forged', 'forged')
      case 'ping':
        return this.#judge(stored.id, 'parked', 'ping')
      case 'garbled':
        return this.#judge(stored.id, 'parked', `garbled: ${claim.why}`)
      case 'report': {
        const { callbacksSigned, recheck } = supplier.adapter.card
        if (callbacksSigned) return await this.#tell(stored, claim)
        if (recheck === 'read_only') {
          const { ref, reading } = claim
          return this.#hear(stored, { ref, theirId: reading.theirId ?? null, lane: null })
        }
        const { callbackIps = [] } = supplier
        if (comesFrom(callbackIps, stored.headers['x-real-ip'])) {
          return await this.#tell(stored, claim)
        }
        return this.#judge(stored.id, 'forged', 'forged: not from their address')
      }
      case 'hint':
        return this.#hear(stored, claim)
    }
  }

  #hear({ id, supplier }: UnreadCallback, hint: Hint): 'accepted' | 'parked' {
    const { hear } = this.#deps
    if (hear === undefined) return this.#judge(id, 'parked', 'nobody_asks')
    // No verdict: it will be read again.
    if (this.#hearing.size >= hearingMax) return 'parked'
    const asking = hear(supplier, hint)
      .then(heard => {
        if (heard !== 'later') this.#judge(id, heard, heard)
      })
      .catch(() => {})
      .finally(() => this.#hearing.delete(asking))
    this.#hearing.add(asking)
    return 'accepted'
  }

  async #tell(
    { id, supplier }: UnreadCallback,
    claim: Extract<Claim, { verdict: 'report' }>,
  ): Promise<'accepted' | 'parked'> {
    const { ref, sku, dest, reading } = claim
    const parsed = parseRef(ref)
    if (parsed === null) return this.#judge(id, 'parked', 'unknown_ref')
    const { order, n } = parsed
    const report = {
      ...reportOf(reading, { n, ms: 0, via: 'callback' }),
      supplier,
      order,
      sku,
      dest,
    }
    try {
      const told = await this.#deps.submit(ref, report)
      if (told === 'accepted') return this.#judge(id, 'accepted', 'accepted')
      return this.#judge(id, 'parked', told)
    } catch {
      // No verdict: it will be read again.
      return 'parked'
    }
  }

  #judge<V extends string>(id: number, verdict: V, note: string): V {
    this.#deps.inbox.judge({ id, verdict: note })
    return verdict
  }

  #result(verdict: Result['verdict'], stored: boolean): Result {
    this.#counts[verdict]++
    return { verdict, stored }
  }
}

type Headers = Readonly<Record<string, string>>

function claimOf(supplier: SupplierAccess, { headers, body }: UnreadCallback): Claim {
  try {
    return supplier.adapter.callback(headers, body, supplier.credentials)
  } catch {
    return { verdict: 'garbled', why: 'adapter_failed' }
  }
}

function lowerCased(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

function storable(
  { headers, body }: { readonly headers: Headers; readonly body: Buffer },
  secretHeaders: readonly string[],
): Headers {
  const open = Object.entries(headers).flatMap(([name, value]) => {
    if (value.length > headerLengthMax || secretHeader.test(name)) return []
    return [[name, secretHeaders.includes(name) ? keepable(value, body) : value] as const]
  })
  // Proofs first: they are what the callback stands on when it is read again.
  open.sort(([a], [b]) => Number(secretHeaders.includes(b)) - Number(secretHeaders.includes(a)))
  return Object.fromEntries(open.slice(0, headersMax))
}
