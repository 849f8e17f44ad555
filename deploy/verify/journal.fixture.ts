/**
 * A journal written by hand, for the tests of verify: it knows the format of the lines by itself
 * and asks nobody. Lines have labels, and whoever gives an edit for a label changes that body
 * before it is sealed: so looks the journal of an engine with a mistake, while a change in the
 * database afterwards is a mistake of somebody else.
 *
 *   shard 0  treasury     deposit to Ani ─ deposit to Budi ─ both confirmed ─ one more under way
 *   shard 7  Ani          paid in ─ orders: quick, second, refused, waiting, returned, disputed
 *   shard 9  Budi         paid in ─ order: budi
 *
 * Shard 7 has its checkpoint somewhere in the middle; the read models are at the end everywhere.
 */

import { createHash } from 'node:crypto'
import type pg from 'pg'

// biome-ignore lint/suspicious/noExplicitAny: an edit may break anything
export type Loose = any
export type Edit = (body: Loose) => void
export type Edits = Readonly<Record<string, Edit>>
type Posting = readonly [op: string, name: string, debit: string, credit: string, amount: number]
type Told = {
  readonly label: string
  readonly id: string
  readonly c: string
  readonly e: readonly object[]
  readonly p?: readonly Posting[]
  readonly o?: string
  readonly n?: readonly (readonly [string, number])[]
  readonly r?: readonly string[]
}
type Sums = [balance: number, debitsPending: number, creditsPending: number]
type Cell = {
  kind: string
  state: Loose
  holds: Loose[]
  seq: number
  owner?: string
  /** Effects that are out, without their ids. */
  asks?: Loose[]
  wakesAt?: number
}
export type Place = { readonly shard: number; readonly seq: number; readonly id: string }

const monday = Date.UTC(2026, 1, 2, 3)

export const sha = (text: string): string => createHash('sha256').update(text).digest('hex')

/** 62 bits out of a hash: the upper two of 64 give way to the variant of the id. */
export function keyOfWords(...words: readonly string[]): string {
  const bits = BigInt(`0x${sha(words.join('\n')).slice(0, 16)}`) & ((1n << 62n) - 1n)
  return bits.toString(16).padStart(16, '0')
}

/** UUIDv7: time, version and shard, variant and key. */
export function idOf(ms: number, shard: number, key: string): string {
  const time = ms.toString(16).padStart(12, '0')
  const low = ((0b10n << 62n) | BigInt(`0x${key}`)).toString(16)
  const middle = `7${shard.toString(16).padStart(3, '0')}`
  return `${time.slice(0, 8)}-${time.slice(8)}-${middle}-${low.slice(0, 4)}-${low.slice(4)}`
}

/** Tables that are not folded out of the journal. */
const noted = [
  ...['credit_entry', 'credit_line', 'gateway_payout', 'manual_deposit', 'transfer_request'],
  ...['bank_mutation', 'deposit_ticket', 'deposit_verdict', 'number_refund', 'overcharge'],
]

const bitsOf = (id: string): string =>
  (BigInt(`0x${id.slice(19).replace('-', '')}`) & ((1n << 62n) - 1n)).toString()

type Sides = { readonly from: string; readonly to: string; readonly amount: number }
type Sent = {
  readonly words: readonly string[]
  /** Where it leaves, and where it arrives. */
  readonly shards?: readonly [number, number]
}

export class JournalFixture {
  at = monday
  readonly places = new Map<string, Place>()
  readonly #edits: Edits
  readonly #lines: Loose[] = []
  readonly #ends = new Map<number, { seq: number; hash: string }>()
  readonly #accounts = new Map<string, { shard: number; id: string; seq: number; sums: Sums }>()
  readonly #holds = new Map<string, number>()
  readonly #born = new Map<string, string>()
  readonly #orders = new Map<string, Loose>()
  readonly #mutations: Loose[] = []
  readonly #cells = new Map<string, { shard: number; id: string; cell: Cell }>()
  readonly #earned = new Map<string, Loose>()
  readonly #claims = new Map<string, { shard: number; word: string; until: number; key: string }>()
  readonly #checkpoints = new Map<number, Loose>()
  readonly #notes: [table: string, row: Loose][] = []
  #people: Loose

  constructor(edits: Edits = {}) {
    this.#edits = edits
  }

