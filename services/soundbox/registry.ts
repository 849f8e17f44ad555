/**
 * Merchants, outlets, terminals and fee plans in memory: what a payment needs to know of them is
 * found without asking the database. Rows are read anew when any process changed them.
 *
 *   change of a merchant ─▶ read that merchant with all that is his ─▶ swap
 *   gap, or what concerns everybody ─▶ read everything
 *
 * SAA1. What another process changed is known here without a restart.
 * SAA2. Whoever changed something himself waits for `refresh`, and then finds it.
 * SAA3. A payer's terminal is found by its id, or by NMID and terminal label; by the NMID alone
 *       only where a merchant has just one static terminal.
 * SAA5. A merchant is also found by an NMID of before, unless that is somebody's now.
 * SAA6. An NMID that moved is its new merchant's, in whatever order both are read anew.
 * SAA4. The fee plan in force is the newest that has begun: the merchant's own, else the house's.
 */

import { planAt } from '../../actors/settlement/fee.ts'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import {
  type FeePlanRow,
  type FormerNmidRow,
  type HolidayRow,
  type MerchantRow,
  type OutletRow,
  type RegistryRows,
  readHolidays,
  readHousePlans,
  readMerchants,
  registryTable,
  type TerminalRow,
} from '../../sql/soundbox/soundbox.ts'
import type { HealthPart } from '../contract/live.ts'
import type { Millis } from '../contract/words.ts'

export type Merchant = MerchantRow & {
  readonly outlets: readonly OutletRow[]
  readonly terminals: readonly TerminalRow[]
  readonly plans: readonly FeePlanRow[]
  readonly formerNmids: readonly FormerNmidRow[]
}

type RegistryDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly changes: Pick<Changes, 'subscribe' | 'hearing'>
  readonly onError: (cause: unknown) => void
}

const pageOf = 2_000
const retryMs = 500
const firstId = '00000000-0000-0000-0000-000000000000'

export class Registry {
  readonly #deps: RegistryDeps
  #merchants = new Map<string, Merchant>()
  #outlets = new Map<string, OutletRow>()
  #terminals = new Map<string, TerminalRow>()
  #byNmid = new Map<string, string>()
  #byFormerNmid = new Map<string, string>()
  #byLabel = new Map<string, TerminalRow>()
  #house: readonly FeePlanRow[] = []
  #holidays: ReadonlyMap<string, HolidayRow> = new Map()
  /** What must be read again: these merchants, or everything. */
  #stale = new Set<string>()
  #allStale = false
  #reading: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  #unsubscribe = () => {}
  #stopped = false

