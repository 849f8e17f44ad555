/**
 * The registry changed by its keepers: merchants, outlets, terminals, fee plans, bank holidays.
 * What is answered is in the registry of this process, and soon in every other.
 *
 *   change ─▶ lock merchant, check, write (signed, with history) ─▶ registry.refresh ─▶ answer
 *
 * SAD1. A merchant is written only if a QR can be built of what is told; what is wrong is named.
 * SAD2. Of two who change the same version, one is refused; who names none changes the newest.
 * SAD3. A status changes only as the table of a merchant's life says, decided inside the write.
 * SAD4. An account number is sealed, and shown by its last digits.
 * SAD5. Fee plans are added, never changed: what was in force at any time can be told for ever.
 * SAD6. An NMID may change while QRs of the old one hang: it stays its merchant's, who is found by
 *       it as before, and nobody else gets it. Of who never traded nothing is kept. One that was a
 *       slip can be released, and is nobody's then.
 * SAD7. The same request again makes nothing more: it is answered with what it made.
 * SAD8. Lists are told page by page, and say that there is more.
 * SAD9. What a QR of ours prints is ASCII, as EMVCo has it: phones that count bytes, and those that
 *       count characters, read the same. Other letters of a shop's name are written with those.
 * SAD10. A merchant's fields are one line each: a bank's file has a line for each transfer.
 */

import { randomInt } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import { z } from 'zod/v4'
import { step } from '../../actors/merchant/life.ts'
import { type FeePlan, wrongIn } from '../../actors/settlement/fee.ts'
import { isId, makeId, shardOf } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import {
  addFeePlan,
  addMerchant,
  addOutlet,
  addTerminal,
  changeMerchant,
  changeOutlet,
  changeTerminal,
  type FeePlanRow,
  type FormerNmidRow,
  listMerchants,
  lockMerchant,
  type MerchantRow,
  noteMade,
  type OutletRow,
  putHoliday,
  readHistory,
  readMerchants,
  releaseNmid,
  removeHoliday,
  setMerchantStatus,
  type TerminalRow,
} from '../../sql/soundbox/soundbox.ts'
import { asWriter } from '../../sql/topup/catalogue-admin.ts'
import type { Refused } from '../contract/answer.ts'
import type {
  FeePlanView,
  MerchantActions,
  MerchantFields,
  MerchantView,
  OutletView,
  TerminalView,
} from '../contract/soundbox.ts'
import { freshKey } from '../fresh-key.ts'
import { refuse } from '../refusal.ts'
import type { Seal } from '../seal.ts'
import { isLanguage, wrongWith } from '../speech/speech.ts'
import type { Registry } from './registry.ts'
import { staticQr } from './terminal-qr.ts'

type MerchantDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'open' | 'close'>
  readonly registry: Registry
  readonly shards: number
  readonly now: () => number
}

type Params<A extends keyof MerchantActions> = MerchantActions[A]['params']
type Result<A extends keyof MerchantActions> = Promise<MerchantActions[A]['result']>

const outletsMax = 500
const terminalsMax = 2_000
const plansMax = 200
const settleDaysMax = 30
const listMax = 2_000
const dayShape = /^\d{4}-\d{2}-\d{2}$/
const nmidShape = /^ID\d{13}$/
const tidShape = /^[A-Za-z0-9._-]{1,25}$/

const accountPurpose = (merchantId: string): string => `merchant-account:${merchantId}`

/** Thrown inside a write: nothing of it stays. */
class Undone extends Error {
  readonly answer: Refused
  constructor(answer: Refused) {
    super(answer.refused)
    this.answer = answer
  }
}