  place(label: string): Place {
    return this.places.get(label)!
  }

  deposit(label: string, ref: string, to: string, toShard: number, amount: number): string {
    const key = keyOfWords('deposit', ref)
    const id = idOf(this.at, 0, key)
    const sent = { type: 'sent', from: 'cash', to, toShard, amount, note: 'Deposit' }
    const p = [['move', 'send', 'cash', 'clearing', amount]] as const
    this.line('transfer', { label: `${label}.sent`, id, c: 'send', e: [sent], p })
    const { type: _, ...facts } = sent
    const state = { phase: 'sent', facts }
    const asks = [{ type: 'deliver', target: 'shards', ...facts }]
    this.#keep(id, { kind: 'transfer', state, holds: [], asks })
    return id
  }

  arrive(label: string, sentId: string, to: string, amount: number): void {
    this.receive(label, sentId, to, amount)
    this.confirm(label, sentId)
  }

  receive(label: string, sentId: string, to: string, amount: number): void {
    const shard = shardOf(to.slice(7))
    const id = idOf(this.at, shard, keyOfWords('receipt', sentId))
    const received = { type: 'received', from: 'cash', to, amount, note: 'Deposit' }
    const p = [['move', 'receive', 'clearing', to, amount]] as const
    this.line('receipt', { label: `${label}.received`, id, o: to, c: 'receive', e: [received], p })
  }

  confirm(label: string, sentId: string): void {
    const confirmed = { type: 'confirmed' }
    this.line('transfer', { label: `${label}.done`, id: sentId, c: 'confirm', e: [confirmed] })
    this.#keep(sentId, null)
  }

  /** What a person books about a supplier's float, and the row that he writes of it. */
  book(label: string, move: Sides): void {
    const { from, to, amount } = move
    const id = idOf(this.at, 0, keyOfWords('asked', label))
    const transfer = this.send(label, { ...move, words: ['float', `float-${id}`] })
    const raises = from.startsWith('float:')
    this.note('manual_deposit', {
      ...{ id, ref: label, kind: 'float', supplier: (raises ? from : to).slice(6), raises },
      ...{ against: raises ? to : from, amount, note: '', status: 'paid', transfer_id: transfer },
      ...{ asked_by: ani, asked_at: new Date(this.at).toISOString() },
    })
  }

  /** Money from one account to another, under the key of these words, and there. */
  send(label: string, { from, to, amount, words, shards = [0, 0] }: Sides & Sent): string {
    const id = idOf(this.at, shards[0], keyOfWords(...words))
    const facts = { from, to, amount, note: '' }
    const sent = { type: 'sent', ...facts, toShard: shards[1] }
    const out = [['move', 'send', from, 'clearing', amount]] as const
    this.line('transfer', { label: `${label}.sent`, id, c: 'send', e: [sent], p: out })
    const receiptId = idOf(this.at, shards[1], keyOfWords('receipt', id))
    const received = { type: 'received', ...facts }
    const into = [['move', 'receive', 'clearing', to, amount]] as const
    const more = { id: receiptId, c: 'receive', e: [received], p: into }
    this.line('receipt', { label: `${label}.received`, ...more })
    this.confirm(label, id)
    return id
  }

  /** A row that somebody writes beside the journal. */
  note(table: string, row: Loose): void {
    this.#notes.push([table, row])
  }