  constructor(deps: RegistryDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#deps.changes.subscribe({
      change: ({ table, key }) => {
        if (table === registryTable) this.#forget(key)
      },
      gap: () => this.#forget(null),
    })
    this.#allStale = true
    await this.#read()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#unsubscribe()
    clearTimeout(this.#timer)
    await this.#reading
  }

  health(): HealthPart {
    const isFresh = this.#deps.changes.hearing() && !this.#allStale
    const reason = isFresh ? null : 'merchants are as they were: changes are not heard'
    return { name: 'soundbox registry', ok: isFresh, ms: 0, reason }
  }

  // -- what is known -------------------------------------------------------------------------

  merchant = (id: string): Merchant | undefined => this.#merchants.get(id)
  outlet = (id: string): OutletRow | undefined => this.#outlets.get(id)
  terminal = (id: string): TerminalRow | undefined => this.#terminals.get(id)
  merchants = (): Iterable<Merchant> => this.#merchants.values()

  get size(): { readonly merchants: number; readonly terminals: number } {
    return { merchants: this.#merchants.size, terminals: this.#terminals.size }
  }

  /** The terminal that a payer's QR names. */
  terminalAt(nmid: string | undefined, terminal: string | undefined): TerminalRow | undefined {
    const known = terminal === undefined ? undefined : this.#terminals.get(terminal)
    if (known !== undefined) {
      return nmid === undefined || this.ownerOf(nmid)?.id === known.merchantId ? known : undefined
    }
    const owner = this.ownerOf(nmid ?? '')
    if (owner === undefined) return undefined
    if (terminal !== undefined) return this.#byLabel.get(labelOf(owner.id, terminal))
    const statics = owner.terminals.filter(({ kind }) => kind === 'static')
    return statics.length === 1 ? statics[0] : undefined
  }

  /** Whose NMID this is; or was, where it is nobody's now. */
  ownerOf(nmid: string): Merchant | undefined {
    return this.#merchants.get(this.#byNmid.get(nmid) ?? this.#byFormerNmid.get(nmid) ?? '')
  }

  /** Null where nobody ever set one. */
  planOf(merchantId: string, at: Millis): FeePlanRow | null {
    const own = this.#merchants.get(merchantId)?.plans ?? []
    return planAt(own, at) ?? planAt(this.#house, at)
  }

  plans(merchantId: string | null): readonly FeePlanRow[] {
    return merchantId === null ? this.#house : (this.#merchants.get(merchantId)?.plans ?? [])
  }

  isHoliday = (day: string): boolean => this.#holidays.has(day)
  holidays = (): readonly HolidayRow[] => [...this.#holidays.values()]

  // -- reading -------------------------------------------------------------------------------

  /** Resolves when what was in the tables before this call is known here. */
  async refresh(merchantId: string | null): Promise<void> {
    await this.#reading
    this.#forget(merchantId)
    await this.#read()
  }

  #forget(merchantId: string | null): void {
    if (merchantId === null) this.#allStale = true
    else this.#stale.add(merchantId)
    if (this.#reading === null) void this.#read()
  }

  #read(): Promise<void> {
    if (!this.#allStale && this.#stale.size === 0) return this.#reading ?? Promise.resolve()
    this.#reading ??= this.#readAll()
    return this.#reading
  }

  async #readAll(): Promise<void> {
    while ((this.#allStale || this.#stale.size > 0) && !this.#stopped) {
      const isAll = this.#allStale
      const ids = [...this.#stale]
      this.#allStale = false
      this.#stale = new Set()
      try {
        if (isAll) await this.#everything()
        else this.#take(await readMerchants(this.#deps.db.pool, { ids }), ids)
      } catch (cause) {
        this.#allStale ||= isAll
        for (const id of ids) this.#stale.add(id)
        this.#deps.onError(cause)
        clearTimeout(this.#timer)
        if (!this.#stopped) this.#timer = setTimeout(() => void this.#read(), retryMs).unref()
        break
      }
    }
    // In the same breath as the last look, so that no change comes unseen in between.
    this.#reading = null
  }

  async #everything(): Promise<void> {
    const { pool } = this.#deps.db
    const [house, holidays] = await Promise.all([readHousePlans(pool), readHolidays(pool)])
    const known = new Set(this.#merchants.keys())
    let after = firstId
    for (;;) {
      const rows = await readMerchants(pool, { after, limit: pageOf })
      for (const { id } of rows.merchants) known.delete(id)
      this.#take(rows, [])
      if (rows.merchants.length < pageOf) break
      after = rows.merchants.at(-1)!.id
    }
    for (const id of known) this.#drop(id)
    this.#house = house
    this.#holidays = new Map(holidays.map(row => [row.day, row]))
  }

  #take(rows: RegistryRows, asked: readonly string[]): void {
    const outlets = Map.groupBy(rows.outlets, row => row.merchantId)
    const terminals = Map.groupBy(rows.terminals, row => row.merchantId)
    const plans = Map.groupBy(rows.plans, row => row.merchantId)
    const formerNmids = Map.groupBy(rows.formerNmids, row => row.merchantId)
    for (const id of asked) this.#drop(id)
    for (const row of rows.merchants) {
      this.#drop(row.id)
      const merchant = {
        ...row,
        outlets: outlets.get(row.id) ?? [],
        terminals: terminals.get(row.id) ?? [],
        plans: plans.get(row.id) ?? [],
        formerNmids: formerNmids.get(row.id) ?? [],
      }
      this.#merchants.set(row.id, merchant)
      this.#byNmid.set(row.nmid, row.id)
      for (const { nmid } of merchant.formerNmids) this.#byFormerNmid.set(nmid, row.id)
      for (const outlet of merchant.outlets) this.#outlets.set(outlet.id, outlet)
      for (const terminal of merchant.terminals) {
        this.#terminals.set(terminal.id, terminal)
        this.#byLabel.set(labelOf(row.id, terminal.tid), terminal)
      }
    }
  }

  #drop(id: string): void {
    const known = this.#merchants.get(id)
    if (known === undefined) return
    this.#merchants.delete(id)
    deleteOwn(this.#byNmid, known.nmid, id)
    for (const { nmid } of known.formerNmids) deleteOwn(this.#byFormerNmid, nmid, id)
    for (const outlet of known.outlets) this.#outlets.delete(outlet.id)
    for (const { id, tid } of known.terminals) {
      this.#terminals.delete(id)
      this.#byLabel.delete(labelOf(known.id, tid))
    }
  }
}

/** What somebody else has by now stays his. */
function deleteOwn(index: Map<string, string>, nmid: string, owner: string): void {
  if (index.get(nmid) === owner) index.delete(nmid)
}

/** What a QR says of a terminal, with its merchant. */
const labelOf = (merchantId: string, tid: string): string => `${merchantId} ${tid}`