export function merchantService(deps: MerchantDeps): ServiceSchema {
  const { db, seal, registry, shards, now } = deps
  const { pool } = db

  const viewOf = (row: MerchantRow): MerchantView =>
    merchantView(row, registry.merchant(row.id)?.formerNmids ?? [])
  const view = (id: string): MerchantView => viewOf(registry.merchant(id)!)

  async function write<T>(
    by: string,
    merchantId: string | null,
    work: (tx: Parameters<typeof addMerchant>[0]) => Promise<T>,
  ): Promise<{ readonly done: T } | Refused> {
    try {
      const done = await asWriter(pool, by, tx => work(tx))
      await registry.refresh(merchantId)
      return { done }
    } catch (cause) {
      if (cause instanceof Undone) return cause.answer
      if (isDuplicate(cause)) return refuse('ALREADY_EXISTS', { fields: ['nmid'] })
      throw cause
    }
  }

  async function create(params: Params<'merchant.create'>): Result<'merchant.create'> {
    const { by, request, fields } = params
    const id = makeId(now(), randomInt(shards), freshKey())
    const full: MerchantFields = { ...usual(fields.name), ...given(fields) }
    const problems = problemsOf(full, full)
    if (problems.length > 0) return refuse('FIELDS_INVALID', { problems })
    const written = await write(by, id, async tx => {
      const made = await madeFor(tx, request, id)
      if (made !== id) return made
      const row = await addMerchant(tx, { id, by, ...rowOf(full, id, null) })
      if (row === null) throw new Undone(refuse('ALREADY_EXISTS', { fields: ['nmid'] }))
      return id
    })
    if (!('done' in written)) return written
    if (written.done !== id) await registry.refresh(written.done)
    return { ok: view(written.done) }
  }

  /** The account's number among the columns: sealed, or as it was. */
  function rowOf(fields: MerchantFields, id: string, was: MerchantRow | null) {
    const { accountNumber, ...rest } = fields
    const isSame = accountNumber === ''
    return {
      ...rest,
      accountNumber: isSame
        ? (was?.accountNumber ?? null)
        : seal.close(accountNumber, accountPurpose(id)),
      accountHint: isSame ? (was?.accountHint ?? '') : `••••${accountNumber.slice(-4)}`,
    }
  }

  async function change(params: Params<'merchant.change'>): Result<'merchant.change'> {
    const { merchantId, version, by, fields } = params
    if (!isId(merchantId)) return refuse('NOT_FOUND')
    const written = await write(by, merchantId, async tx => {
      const row = await lockMerchant(tx, merchantId)
      if (row === null) throw new Undone(refuse('NOT_FOUND'))
      if (version !== undefined && version !== row.version) {
        throw new Undone(refuse('STALE_VERSION', { version: row.version }))
      }
      const full: MerchantFields = { ...fieldsOf(row), ...given(fields) }
      const problems = problemsOf(full, given(fields))
      if (problems.length > 0) throw new Undone(refuse('FIELDS_INVALID', { problems }))
      await changeMerchant(tx, { id: merchantId, ...rowOf(full, merchantId, row) })
    })
    return 'done' in written ? { ok: view(merchantId) } : written
  }

  async function release(params: Params<'merchant.releaseNmid'>): Result<'merchant.releaseNmid'> {
    const { merchantId, nmid, by } = params
    if (!isId(merchantId)) return refuse('NOT_FOUND')
    const written = await write(by, merchantId, async tx => {
      const row = await lockMerchant(tx, merchantId)
      const isFormer = row !== null && (await releaseNmid(tx, { id: merchantId, nmid }))
      if (!isFormer) throw new Undone(refuse('NOT_FOUND'))
    })
    return 'done' in written ? { ok: view(merchantId) } : written
  }

  async function judge(params: Params<'merchant.judge'>): Result<'merchant.judge'> {
    const { merchantId, verb, reason, by, role } = params
    if (!isId(merchantId)) return refuse('NOT_FOUND')
    const written = await write(by, merchantId, async tx => {
      const row = await lockMerchant(tx, merchantId)
      if (row === null) throw new Undone(refuse('NOT_FOUND'))
      const taken = step(row.status, verb, role)
      if ('refused' in taken) throw new Undone(refuse(taken.refused, { status: row.status }))
      if (taken.changed) await setMerchantStatus(tx, { id: merchantId, status: taken.to, reason })
    })
    return 'done' in written ? { ok: view(merchantId) } : written
  }

  async function list(params: Params<'merchant.list'>): Result<'merchant.list'> {
    const { status, q, cursor, limit } = params
    if (cursor !== undefined && !isId(cursor)) return refuse('NOT_FOUND')
    const found = await listMerchants(pool, {
      ...{ status: status ?? null, q: q ?? null, before: cursor ?? null, limit: limit + 1 },
    })
    const rows = found.slice(0, limit).map(viewOf)
    return { ok: { rows, next: found.length > limit ? rows.at(-1)!.merchantId : null } }
  }

  async function get({ merchantId }: Params<'merchant.get'>): Result<'merchant.get'> {
    const known = registry.merchant(merchantId)
    return known === undefined ? refuse('NOT_FOUND') : { ok: viewOf(known) }
  }

  async function account({ merchantId }: Params<'merchant.account'>): Result<'merchant.account'> {
    const known = registry.merchant(merchantId)
    if (known === undefined) return refuse('NOT_FOUND')
    const { bankCode, accountName, accountNumber } = known
    const opened =
      accountNumber === null ? '' : seal.open(accountNumber, accountPurpose(merchantId))
    return { ok: { bankCode, accountName, accountNumber: opened } }
  }

  // -- outlets and terminals -------------------------------------------------------------------

  const terminalView = (row: TerminalRow): TerminalView => {
    const merchant = registry.merchant(row.merchantId)!
    const made = row.kind === 'static' ? staticQr(merchant, row.tid) : null
    return {
      terminalId: row.id,
      merchantId: row.merchantId,
      outletId: row.outletId,
      label: row.label,
      kind: row.kind,
      tid: row.tid,
      nmid: merchant.nmid,
      qr: made !== null && 'qr' in made ? made.qr : null,
      active: row.active,
      version: row.version,
      createdAt: Math.round(row.createdMs),
    }
  }

  async function outlets(params: Params<'merchant.outlets'>): Result<'merchant.outlets'> {
    const { merchantId } = params
    const known = merchantId === undefined ? null : registry.merchant(merchantId)
    if (known === undefined) return refuse('NOT_FOUND')
    const whose = known === null ? registry.merchants() : [known]
    const { rows, next } = pageOf(
      [...whose].flatMap(one => one.outlets),
      params,
    )
    return { ok: { rows: rows.map(outletView), next } }
  }

  async function addOne(params: Params<'merchant.addOutlet'>): Result<'merchant.addOutlet'> {
    const { merchantId, name, address, city, by, request } = params
    if (!isId(merchantId)) return refuse('NOT_FOUND')
    const id = makeId(now(), shardOf(merchantId), freshKey())
    const written = await write(by, merchantId, async tx => {
      const file = await locked(tx, merchantId)
      const made = await madeFor(tx, request, id)
      if (made !== id) return made
      if (file.outlets.length >= outletsMax) throw new Undone(refuse('REGISTRY_LIMIT'))
      await addOutlet(tx, { id, merchantId, name, address, city, by })
      return id
    })
    return 'done' in written ? { ok: outletView(registry.outlet(written.done)!) } : written
  }

  async function changeOne(
    params: Params<'merchant.changeOutlet'>,
  ): Result<'merchant.changeOutlet'> {
    const { outletId, version, by, fields } = params
    const known = registry.outlet(outletId)
    if (known === undefined) return refuse('NOT_FOUND')
    const written = await write(by, known.merchantId, async tx => {
      const file = await locked(tx, known.merchantId)
      const row = versioned(file.outlets, outletId, version)
      const { name, address, city, active } = { ...row, ...given(fields) }
      await changeOutlet(tx, { id: outletId, name, address, city, active })
    })
    return 'done' in written ? { ok: outletView(registry.outlet(outletId)!) } : written
  }

  async function terminals(params: Params<'merchant.terminals'>): Result<'merchant.terminals'> {
    const { merchantId, outletId } = params
    const owner = merchantId ?? registry.outlet(outletId ?? '')?.merchantId
    const isAll = merchantId === undefined && outletId === undefined
    const known = isAll ? null : registry.merchant(owner ?? '')
    if (known === undefined) return refuse('NOT_FOUND')
    const all = [...(known === null ? registry.merchants() : [known])].flatMap(one => one.terminals)
    const asked = outletId === undefined ? all : all.filter(row => row.outletId === outletId)
    const { rows, next } = pageOf(asked, params)
    return { ok: { rows: rows.map(terminalView), next } }
  }

  async function terminal({
    terminalId,
  }: Params<'merchant.terminal'>): Result<'merchant.terminal'> {
    const known = registry.terminal(terminalId)
    return known === undefined ? refuse('NOT_FOUND') : { ok: terminalView(known) }
  }

  async function addBox(params: Params<'merchant.addTerminal'>): Result<'merchant.addTerminal'> {
    const { outletId, label, kind, by, request } = params
    const outlet = registry.outlet(outletId)
    if (outlet === undefined) return refuse('NOT_FOUND')
    const { merchantId } = outlet
    if (params.tid !== undefined && !tidShape.test(params.tid)) {
      return refuse('FIELDS_INVALID', { problems: ['tid'] })
    }
    const id = makeId(now(), shardOf(merchantId), freshKey())
    const written = await write(by, merchantId, async tx => {
      const file = await locked(tx, merchantId)
      const made = await madeFor(tx, request, id)
      if (made !== id) return made
      if (file.terminals.length >= terminalsMax) throw new Undone(refuse('REGISTRY_LIMIT'))
      const tid = params.tid ?? freeTid(file.terminals)
      const isAdded = await addTerminal(tx, { id, merchantId, outletId, label, kind, tid, by })
      if (!isAdded) throw new Undone(refuse('ALREADY_EXISTS', { fields: ['tid'] }))
      return id
    })
    return 'done' in written ? { ok: terminalView(registry.terminal(written.done)!) } : written
  }

  async function changeBox(
    params: Params<'merchant.changeTerminal'>,
  ): Result<'merchant.changeTerminal'> {
    const { terminalId, version, by, fields } = params
    const known = registry.terminal(terminalId)
    if (known === undefined) return refuse('NOT_FOUND')
    const written = await write(by, known.merchantId, async tx => {
      const file = await locked(tx, known.merchantId)
      const row = versioned(file.terminals, terminalId, version)
      const { label, active } = { ...row, ...given(fields) }
      await changeTerminal(tx, { id: terminalId, label, active })
    })
    return 'done' in written ? { ok: terminalView(registry.terminal(terminalId)!) } : written
  }

  // -- fees, holidays, history -----------------------------------------------------------------

  async function fees({ merchantId }: Params<'merchant.fees'>): Result<'merchant.fees'> {
    if (merchantId !== null && registry.merchant(merchantId) === undefined) {
      return refuse('NOT_FOUND')
    }
    return { ok: { rows: registry.plans(merchantId).map(feeView) } }
  }

  async function addFee(params: Params<'merchant.addFee'>): Result<'merchant.addFee'> {
    const { merchantId, effectiveFrom, plan, by } = params
    if (merchantId !== null && registry.merchant(merchantId) === undefined) {
      return refuse('NOT_FOUND')
    }
    const problems = feeProblems(plan)
    if (problems.length > 0) return refuse('FIELDS_INVALID', { problems })
    if (registry.plans(merchantId).length >= plansMax) return refuse('REGISTRY_LIMIT')
    const written = await write(by, merchantId, tx =>
      addFeePlan(tx, { merchantId, effectiveMs: effectiveFrom, plan, by }),
    )
    return 'done' in written ? { ok: { rows: registry.plans(merchantId).map(feeView) } } : written
  }

  async function history(params: Params<'merchant.history'>): Result<'merchant.history'> {
    const { entity, id, limit } = params
    const rows = await readHistory(pool, { entity, key: id, limit })
    return {
      ok: {
        rows: rows.map(({ atMs, who, before, after }) => ({
          ...{ at: Math.round(atMs), who, before, after },
        })),
      },
    }
  }

  async function addHoliday(params: Params<'merchant.putHoliday'>): Result<'merchant.putHoliday'> {
    const { day, name, by } = params
    if (!isDay(day)) return refuse('TIME_INVALID')
    const written = await write(by, null, tx => putHoliday(tx, { day, name }))
    return 'done' in written ? { ok: null } : written
  }

  async function dropHoliday(
    params: Params<'merchant.removeHoliday'>,
  ): Result<'merchant.removeHoliday'> {
    const { day, by } = params
    if (!isDay(day)) return refuse('TIME_INVALID')
    const written = await write(by, null, async tx => {
      if (!(await removeHoliday(tx, day))) throw new Undone(refuse('NOT_FOUND'))
    })
    return 'done' in written ? { ok: null } : written
  }

  return {
    name: 'merchant',
    actions: {
      create: (ctx: Context<Params<'merchant.create'>>) => create(ctx.params),
      list: (ctx: Context<Params<'merchant.list'>>) => list(ctx.params),
      get: (ctx: Context<Params<'merchant.get'>>) => get(ctx.params),
      change: (ctx: Context<Params<'merchant.change'>>) => change(ctx.params),
      releaseNmid: (ctx: Context<Params<'merchant.releaseNmid'>>) => release(ctx.params),
      judge: (ctx: Context<Params<'merchant.judge'>>) => judge(ctx.params),
      account: (ctx: Context<Params<'merchant.account'>>) => account(ctx.params),
      outlets: (ctx: Context<Params<'merchant.outlets'>>) => outlets(ctx.params),
      addOutlet: (ctx: Context<Params<'merchant.addOutlet'>>) => addOne(ctx.params),
      changeOutlet: (ctx: Context<Params<'merchant.changeOutlet'>>) => changeOne(ctx.params),
      terminals: (ctx: Context<Params<'merchant.terminals'>>) => terminals(ctx.params),
      terminal: (ctx: Context<Params<'merchant.terminal'>>) => terminal(ctx.params),
      addTerminal: (ctx: Context<Params<'merchant.addTerminal'>>) => addBox(ctx.params),
      changeTerminal: (ctx: Context<Params<'merchant.changeTerminal'>>) => changeBox(ctx.params),
      fees: (ctx: Context<Params<'merchant.fees'>>) => fees(ctx.params),
      addFee: (ctx: Context<Params<'merchant.addFee'>>) => addFee(ctx.params),
      history: (ctx: Context<Params<'merchant.history'>>) => history(ctx.params),
      holidays: async () => ({ ok: { rows: registry.holidays() } }),
      putHoliday: (ctx: Context<Params<'merchant.putHoliday'>>) => addHoliday(ctx.params),
      removeHoliday: (ctx: Context<Params<'merchant.removeHoliday'>>) => dropHoliday(ctx.params),
    },
  }
}