  /** What `user` earns of an order: `kept` pays what he owes. */
  earn(
    label: string,
    { order, level, user, amount }: Loose,
    { kept = 0, owed = 0, back = false } = {},
  ): void {
    const id = idOf(this.at, shardOf(user), keyOfWords('commission', order, String(level)))
    const known = this.#born.get(`commission ${order} ${level}`) ?? id
    this.#born.set(`commission ${order} ${level}`, known)
    const [wallet, debt] = [`wallet:${user}`, `clawback:${user}`]
    const facts = { order, level, user, amount, note: '' }
    const e = [back ? { type: 'reversed', ...facts, owed } : { type: 'paid', ...facts, kept }]
    const moved = back
      ? ([
          ['move', 'take', wallet, 'commission', amount - owed],
          ['move', 'owe', debt, 'commission', owed],
        ] as const)
      : ([
          ['move', 'pay', 'commission', wallet, amount - kept],
          ['move', 'keep', 'commission', debt, kept],
        ] as const)
    const p = moved.filter(([, , , , rupiah]) => rupiah > 0)
    this.line('commission', { label, id: known, o: wallet, c: back ? 'reverse' : 'pay', e, p })
    const sold = this.#orders.get(order) ?? {}
    const earned = this.#earned.get(`${order} ${level}`) ?? { kept }
    this.#earned.set(`${order} ${level}`, {
      ...{ order, level, user, amount, sold, owed },
      ...{ kept: earned.kept, state: back ? 'reversed' : 'paid' },
    })
  }

  order(
    label: string,
    user: string,
    price: number,
    claim?: readonly [string, number],
    at?: string,
  ): OrderFixture {
    const ref = `R-${label}`
    const id = at ?? idOf(this.at, shardOf(user), keyOfWords(user, ref))
    const order = new OrderFixture(this, label, { user, ref, id, price })
    order.place(claim)
    return order
  }

  line(kind: string, { label, id, c, e, p, ...more }: Told): void {
    const shard = shardOf(id)
    const { seq: before, hash: previous } = this.#ends.get(shard) ?? {
      seq: 0,
      hash: '0'.repeat(32),
    }
    const seq = before + 1
    this.at += 1
    const about = kind === 'commission' ? (e[0] as Loose).order : id
    const note = (e[0] as Loose)?.note ?? ''
    const entries = p?.map((posting, leg) =>
      this.#post({ shard, seq, id, leg, kind, about, note, from: (e[0] as Loose)?.from }, posting),
    )
    const isBorn = !this.#born.has(id)
    this.#born.set(id, id)
    const body: Loose = {
      ...{ v: 1, k: kind, kv: 1, id },
      ...(more.o === undefined ? {} : { o: more.o }),
      ...(isBorn ? { b: 1 } : {}),
      ...{ at: this.at, c, e },
      ...(entries === undefined ? {} : { p: entries }),
      ...(more.n === undefined ? {} : { n: more.n }),
      ...(more.r === undefined ? {} : { r: more.r }),
    }
    const edited = structuredClone(body)
    this.#edits[label]?.(edited)
    const text = JSON.stringify(edited)
    const hash = sha(`${previous}\n${shard}.${seq}\n${text}`).slice(0, 32)
    this.#lines.push([shard, seq, bitsOf(edited.id), hash, text])
    this.#ends.set(shard, { seq, hash })
    this.places.set(label, { shard, seq, id })
    for (const [word, until] of more.n ?? []) {
      this.#claims.set(word, { shard, word, until, key: hexKey(id) })
    }
    for (const word of more.r ?? []) this.#claims.delete(word)
  }

  /** What people see of an order, and what a snapshot would keep of it while it is open. */
  show(id: string, row: Loose, cell: Omit<Cell, 'seq'> | null): void {
    const shard = shardOf(id)
    this.#orders.set(id, { ...this.#orders.get(id), ...row, shard, id, updated_at: this.at })
    this.#keep(id, cell)
  }

  #keep(id: string, cell: Omit<Cell, 'seq'> | null): void {
    const shard = shardOf(id)
    if (cell === null) this.#cells.delete(id)
    else {
      const { seq } = this.#ends.get(shard)!
      this.#cells.set(id, { shard, id, cell: structuredClone({ ...cell, seq }) })
    }
  }

  checkpoint(shard: number): void {
    const { seq, hash } = this.#ends.get(shard)!
    const here = <T extends { shard: number }>(all: Map<string, T>): T[] =>
      [...all.values()].filter(one => one.shard === shard)
    this.#checkpoints.set(shard, {
      ...{ shard, seq, hash },
      claims: here(this.#claims).map(({ word, until, key }) => [word, until, key]),
      accounts: structuredClone(here(this.#accounts)),
      cells: structuredClone(here(this.#cells)),
    })
  }

  /** Empties the tables and fills them with this. */
  async write(client: pg.Client): Promise<void> {
    await client.query(`truncate lease, journal, checkpoint, snapshot, account, projection,
      order_view, mutation, account_view, commission_entry, commission_position,
      ${noted.join(', ')}`)
    await insert(client, 'journal (shard, seq, actor, hash, body)', this.#lines, [
      ...['smallint', 'bigint', 'bigint', 'text', 'text'],
    ])
    for (const { shard, seq, hash, claims, accounts, cells } of this.#checkpoints.values()) {
      await client.query(`insert into checkpoint values ($1, $2, decode($3, 'hex'), $4)`, [
        ...[shard, seq, hash, JSON.stringify(claims)],
      ])
      for (const { id, cell } of cells) {
        const { asks = [], wakesAt = null, ...rest } = cell
        const owed = asks.map((effect: Loose, n: number) => ({
          id: `${id}/${cell.seq}/${n}`,
          effect,
        }))
        const image = { id, key: hexKey(id), version: 1, owed, ...rest }
        await client.query(`insert into snapshot values ($1, $2, $3, $4, 1, true, $5, $6, $7)`, [
          ...[shard, bitsOf(id), cell.seq, cell.kind, owed.length > 0, wakesAt],
          JSON.stringify(image),
        ])
      }
      for (const { id, seq: last, sums } of accounts) {
        const house = !id.startsWith('wallet:')
        const values = [shard, id, house, last, ...sums]
        await client.query('insert into account values ($1, $2, $3, $4, $5, $6, $7)', values)
      }
    }
    for (const { order, level, user, amount, sold, kept, owed, state } of this.#earned.values()) {
      await client.query(
        `insert into commission_entry (shard, order_id, level, user_id, buyer_id, product, margin,
           amount, rule, refunded, state, kept, owed, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, '{}', $9, $10, $11, $12, now())`,
        [
          ...[shardOf(order), order, level, user, sold.user_id, sold.product],
          ...[sold.price - sold.cost, amount, sold.status === 'REFUND', state, kept, owed],
        ],
      )
    }
    const ends = [...this.#ends].map(([shard, { seq }]) => [shard, seq])
    await insert(client, 'commission_position', ends, ['smallint', 'bigint'])
    await this.#writeNotes(client)
    await this.writePeople(client)
  }

  async #writeNotes(client: pg.Client): Promise<void> {
    // Clients, suppliers and gateways that they name are nobody's here.
    await client.query(`set session_replication_role = replica`)
    for (const [table, row] of this.#notes) {
      const columns = Object.keys(row).map(name => `"${name}"`)
      await client.query(
        `insert into ${table} (${columns}) overriding system value
         select ${columns} from jsonb_populate_record(null::${table}, $1)`,
        [JSON.stringify(row)],
      )
    }
    await client.query(`set session_replication_role = origin`)
  }

  /** The read models alone, in one write. */
  async writePeople(client: pg.Client): Promise<void> {
    await client.query('begin; truncate projection, order_view, mutation, account_view')
    await writePeople(client, this.#people ?? this.#projections())
    await client.query('commit')
  }

  /** The read models stay where they are now, whatever is written after this. */
  project(): void {
    this.#people = structuredClone(this.#projections())
  }

  #projections(): Loose {
    return {
      ends: [...this.#ends].map(([shard, { seq }]) => ['people', shard, seq]),
      views: [...this.#accounts.values()].map(({ shard, id, seq, sums }) => [
        ...[shard, id, seq, ...sums],
      ]),
      mutations: this.#mutations,
      orders: [...this.#orders.values()].map(row => [
        ...[row.shard, row.id, row.user_id, row.ref, row.product, row.destination, row.price],
        ...[row.cost, row.supplier, row.status, row.sn, row.failure, row.attempts, row.attention],
        ...[new Date(row.created_at).toISOString(), new Date(row.updated_at).toISOString()],
      ]),
    }
  }

  #post(
    { shard, seq, id, leg, kind, about, note, from }: Loose,
    [op, name, debitId, creditId, amount]: Posting,
  ): Loose[] {
    const debit = this.#account(shard, debitId)
    const credit = this.#account(shard, creditId)
    const available = (account: { sums: Sums }) => account.sums[0] - account.sums[1]
    const before = new Map([debit, credit].map(one => [one, available(one)]))
    if (op === 'move' || op === 'post') {
      debit.sums[0] -= amount
      credit.sums[0] += amount
    }
    const held = this.#holds.get(`${id}/${name}`) ?? 0
    if (op === 'hold') this.#holds.set(`${id}/${name}`, amount)
    const pending = op === 'hold' ? amount : op === 'move' ? 0 : -held
    debit.sums[1] += pending
    credit.sums[2] += pending
    for (const account of [debit, credit]) {
      account.seq = seq
      const [was, is] = [before.get(account)!, available(account)]
      if (was === is || !account.id.startsWith('wallet:')) continue
      const between = String(from).startsWith('wallet:') ? 'transfer' : 'deposit'
      const house = kind === 'commission' ? kind : between
      const word = kind !== 'order' ? house : name === 'refund' ? name : words[op]
      const direction = is > was ? 'in' : 'out'
      this.#mutations.push([
        ...[shard, account.id.slice(7), seq, leg, direction, Math.abs(is - was), was, is, word],
        about,
        ...[note, new Date(this.at).toISOString()],
      ])
    }
    return [op, name, debitId, creditId, amount, [...debit.sums], [...credit.sums]]
  }

  #account(shard: number, id: string) {
    const known = this.#accounts.get(`${shard}.${id}`)
    if (known !== undefined) return known
    const fresh = { shard, id, seq: 0, sums: [0, 0, 0] as Sums }
    this.#accounts.set(`${shard}.${id}`, fresh)
    return fresh
  }
}

