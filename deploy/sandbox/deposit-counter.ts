/**
 * Where a payment gateway keeps what it was asked to collect: deposits that wait for a payer, what
 * was paid for each, and what the merchant's side was told. It knows no wire; a party gives it the
 * words (Atlantic, RumahOTP) and keeps what is peculiar to itself.
 *
 *   create ─▶ pending ──paid──▶ processing ──(day after | instant)──▶ success
 *                └──▶ expired | cancel ──paid late──▶ success
 *
 * XDA1. A deposit exists from the moment of its creation, whatever became of the reply; a mishap
 *       before it leaves none.
 * XDA2. What was paid is the truth: late, twice or in another amount, the deposit says so.
 * XDA3. Every payment and every change is called back as often, as early or as late as the faults
 *       say; the callback is a hint and carries no proof of its own.
 * XDA4. It is drawn at once for a fee one time, while it is processing.
 * XDA5. The book is bounded; the QR in it can be scanned.
 */

import { z } from 'zod/v4'
import type { PartyClock } from './clock.ts'
import { type Befallen, type FaultBox, isBeforeSale } from './faults.ts'
import type { Answer, World } from './party.ts'
import { checkSum } from './qr.ts'
import { json, type Reply } from './reply.ts'

export type DepositStatus = 'pending' | 'processing' | 'success' | 'expired' | 'cancel'

export type Deposit = {
  readonly n: number
  readonly deposit_id: string
  /** The client's own word, where the gateway takes one. */
  readonly reference: string
  readonly account: string
  readonly method: string
  /** What the payer is asked for. */
  readonly amount: number
  readonly fee: number
  readonly received: number
  /** On top of what was wished for, so that it is told apart at the bank. */
  readonly unique: number
  readonly qr_string: string | null
  readonly createdAt: number
  readonly expiresAt: number
  status: Exclude<DepositStatus, 'expired'>
  /** What payers paid, one after the other. */
  readonly paid: number[]
  /** What drawing it at once cost. */
  drawn: number | null
  /** HTTP statuses that callbacks about it were answered with; 0 is a broken line. */
  readonly answers: number[]
  /** How often its state was asked for. */
  asked: number
}

export type NewDeposit = Pick<
  Deposit,
  'reference' | 'account' | 'method' | 'amount' | 'fee' | 'received' | 'unique'
> & { readonly lifeMs: number; readonly hasQr: boolean }

type Words = {
  readonly idOf: (n: number) => string
  /** Null where nobody is called back. */
  readonly callback: (deposit: Deposit) => {
    readonly url: string
    readonly headers: Record<string, string>
    readonly body: string
  } | null
  /** It became the client's money. */
  readonly credited: (deposit: Deposit, rupiah: number) => void
}

type CounterDeps = {
  readonly name: string
  readonly world: World
  readonly clock: PartyClock
  readonly faults: FaultBox
  readonly words: Words
}

type Said = { readonly status: number; readonly body: string }

const paySchema = z
  .object({
    deposit_id: z.string().max(64).optional(),
    qr_string: z.string().max(1_024).optional(),
    /** Another amount than the one that was asked for. */
    amount: z.int().positive().max(9_999_999_999).optional(),
    /** How often the callback tells it. */
    times: z.int().min(0).max(20).default(1),
    /** Also when its time is over, as a transfer that was under way. */
    late: z.boolean().default(false),
    /** Paid, but not yet settled: until it is drawn, or so many seconds are over. */
    processing: z.boolean().default(false),
    settle_seconds: z.number().min(0).default(86_400),
  })
  .refine(wish => (wish.deposit_id === undefined) !== (wish.qr_string === undefined), {
    message: 'give either deposit_id or qr_string',
  })

const depositsMax = 100_000
const answersMax = 30
const firstCallbackMsMax = 1_000

export class DepositCounter {
  readonly #deps: CounterDeps
  readonly #byId = new Map<string, Deposit>()
  readonly #counts = new Map<string, number>()

  constructor(deps: CounterDeps) {
    this.#deps = deps
  }

  get(id: string): Deposit | undefined {
    return this.#byId.get(id)
  }

  /** As it stands at this moment: what nobody paid in time has expired. */
  statusOf(deposit: Deposit): DepositStatus {
    const isOver = this.#deps.clock.now() >= deposit.expiresAt
    return deposit.status === 'pending' && isOver ? 'expired' : deposit.status
  }