type Tx = Parameters<typeof addMerchant>[0]

/** In the order in which they were made; `cursor`: the last that was told. */
function pageOf<Row extends { readonly id: string }>(
  all: readonly Row[],
  { cursor = '', limit = listMax }: { readonly cursor?: string; readonly limit?: number },
): { readonly rows: readonly Row[]; readonly next: string | null } {
  const later = all.filter(({ id }) => id > cursor).sort((one, two) => (one.id < two.id ? -1 : 1))
  const rows = later.slice(0, limit)
  return { rows, next: later.length > limit ? rows.at(-1)!.id : null }
}

/** What the request made before; or the id of what it makes now. */
const madeFor = async (tx: Tx, request: string | undefined, id: string): Promise<string> =>
  request === undefined ? id : await noteMade(tx, { request, made: id })

/** The merchant's file as it is now, locked so that nobody adds to it meanwhile. */
async function locked(tx: Tx, merchantId: string) {
  if ((await lockMerchant(tx, merchantId)) === null) throw new Undone(refuse('NOT_FOUND'))
  return await readMerchants(tx, { ids: [merchantId] })
}

function versioned<Row extends { readonly id: string; readonly version: number }>(
  rows: readonly Row[],
  id: string,
  version: number | undefined,
): Row {
  const row = rows.find(one => one.id === id)
  if (row === undefined) throw new Undone(refuse('NOT_FOUND'))
  if (version !== undefined && version !== row.version) {
    throw new Undone(refuse('STALE_VERSION', { version: row.version }))
  }
  return row
}