const words: Record<string, string> = { hold: 'order', void: 'release', expire: 'release' }
const shardOf = (id: string): number => Number.parseInt(id.slice(15, 18), 16)
const hexKey = (id: string): string => BigInt(bitsOf(id)).toString(16).padStart(16, '0')

async function writePeople(client: pg.Client, people: Loose): Promise<void> {
  const { ends, views, mutations, orders } = people
  await insert(client, 'projection', ends, ['text', 'smallint', 'bigint'])
  const bigints = ['bigint', 'bigint', 'bigint', 'bigint']
  await insert(client, 'account_view', views, ['smallint', 'text', ...bigints])
  await insert(client, 'mutation', mutations, [
    ...['smallint', 'uuid', 'bigint', 'smallint', 'text', 'bigint', 'bigint', 'bigint'],
    ...['text', 'uuid', 'text', 'timestamptz'],
  ])
  await insert(client, 'order_view', orders, [
    ...['smallint', 'uuid', 'uuid', 'text', 'text', 'text', 'bigint', 'bigint', 'text', 'text'],
    ...['text', 'text', 'smallint', 'text', 'timestamptz', 'timestamptz'],
  ])
}

async function insert(
  client: pg.Client,
  table: string,
  rows: readonly Loose[][],
  types: readonly string[],
): Promise<void> {
  const columns = types.map((_, index) => rows.map(row => row[index]))
  const arrays = types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')
  const hash = table.startsWith('journal') ? `a, b, c, decode(d, 'hex'), e` : '*'
  await client.query(
    `insert into ${table} select ${hash} from unnest(${arrays}) as x (${'abcdefghijklmnop'.slice(0, types.length).split('').join(', ')})`,
    columns,
  )
}