  open(account: string): number {
    return [...this.#byId.values()].filter(
      one => one.account === account && this.statusOf(one) === 'pending',
    ).length
  }

  byReference(account: string, reference: string): Deposit | undefined {
    return [...this.#byId.values()].find(
      one => one.account === account && one.reference === reference,
    )
  }

  reset(): void {
    this.#byId.clear()
    this.#counts.clear()
  }

  /** Makes one, unless a mishap comes first, and answers with what `say` makes of it. */
  create(reply: Reply, wish: NewDeposit | string, say: (made: Deposit | string) => Said): void {
    const { faults } = this.#deps
    const dice = this.#dice('deposit')
    const mishap = faults.mishap(dice, 'deposit')
    const isMade = typeof wish !== 'string' && !isBeforeSale(mishap)
    const made = isMade ? this.#make(wish) : typeof wish === 'string' ? wish : 'nothing'
    const answer = () => this.#deliver(reply, { dice, mishap, ...say(made) })
    if (typeof made === 'string' || !faults.callsBackFirst(dice)) {
      answer()
      return
    }
    let isAnswered = false
    const once = () => {
      if (!isAnswered) answer()
      isAnswered = true
    }
    this.#deps.world.delays.in(firstCallbackMsMax, once)
    this.#tell(made, 1, once)
  }

  /** Any other call; `act` happens unless a mishap comes first. */
  answer(reply: Reply, kind: Befallen, act: () => Said): void {
    const dice = this.#dice(kind)
    const mishap = this.#deps.faults.mishap(dice, kind)
    const said = isBeforeSale(mishap) ? { status: 200, body: '' } : act()
    this.#deliver(reply, { dice, mishap, ...said })
  }

  /** Whether numbers come as text this time. */
  isText(kind: Befallen): boolean {
    return this.#deps.faults.hasWrongTypes(this.#dice(`${kind} types`))
  }

  cancel(deposit: Deposit): boolean {
    if (this.statusOf(deposit) !== 'pending') return false
    deposit.status = 'cancel'
    return true
  }

  /** What is left after the fee, now and not tomorrow. False when there is nothing to draw. */
  draw(deposit: Deposit, fee: number): boolean {
    if (deposit.status !== 'processing') return false
    deposit.status = 'success'
    deposit.drawn = fee
    this.#deps.words.credited(deposit, deposit.received - fee)
    this.#tell(deposit, 1)
    return true
  }

  isOurs(wish: Readonly<Record<string, unknown>>): boolean {
    return this.#meant(wish['deposit_id'], wish['qr_string']) !== undefined
  }

  pay(wish: unknown): Answer<unknown> {
    const parsed = paySchema.safeParse(wish)
    if (!parsed.success) return { wrong: z.prettifyError(parsed.error) }
    const { deposit_id, qr_string, late, times, ...how } = parsed.data
    const deposit = this.#meant(deposit_id, qr_string)
    if (deposit === undefined) return { wrong: `There is no such deposit at ${this.#deps.name}.` }
    const status = this.statusOf(deposit)
    if (!late && (status === 'expired' || status === 'cancel')) {
      return { wrong: `This deposit is ${status}; a payer can do so only with "late": true.` }
    }
    const first = deposit.paid.length === 0
    deposit.paid.push(how.amount ?? deposit.amount)
    const { faults, clock } = this.#deps
    const outcome = faults.outcome(faults.purchaseDice(deposit.deposit_id, deposit.paid.length))
    const settlesInS =
      outcome.end === 'pending' ? outcome.seconds : how.processing ? how.settle_seconds : 0
    if (first && settlesInS > 0) {
      deposit.status = 'processing'
      clock.agenda.in(settlesInS * 1_000, () => {
        if (deposit.status === 'processing') this.#settle(deposit)
      })
      this.#tell(deposit, times)
    } else if (first || deposit.status === 'success') {
      this.#settle(deposit, times)
    } else {
      this.#tell(deposit, times)
    }
    return { ok: this.rowOf(deposit) }
  }