/** Without what was not said. */
const given = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<T>

/** A shop of the smallest size in Jakarta, until somebody says more. */
function usual(name: string): MerchantFields {
  return {
    name,
    qrName: asciiOf(name).slice(0, 25).trim(),
    city: 'JAKARTA',
    postalCode: '10110',
    mcc: '5499',
    criteria: 'UMI',
    nmid: `ID${String(randomInt(10 ** 12)).padStart(13, '1')}`,
    email: '',
    phone: '',
    settleDays: 1,
    bankCode: '',
    accountName: '',
    accountNumber: '',
    template: '',
    lang: 'id',
  }
}

/** Without accents, and without what ASCII has nothing for. */
const asciiOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[‘’‛`´]/g, "'")
    .replace(/[“”„]/g, '"')
    .replace(/\p{Pd}/gu, '-')
    .replace(/[^\x20-\x7e]/g, ' ')
    .replace(/ +/g, ' ')
    .trim()

const printed = ['qrName', 'city', 'postalCode'] as const
const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)
const isOneLine = (text: string): boolean => !/[\p{Cc}\u2028\u2029]/u.test(text)

/** `told`: what is new of it; what stood there before is not judged by newer rules. */
function problemsOf(fields: MerchantFields, told: Partial<MerchantFields>): string[] {
  const problems: string[] = Object.entries(told)
    .filter(([, value]) => typeof value === 'string' && !isOneLine(value))
    .map(([name]) => name)
  for (const name of printed) {
    if (!isAscii(told[name] ?? '') && !problems.includes(name)) problems.push(name)
  }
  if (!nmidShape.test(fields.nmid)) problems.push('nmid')
  const days = fields.settleDays
  if (!Number.isInteger(days) || days < 0 || days > settleDaysMax) problems.push('settleDays')
  if (fields.accountNumber !== '' && !/^\d{5,20}$/.test(fields.accountNumber)) {
    problems.push('accountNumber')
  }
  if (fields.template !== '' && wrongWith(fields.template) !== undefined) problems.push('template')
  if (!isLanguage(fields.lang)) problems.push('lang')
  if (problems.length > 0) return problems
  const built = staticQr(fields, 'T000')
  return 'qr' in built
    ? []
    : built.problems.map(told => ofTag[told.slice(0, told.indexOf(':'))] ?? `qr ${told}`)
}

/** Which field it is that a QR can not take. */
const ofTag: Readonly<Record<string, string>> = {
  ...{ 52: 'mcc', 59: 'qrName', 60: 'city', 61: 'postalCode' },
}

/** What came from outside, as a plan; or why it is none. */
function feeProblems(plan: unknown): string[] {
  const told = planShape.safeParse(plan)
  if (!told.success) return told.error.issues.map(({ path, code }) => `${path.join('.')} ${code}`)
  const wrong = wrongIn(told.data as FeePlan)
  return wrong === undefined ? [] : [wrong]
}

const rateShape = { bps: z.number(), fixed: z.number() }
const planShape = z.strictObject({
  ...rateShape,
  rounding: z.string(),
  least: z.number().optional(),
  most: z.number().optional(),
  tiers: z
    .array(z.strictObject({ from: z.number(), ...rateShape }))
    .max(20)
    .optional(),
})

function freeTid(terminals: readonly TerminalRow[]): string {
  const taken = new Set(terminals.map(({ tid }) => tid))
  for (let n = terminals.length + 1; ; n++) {
    const tid = `T${String(n).padStart(3, '0')}`
    if (!taken.has(tid)) return tid
  }
}

function fieldsOf(row: MerchantRow): MerchantFields {
  const { name, qrName, city, postalCode, mcc, nmid, email, phone, settleDays } = row
  const { bankCode, accountName, template, lang } = row
  const criteria = row.criteria as MerchantFields['criteria']
  const place = { name, qrName, city, postalCode, mcc, criteria, nmid, email, phone, settleDays }
  return { ...place, bankCode, accountName, accountNumber: '', template, lang }
}

function merchantView(row: MerchantRow, former: readonly FormerNmidRow[]): MerchantView {
  const { accountNumber: _, ...fields } = fieldsOf(row)
  return {
    merchantId: row.id,
    ...fields,
    status: row.status,
    statusReason: row.statusReason,
    accountHint: row.accountHint,
    formerNmids: former.map(({ nmid, fromMs, untilMs }) => ({
      ...{ nmid, fromAt: Math.round(fromMs), untilAt: Math.round(untilMs) },
    })),
    version: row.version,
    createdBy: row.createdBy,
    createdAt: Math.round(row.createdMs),
    updatedAt: Math.round(row.updatedMs),
  }
}

const outletView = ({ id, createdMs, ...row }: OutletRow): OutletView => ({
  outletId: id,
  ...row,
  createdAt: Math.round(createdMs),
})

const feeView = ({ effectiveMs, createdMs, plan, ...row }: FeePlanRow): FeePlanView => ({
  ...row,
  plan: plan as FeePlanView['plan'],
  effectiveFrom: Math.round(effectiveMs),
  createdAt: Math.round(createdMs),
})

/** The thirtieth of February is read as a day in March, so it must come back as it was. */
function isDay(day: string): boolean {
  const ms = dayShape.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day)
}

/** What the database says, however it is wrapped. */
function isDuplicate(cause: unknown): boolean {
  for (let at = cause; at instanceof Error; at = at.cause) {
    if ('code' in at && at.code === '23505') return true
  }
  return false
}