type Facts = { user: string; ref: string; id: string; price: number }

/** One order: each word is a line, and what the tables must show after it. */
export class OrderFixture {
  readonly facts: Facts
  readonly #journal: JournalFixture
  readonly #label: string
  #n = 0
  #supplier = ''
  #open = true
  #agreed: Loose

  constructor(journal: JournalFixture, label: string, facts: Facts) {
    this.#journal = journal
    this.#label = label
    this.facts = facts
  }

  place(claim?: readonly [string, number]): void {
    const { user, ref, price } = this.facts
    const kind = { type: 'placed', user, ref, product: 'TSEL10', destination: '081234567890' }
    const plan = ['digi', 'digi2'].map(supplier => [supplier, 's', 9, 10, 60_000, 6_912_000_000])
    const placed = { ...kind, price, plan, deadlineAt: this.#journal.at + 3_600_000, twin: '' }
    this.#line('placed', 'place', [placed, this.#dispatched('digi')], [['hold', 'price']], {
      o: `wallet:${user}`,
      ...(claim === undefined ? {} : { n: [claim] }),
    })
    this.#agreed = { ...placed, placedAt: this.#journal.at, updatedAt: this.#journal.at }
    this.#show({
      ...{ user_id: user, ref, product: 'TSEL10', destination: '081234567890', price },
      ...{ cost: null, sn: null, failure: null, attention: null, status: 'PROCESSING' },
      created_at: this.#journal.at,
    })
  }

  wait(): this {
    this.#line('waits', 'report', [{ type: 'reported', n: this.#n, outcome: 'pending' }])
    this.#show({})
    return this
  }

  next(supplier: string): this {
    const failed = { type: 'attempt_failed', n: this.#n }
    this.#line('next', 'report', [failed, this.#dispatched(supplier)])
    this.#show({})
    return this
  }

  deliver(cost: number): this {
    const sn = `SN${this.#label}`
    const delivered = { type: 'delivered', n: this.#n, sn, cost, balance: 9 }
    this.#line(...(['delivered', 'report', [delivered]] as const), [
      ['post', 'price'],
      ['move', 'cost', 'cost', `float:${this.#supplier}`, cost],
    ])
    this.#open = false
    this.#show({ status: 'SUCCESS', sn, cost })
    return this
  }

  fail(release?: string): this {
    const events = [
      { type: 'attempt_failed', n: this.#n },
      { type: 'failed', code: 'SUPPLIER_FAILED' },
    ]
    const more = release === undefined ? {} : { r: [release] }
    this.#line('failed', 'report', events, [['void', 'price']], more)
    this.#open = false
    this.#show({ status: 'FAILED', failure: 'SUPPLIER_FAILED' })
    return this
  }

  refund(): this {
    const resolved = { type: 'resolved', verdict: 'refund', reason: 'not there', by: 'Citra' }
    const { user, price } = this.facts
    const back = ['move', 'refund', 'sales', `wallet:${user}`, price] as const
    this.#line('refunded', 'resolve', [resolved], [back])
    this.#show({ status: 'REFUND' })
    return this
  }

  dispute(): this {
    const disputed = { type: 'disputed', n: this.#n, claim: 'late_success', sn: 'X' }
    this.#line('disputed', 'report', [disputed])
    this.#show({ attention: 'DISPUTE' }, 'failed')
    return this
  }

  hold(): this {
    this.#line('held', 'hold', [{ type: 'held', by: 'cici', reason: 'asked' }])
    this.#show({ attention: 'HELD' })
    return this
  }

  /** Its supplier says failed, then sold; a person believes the latter. */
  soldAfterAll(cost: number): this {
    const n = this.#n
    const sn = `SN${this.#label}`
    const failed = { type: 'attempt_failed', n }
    this.#line('halted', 'report', [failed, { type: 'parked', why: 'HELD' }])
    const claim = { type: 'disputed', n, claim: 'late_success', sn }
    this.#line('claimed', 'report', [claim])
    const delivered = { type: 'delivered', n, sn, cost, balance: null, via: 'person' }
    const resolved = { type: 'resolved', verdict: 'success', reason: 'sold', by: 'cici' }
    this.#line(
      'settled',
      'resolve',
      [delivered, resolved],
      [
        ['post', 'price'],
        ['move', 'cost', 'cost', `float:${this.#supplier}`, cost],
      ],
    )
    this.#open = false
    this.#show({ status: 'SUCCESS', sn, cost, attention: null })
    return this
  }

  /** The first one says that it sold it, while the next one is asked, which fails. */
  soldEarlier(cost: number): this {
    const n = this.#n
    const sn = `SN${this.#label}`
    const claim = { type: 'disputed', n, claim: 'late_success', sn, cost }
    const asked = { supplier: this.#supplier, n }
    this.next('digi2')
    this.#line('claimed', 'report', [claim])
    const parked = { type: 'parked', why: 'HELD', disputed: true }
    this.#line('halted', 'report', [{ type: 'attempt_failed', n: this.#n }, parked])
    const delivered = { type: 'delivered', ...asked, sn, cost, balance: null, via: 'person' }
    const resolved = { type: 'resolved', verdict: 'success', reason: 'sold', by: 'cici' }
    this.#line(
      'settled',
      'resolve',
      [delivered, resolved],
      [
        ['post', 'price'],
        ['move', 'cost', 'cost', `float:${asked.supplier}`, cost],
      ],
    )
    this.#open = false
    this.#supplier = asked.supplier
    this.#show({ status: 'SUCCESS', sn, cost, attention: null })
    return this
  }

  release(): this {
    this.#line('released', 'release', [{ type: 'released', by: 'cici', reason: 'told' }])
    this.#show({ attention: null })
    return this
  }

  reroute(supplier: string): this {
    const words = { by: 'cici', reason: 'not sold there' }
    const to = [supplier, 's', 9, 10, 60_000, 6_912_000_000]
    const deadlineAt = this.#journal.at + 3_600_000
    const failed = { type: 'attempt_failed', n: this.#n, via: 'person' }
    const rerouted = { type: 'rerouted', ...words, to, deadlineAt }
    this.#line('rerouted', 'reroute', [failed, rerouted, this.#dispatched(supplier)])
    this.#show({})
    return this
  }

  #dispatched(supplier: string): object {
    this.#n++
    this.#supplier = supplier
    const ref = `L${this.facts.id.replaceAll('-', '')}-${this.#n}`
    return { type: 'dispatched', n: this.#n, supplier, sku: 's', cost: 9, maxPrice: 10, ref }
  }

  #line(
    word: string,
    c: string,
    e: readonly object[],
    postings: readonly (readonly [string, string] | Posting)[] = [],
    more: Partial<Told> = {},
  ): void {
    const { id, user, price } = this.facts
    const p = postings.map(
      (one): Posting =>
        one.length === 5 ? one : [one[0], one[1], `wallet:${user}`, 'sales', price],
    )
    const label = `${this.#label}.${word}`
    this.#journal.line('order', { label, id, c, e, ...(p.length > 0 ? { p } : {}), ...more })
  }

  #show(row: Loose, phase?: string): void {
    const isLive = this.#open || phase === 'failed'
    const columns = { attempts: this.#n, supplier: this.#supplier, ...row }
    this.#journal.show(this.facts.id, columns, isLive ? this.#asked() : null)
  }

  /** As it is kept while its first question is out: no checkpoint is made of a later moment. */
  #asked(): Omit<Cell, 'seq'> {
    const { id, user, price } = this.facts
    const { type: _, ...agreed } = this.#agreed
    const { placedAt: at, deadlineAt, destination: dest } = agreed
    const [supplier, sku, cost, maxPrice] = agreed.plan[0]
    const ref = `L${id.replaceAll('-', '')}-1`
    const unanswered = { code: null, message: null, reply: null, ms: null, via: null }
    const times = { startedAt: at, askedAt: at, answeredAt: null, checks: 0 }
    const started = { n: 1, supplier, sku, ref, cost, maxPrice, outcome: 'started' }
    const attempts = [{ ...started, ...times, ...unanswered }]
    const question = { n: 1, supplier, sku, dest, ref, maxPrice, startedAt: at }
    const wallet = `wallet:${user}`
    return {
      ...{ kind: 'order', owner: wallet, wakesAt: deadlineAt },
      state: { phase: 'trying', order: { ...agreed, attempts, disputes: [] } },
      holds: [{ name: 'price', debit: wallet, credit: 'sales', amount: price }],
      asks: [{ type: 'purchase', target: supplier, ...question }],
    }
  }
}