  rows(options: {
    readonly after: number
    readonly limit: number
    readonly reference: string | null
  }): readonly object[] {
    const { after, limit, reference } = options
    const all = [...this.#byId.values()]
    const meant =
      reference === null
        ? all.slice(after)
        : all.filter(one => one.reference === reference || one.deposit_id === reference)
    return meant.slice(0, limit).map(one => this.rowOf(one))
  }

  rowOf(deposit: Deposit): object {
    const { createdAt, expiresAt, ...row } = deposit
    return {
      ...row,
      party: this.#deps.name,
      status: this.statusOf(deposit),
      created_at: new Date(createdAt).toISOString(),
      expires_at: new Date(expiresAt).toISOString(),
    }
  }

  #settle(deposit: Deposit, times = 1): void {
    deposit.status = 'success'
    // A second payer's money is all there; the fee was kept of the first.
    const rupiah = deposit.paid.length === 1 ? deposit.paid[0]! - deposit.fee : deposit.paid.at(-1)!
    this.#deps.words.credited(deposit, rupiah)
    this.#tell(deposit, times)
  }

  #meant(id: unknown, qr: unknown): Deposit | undefined {
    if (typeof id === 'string') return this.#byId.get(id)
    if (typeof qr !== 'string') return undefined
    return [...this.#byId.values()].find(one => one.qr_string === qr)
  }

  #make(wish: NewDeposit): Deposit | string {
    if (this.#byId.size >= depositsMax) return 'Sistem sedang penuh'
    const { lifeMs, hasQr, ...rest } = wish
    const n = this.#byId.size + 1
    const id = this.#deps.words.idOf(n)
    const now = this.#deps.clock.now()
    const deposit: Deposit = {
      ...{ ...rest, n, deposit_id: id, createdAt: now, expiresAt: now + lifeMs },
      qr_string: hasQr ? qrOf(this.#deps.name, id, wish.amount) : null,
      ...{ status: 'pending', paid: [], drawn: null, answers: [], asked: 0 },
    }
    this.#byId.set(id, deposit)
    return deposit
  }

  #tell(deposit: Deposit, times: number, told?: () => void): void {
    const { faults, world, clock, words } = this.#deps
    const dice = faults.purchaseDice(deposit.deposit_id, deposit.answers.length + 1)
    const usual = faults.callbackTimes(dice)
    const call = words.callback(deposit)
    const count = usual === 0 ? 0 : Math.max(usual, times)
    if (call === null || count === 0 || times === 0) {
      told?.()
      return
    }
    const { times: retries, first_seconds } = faults.current.callback_retry
    for (let time = 0; time < count; time++) {
      world.webhooks.send({
        ...call,
        retries,
        pauseMs: first_seconds * 1_000,
        agenda: clock.agenda,
        ...(time === 0 && told ? { done: told } : {}),
        answered: status => {
          if (deposit.answers.length < answersMax) deposit.answers.push(status)
        },
      })
    }
  }

  #dice(what: string): number {
    const time = (this.#counts.get(what) ?? 0) + 1
    this.#counts.set(what, time)
    return this.#deps.faults.callDice(what, time)
  }

  #deliver(reply: Reply, said: Said & { dice: number; mishap: ReturnType<FaultBox['mishap']> }) {
    const { dice, mishap, status, body } = said
    const { faults } = this.#deps
    reply.deliver({
      mishap,
      delayMs: faults.latencyMs(dice),
      timeoutMs: faults.current.timeout_seconds * 1_000,
      status,
      type: json,
      body,
    })
  }
}

/** What has been paid altogether; nothing paid yet: what is asked for. */
export const paidSum = ({ paid, amount }: Deposit): number =>
  paid.length === 0 ? amount : paid.reduce((sum, one) => sum + one, 0)

const tag = (id: string, value: string): string =>
  `${id}${String(value.length).padStart(2, '0')}${value}`

/** A dynamic QR of the gateway's own merchant, with the deposit's id as its bill number. */
function qrOf(party: string, id: string, amount: number): string {
  const pan = tag('01', `9360099900000000${String(party.length).padStart(2, '0')}`)
  const text = [
    ...[tag('00', '01'), tag('01', '12')],
    tag(
      '26',
      tag('00', 'ID.CO.EXAMPLE.WWW') + pan + tag('02', '000000000000001') + tag('03', 'UMI'),
    ),
    tag('51', tag('00', 'ID.CO.QRIS.WWW') + tag('02', 'ID1020000000001') + tag('03', 'UMI')),
    ...[tag('52', '7399'), tag('53', '360'), tag('54', String(amount)), tag('58', 'ID')],
    ...[tag('59', party.toUpperCase().slice(0, 25)), tag('60', 'JAKARTA'), tag('61', '10110')],
    ...[tag('62', tag('01', id.slice(0, 25))), '6304'],
  ].join('')
  return text + checkSum(text)
}