export const ani = idOf(monday, 7, keyOfWords('user', 'ani'))
export const budi = idOf(monday, 9, keyOfWords('user', 'budi'))

/** The journal of the picture above. */
export function story(edits: Edits = {}): JournalFixture {
  const journal = new JournalFixture(edits)
  const twin = ['twin of quick', monday + 600_000] as const
  const toAni = journal.deposit('ani', 'D1', `wallet:${ani}`, 7, 100_000)
  const toBudi = journal.deposit('budi', 'D2', `wallet:${budi}`, 9, 50_000)
  journal.arrive('ani', toAni, `wallet:${ani}`, 100_000)
  journal.arrive('budi', toBudi, `wallet:${budi}`, 50_000)
  journal.order('quick', ani, 10_500, twin).deliver(10_000)
  journal.order('second', ani, 20_500).next('digi2').deliver(20_100)
  const refused = journal.order('refused', ani, 5_500, ['twin of refused', monday + 600_000])
  const waiting = journal.order('waiting', ani, 7_500)
  journal.order('budi', budi, 10_500).wait()
  journal.checkpoint(7)
  waiting.wait()
  refused.fail('twin of refused')
  journal.order('returned', ani, 15_500).deliver(15_000).refund()
  journal.order('disputed', ani, 25_500).fail().dispute()
  journal.deposit('late', 'D3', `wallet:${budi}`, 9, 5_000)
  journal.checkpoint(0)
  return journal
}
