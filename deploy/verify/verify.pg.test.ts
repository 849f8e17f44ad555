import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { openBooks } from './books.fixture.ts'
import {
  ani,
  budi,
  type Edits,
  type JournalFixture,
  keyOfWords,
  idOf as makeId,
  story,
} from './journal.fixture.ts'
import { Source } from './source.ts'
import { type VerifyOptions, type VerifyReport, verify } from './verify.ts'

const { url, client } = await openBooks()

/** Writes the story, spoils it, and reads it again. */
async function read(
  journal: JournalFixture,
  spoil?: string,
  options?: Partial<VerifyOptions>,
): Promise<VerifyReport> {
  await journal.write(client)
  if (spoil !== undefined) await client.query(spoil)
  return await verify({ url, ...options })
}

/** What was found and where: `chain.hash 7.4`. */
const found = (report: VerifyReport): string[] =>
  report.problems.map(
    ({ name, shard, seq }) => `${name} ${shard}${seq === undefined ? '' : `.${seq}`}`,
  )

const sound = story()
const at = (label: string, later = 0): string => {
  const { shard, seq } = sound.place(label)
  return `${shard}.${seq + later}`
}
const line = (label: string): string => {
  const { shard, seq } = sound.place(label)
  return `shard = ${shard} and seq = ${seq}`
}
const idOf = (label: string): string => sound.place(label).id

test('verify: a sound journal: no problem, and the figures of the story (Z4, Z14)', async () => {
  const report = await read(story())
  deepEqual(found(report), [])
  equal(report.ok, true)
  const { total, open, delivered, failed, refunded, disputed } = report.orders
  deepEqual([total, open, delivered, failed, refunded, disputed], [7, 2, 2, 2, 1, 1])
  equal(report.shards, 3)
  equal(report.records, 24)
  equal(report.ledgerSum, 0)
  equal(report.held, 7_500 + 10_500)
  equal(report.wallets, 100_000 + 50_000 - 10_500 - 20_500)
  equal(report.clearing, 5_000)
  equal(report.lag, 0)
  equal(report.engineRuns, false)
})

test('verify: a shard in many parts: the same figures, the same problems (Z24)', async () => {
  const whole = await read(story(wrong))
  const parts = await verify({ url, linesPerPart: 1 })
  const { ms: _, problems, problemCounts, ...figures } = whole
  const { ms: __, problems: others, problemCounts: otherCounts, ...otherFigures } = parts
  deepEqual(otherFigures, figures)
  deepEqual({ ...otherCounts }, { ...problemCounts })
  const sorted = (list: VerifyReport['problems']) => list.map(one => JSON.stringify(one)).sort()
  deepEqual(sorted(others), sorted(problems))
  equal(figures.problemCount > 3, true)
})

/** One mistake in each of several actors. */
const wrong: Edits = {
  'second.next': body => body.e.shift(),
  'returned.placed': body => delete body.b,
  'returned.refunded': body => (body.e[0].verdict = 'dismiss'),
  'budi.waits': body => (body.e[0].n = 2),
}

test('verify: lines that are written meanwhile: not seen (Z16)', async () => {
  await story().write(client)
  const source = await Source.open(url)
  try {
    await source.freeze()
    const ends = await source.shards()
    await client.query(`insert into journal (shard, seq, actor, hash, body)
      select shard, seq + 1, actor, hash, body from journal where ${line('budi.waits')}`)
    deepEqual(await source.shards(), ends)
    const seqs: string[] = []
    for await (const rows of source.lines(9, null)) seqs.push(...rows.map(([seq]) => seq))
    deepEqual(seqs, ['1', '2', '3'])
  } finally {
    await source.close()
  }
})

/** A story whose read models stopped before its last lines. */
function behind(): JournalFixture {
  const journal = story()
  journal.project()
  order(journal).deliver(4_000)
  return journal
}

test('verify: read models behind and nobody there to catch up: compared where they are (Z25)', async () => {
  const report = await read(behind())
  deepEqual(found(report), [])
  equal(report.lag, 2)
})

test('verify: read models behind that were waited for: told (Z25)', async () => {
  const report = await read(behind(), undefined, { waitForProjectionsMs: 0 })
  deepEqual(found(report), ['projection.behind 9.3'])
})

test('verify: read models that catch up while an engine runs: no problem (Z25)', async () => {
  await behind().write(client)
  // What a running engine shows: a lease, and a lock under the number in it.
  await client.query(`insert into lease (shard, epoch, holder) values (9, 1, 'process 1, lock 5')`)
  await client.query('select pg_advisory_lock(7222, 5)')
  try {
    const caught = behind()
    caught.project()
    const catchUp = async () => await caught.writePeople(client)
    let catching: Promise<void> | undefined
    const report = await verify({
      url,
      waitForProjectionsMs: 60_000,
      log: () => (catching ??= catchUp()),
    })
    await catching
    deepEqual(found(report), [])
    equal(report.lag, 0)
    equal(report.engineRuns, true)
  } finally {
    await client.query('select pg_advisory_unlock(7222, 5)')
  }
})

test('verify: a flood: all are counted, some are kept (Z1)', async () => {
  const journal = story()
  for (let n = 0; n < 300; n++) journal.order(`o${n}`, ani, 1)
  const report = await read(journal, 'delete from order_view')
  equal(report.problemCounts['order_view.missing'], 307)
  equal(report.problems.length, 200)
})

type Case = {
  /** Changes of bodies before they are sealed: an engine with a mistake. */
  readonly edits?: Edits
  /** What happens after the story. */
  readonly more?: (journal: JournalFixture) => void
  /** A change of the tables afterwards: a mistake of somebody else. */
  readonly spoil?: string
  readonly finds: readonly string[]
}

/** Line 17 of shard 7 and line 4 of shard 9 are the first ones after the story. */
const order = (journal: JournalFixture) => journal.order('last', budi, 5_000)
/** Budi spends what he earned, owes it when it is taken back, and pays with the next one. */
function earnings(journal: JournalFixture): void {
  const first = { order: idOf('returned.placed'), level: 1, user: budi, amount: 600 }
  journal.earn('first.paid', first)
  journal.order('spent', budi, 40_000)
  journal.earn('first.back', first, { back: true, owed: 500 })
  const next = { order: idOf('quick.placed'), level: 2, user: budi, amount: 900 }
  journal.earn('next.paid', next, { kept: 500 })
}
/** Both sides of one posting are not as they should be. */
const after = (place: string) => [`ledger.after ${place}`, `ledger.after ${place}`]
/** Accounts of a shard whose rows differ, in the order of their ids. */
const views = (shard: number, ...lines: number[]) =>
  lines.map(seq => `account_view.changed ${shard}.${seq}`)

const cases: Readonly<Record<string, Case>> = {
  'chain: a flipped letter: its own line and no other (Z2, Z3)': {
    spoil: `update journal set body = replace(body, '081234567890', '081234567891')
             where ${line('quick.placed')}`,
    finds: [`chain.hash ${at('quick.placed')}`, `order_view.changed ${at('quick.delivered')}`],
  },
  'chain: a changed hash: the line, and the one that stands on it (Z2, Z3)': {
    spoil: `update journal set hash = '\\x00112233445566778899aabbccddeeff'
             where ${line('second.next')}`,
    finds: [`chain.hash ${at('second.next')}`, `chain.hash ${at('second.next', 1)}`],
  },
  'chain: a missing last line: those who know of it are ahead (Z2)': {
    spoil: `delete from journal where ${line('budi.waits')}`,
    finds: ['projection.ahead 9.3', 'projection.ahead 9.3'],
  },
  'chain: a missing line: the gap, and what follows from it (Z2, Z3)': {
    spoil: `delete from journal where ${line('waiting.waits')}`,
    finds: [`chain.gap ${at('waiting.waits')}`, `order_view.changed ${at('waiting.placed')}`],
  },
  'chain: two lines that changed places: both (Z2, Z3)': {
    spoil: `update journal set actor = other.actor, body = other.body from journal as other
             where journal.shard = 7 and other.shard = 7
               and least(journal.seq, other.seq) = ${sound.place('waiting.waits').seq}
               and greatest(journal.seq, other.seq) = ${sound.place('refused.failed').seq}`,
    finds: [
      `chain.hash ${at('waiting.waits')}`,
      `chain.hash ${at('refused.failed')}`,
      `chain.time ${at('refused.failed')}`,
      `mutation.missing ${at('waiting.waits')}`,
      `mutation.extra ${at('refused.failed')}`,
    ],
  },
  'chain: a line that is no JSON: told, and read on (Z2, Z3)': {
    spoil: `update journal set body = left(body, 99) where ${line('budi.waits')}`,
    finds: [
      `chain.hash ${at('budi.waits')}`,
      `chain.unreadable ${at('budi.waits')}`,
      `order_view.changed ${at('budi.placed')}`,
    ],
  },
  'chain: a line with nonsense inside: told, and read on (Z2, Z3)': {
    edits: { 'budi.waits': body => (body.p = [7]) },
    finds: [`chain.unreadable ${at('budi.waits')}`, `order_view.changed ${at('budi.placed')}`],
  },
  'chain: a row under the name of another actor: told (Z2)': {
    spoil: `update journal set actor = actor + 1 where ${line('disputed.disputed')}`,
    finds: [
      `chain.actor ${at('disputed.disputed')}`,
      `born.missing ${at('disputed.disputed')}`,
      `order.placed ${at('disputed.disputed')}`,
      `order_view.changed ${at('disputed.failed')}`,
    ],
  },
  'chain: an actor in a shard that its id does not name: told (Z2)': {
    edits: { 'late.sent': body => (body.id = body.id.replace('-7000-', '-7001-')) },
    finds: [`chain.shard ${at('late.sent')}`, 'snapshot.changed 0.5'],
  },
  'chain: time that runs backwards: told once (Z2, Z3)': {
    edits: { 'waiting.waits': body => (body.at -= 60_000) },
    finds: [`chain.time ${at('waiting.waits')}`, `order_view.changed ${at('waiting.waits')}`],
  },

  'actors: a first line without its mark: told (Z15)': {
    edits: { 'returned.placed': body => delete body.b },
    finds: [`born.missing ${at('returned.placed')}`],
  },
  'actors: a later line with the mark: told (Z15)': {
    edits: { 'returned.delivered': body => (body.b = 1) },
    finds: [`born.again ${at('returned.delivered')}`],
  },
  'actors: another time in the id of the same key: told (Z15)': {
    edits: {
      'returned.refunded': body => (body.id = `0${body.id.slice(1, 7)}f${body.id.slice(8)}`),
    },
    finds: [
      `actor.changed ${at('returned.refunded')}`,
      `mutation.changed ${at('returned.refunded')}`,
    ],
  },

  'book: wrong numbers after a posting: told with the account, and with the sum (Z4, Z7, Z8)': {
    edits: { 'disputed.failed': body => (body.p[0][6][0] += 1) },
    finds: [
      `ledger.after ${at('disputed.failed')}`,
      `ledger.sum ${at('disputed.failed')}`,
      ...views(7, 15),
    ],
  },
  'book: a fraction of a rupiah: told (Z4)': {
    edits: {
      'late.sent': body => {
        body.e[0].amount = body.p[0][4] = 4_999.5
        body.p[0][5][0] += 0.5
        body.p[0][6][0] -= 0.5
      },
    },
    finds: [
      `ledger.amount ${at('late.sent')}`,
      ...['account', 'account'].map(name => `${name}.changed 0.5`),
      ...['snapshot.changed 0.5', 'snapshot.owes 0.5'],
      ...['account_view', 'account_view'].map(name => `${name}.changed 0.5`),
    ],
  },
  'book: a wallet below zero: told at the posting that did it (Z5)': {
    more: journal => journal.order('huge', ani, 900_000),
    finds: ['ledger.floor 7.17'],
  },
  'book: a hold that is voided and then posted: told (Z6)': {
    more: journal => journal.order('last', ani, 5_000).fail().deliver(4_000),
    finds: ['ledger.hold 7.19', 'order.phase 7.19', 'order.attempt 7.19', 'ledger.held 7'],
  },
  'book: a hold that somebody else lets go: told (Z6)': {
    more: journal => {
      const { id } = sound.place('quick.placed')
      const p = [['void', 'price', `wallet:${ani}`, 'sales', 7_500]] as const
      journal.line('order', { label: 'last', id, c: 'report', e: [], p })
    },
    finds: [
      'ledger.hold 7.17',
      ...after('7.17'),
      'order.release 7.17',
      'order_view.changed 7.17',
      'ledger.held 7',
    ],
  },
  'book: more charged than was held: told (Z6, Z12)': {
    more: journal => order(journal).deliver(4_000),
    edits: { 'last.delivered': body => (body.p[0][4] = 5_001) },
    finds: ['ledger.hold 9.5', ...after('9.5'), 'order.charge 9.5'],
  },
  'claims: two holders of one word: told (Z9)': {
    more: journal => journal.order('last', ani, 5_000, ['twin of quick', sound.at + 1_000]),
    finds: ['claim.held_twice 7.17'],
  },
  'claims: a word whose time is over: free for the next (Z9)': {
    more: journal => {
      journal.at += 700_000
      journal.order('last', ani, 5_000, ['twin of quick', journal.at + 1_000])
    },
    finds: [],
  },

  'orders: a reference that is placed again under another key: told (Z10)': {
    edits: { 'returned.placed': body => (body.e[0].ref = 'R-quick') },
    finds: [`order.key ${at('returned.placed')}`, `order_view.changed ${at('returned.refunded')}`],
  },
  'orders: placed twice: told (Z10)': {
    edits: { 'waiting.waits': body => (body.e = [{ type: 'placed', ref: 'R-waiting' }]) },
    finds: [`order.placed ${at('waiting.waits')}`],
  },
  'orders: in another shard than their user: told (Z10)': {
    more: journal => {
      const stray = makeId(journal.at, 7, keyOfWords(budi, 'R-stray'))
      journal.order('stray', budi, 1, undefined, stray)
    },
    finds: ['ledger.floor 7.17', 'order.key 7.17'],
  },
  'orders: a next attempt while the one before may have sold: told (Z11)': {
    edits: { 'second.next': body => body.e.shift() },
    finds: [`order.attempt ${at('second.next')}`],
  },
  'orders: an attempt that is left out: told (Z11)': {
    edits: { 'second.next': body => (body.e[1].n = 3) },
    finds: [
      `order.attempt ${at('second.next')}`,
      `order.reference ${at('second.next')}`,
      `order.plan ${at('second.next')}`,
      `order.attempt ${at('second.delivered')}`,
      `order_view.changed ${at('second.delivered')}`,
    ],
  },
  'orders: the reference of another attempt: told (Z11)': {
    edits: { 'second.next': body => (body.e[1].ref = body.e[1].ref.replace(/2$/, '1')) },
    finds: [`order.reference ${at('second.next')}`],
  },
  'orders: an attempt at a supplier that was not planned: told (Z26)': {
    edits: { 'second.placed': body => (body.e[0].plan = body.e[0].plan.slice(0, 1)) },
    finds: [`order.plan ${at('second.next')}`],
  },
  'orders: an attempt when the time for others is over: told (Z26)': {
    edits: { 'second.placed': body => (body.e[0].failoverUntil = body.at) },
    finds: [`order.plan ${at('second.next')}`],
  },
  'orders: a record of the choice that does not fit the plan: told (Z26)': {
    edits: { 'quick.placed': body => (body.e[0].why = { v: 1, p: 'fastest', c: [[1], [1]] }) },
    finds: [`order.plan ${at('quick.placed')}`],
  },
  'orders: a failure while the supplier may have sold: told (Z11)': {
    more: journal => order(journal).fail(),
    edits: { 'last.failed': body => body.e.shift() },
    finds: ['order.phase 9.5'],
  },
  'orders: delivered and not charged: told (Z12)': {
    more: journal => order(journal).deliver(4_000),
    edits: { 'last.delivered': body => body.p.shift() },
    finds: ['order.charge 9.5', ...views(9, 5, 5)],
  },
  'orders: delivered and released: told (Z12)': {
    more: journal => order(journal).deliver(4_000),
    edits: { 'last.delivered': body => (body.p[0][0] = 'void') },
    finds: [...after('9.5'), 'order.charge 9.5', 'order.release 9.5'],
  },
  'orders: failed and never released: told (Z12)': {
    more: journal => order(journal).fail(),
    edits: { 'last.failed': body => delete body.p },
    finds: ['order.release 9.5', 'mutation.extra 9.5', ...views(9, 5, 5)],
  },
  'orders: failed and charged: told (Z12)': {
    more: journal => order(journal).fail(),
    edits: { 'last.failed': body => (body.p[0][0] = 'post') },
    finds: [...after('9.5'), 'order.charge 9.5', 'order.release 9.5'],
  },
  'orders: another price held than asked: told (Z12)': {
    more: order,
    edits: { 'last.placed': body => (body.e[0].price = 4_999) },
    finds: ['order.hold 9.4', 'order_view.changed 9.4', 'ledger.held 9'],
  },
  'orders: refunded twice: told (Z13)': {
    more: journal => order(journal).deliver(4_000).refund().refund(),
    finds: ['order.refund 9.7'],
  },
  'orders: refunded before delivery: told (Z13)': {
    more: journal => order(journal).refund(),
    finds: ['order.refund 9.5'],
  },
  'orders: a refund that gives back too much: told (Z13)': {
    more: journal => order(journal).deliver(4_000).refund(),
    edits: { 'last.refunded': body => (body.p[0][4] = 5_001) },
    finds: [...after('9.6'), 'order.refund 9.6'],
  },
  'orders: a posting on a wallet without a reason: told (Z13)': {
    more: journal => order(journal).deliver(4_000),
    edits: { 'last.delivered': body => (body.p[0][1] = 'gift') },
    finds: ['ledger.hold 9.5', 'order.wallet 9.5', 'order.charge 9.5', 'ledger.held 9'],
  },
  'orders: another cost than was booked: told (Z13)': {
    more: journal => order(journal).deliver(4_000),
    edits: { 'last.delivered': body => (body.e[0].cost = 4_001) },
    finds: ['order.cost 9.5', 'order_view.changed 9.5'],
  },
  'orders: held and let go, sent elsewhere and delivered there: nothing (CRC1, CRC2)': {
    more: journal =>
      order(journal).wait().hold().release().wait().reroute('digi9').next('digi2').deliver(4_000),
    finds: [],
  },
  'orders: held, failed, and sold after all by a person’s word: nothing (CRC1)': {
    more: journal => order(journal).hold().soldAfterAll(4_000),
    finds: [],
  },
  'orders: sold after all by nobody’s word: told (CRC1)': {
    more: journal => order(journal).hold().soldAfterAll(4_000),
    edits: { 'last.settled': body => body.e.pop() },
    finds: ['order.attempt 9.8', 'order_view.changed 9.8'],
  },
  'orders: sold by the one before, says a person, and nobody held it: nothing (CRC3)': {
    more: journal => order(journal).soldEarlier(4_000),
    finds: [],
  },
  'orders: sold by the one before, and another one is tried: told (CRC3)': {
    more: journal => order(journal).dispute().next('digi2'),
    finds: ['order.attempt 9.6'],
  },
  'orders: held, and another supplier is tried: told (CRC1)': {
    more: journal => order(journal).hold().next('digi2'),
    finds: ['order.hold_by_hand 9.6'],
  },
  'orders: held, and it fails by itself: told (CRC1)': {
    more: journal => order(journal).hold().fail(),
    finds: ['order.hold_by_hand 9.6', 'order_view.changed 9.6'],
  },
  'orders: let go and never held, or by nobody: told (CRC1)': {
    more: journal => order(journal).release().hold(),
    edits: { 'last.held': body => (body.e[0].by = '') },
    finds: ['order.hold_by_hand 9.5', 'order.hold_by_hand 9.6'],
  },
  'orders: sent elsewhere, where nobody said: told (CRC2)': {
    more: journal => order(journal).wait().reroute('digi9'),
    edits: { 'last.rerouted': body => (body.e[1].to[0] = 'digi7') },
    finds: ['order.plan 9.6'],
  },
  'orders: sent elsewhere while nobody knows: told (CRC2)': {
    more: journal => order(journal).wait().reroute('digi9'),
    edits: { 'last.rerouted': body => body.e.shift() },
    finds: ['order.attempt 9.6', 'order.attempt 9.6'],
  },
  'orders: a word that this reading does not know: told': {
    edits: { 'budi.waits': body => (body.e[0].type = 'blessed') },
    finds: [`order.event ${at('budi.waits')}`],
  },

  'transfers: done and never arrived: told (Z14)': {
    more: journal => journal.confirm('late', journal.place('late.sent').id),
    finds: ['transfer.lost 0.5'],
  },
  'transfers: arrived and never sent: told (Z14)': {
    more: journal => journal.receive('no', idOf('quick.placed'), `wallet:${budi}`, 700),
    finds: ['transfer.unsent 9.4', 'ledger.clearing 0'],
  },
  'transfers: less arrives than was sent: told (Z14)': {
    more: journal => journal.arrive('late', idOf('late.sent'), `wallet:${budi}`, 4_000),
    finds: ['transfer.changed 9.4', 'ledger.clearing 0'],
  },
  'transfers: another posting than was said: told (Z14)': {
    edits: { 'late.sent': body => (body.e[0].amount = 6_000) },
    finds: [
      ...['transfer.money 0.5', 'snapshot.changed 0.5', 'snapshot.owes 0.5'],
      'ledger.clearing 0',
    ],
  },
  'transfers: sent a second time: told (Z14)': {
    edits: { 'ani.done': body => (body.e[0] = { type: 'sent' }) },
    finds: [
      'transfer.again 0.3',
      'transfer.money 0.3',
      'snapshot.missing 0.3',
      'ledger.clearing 0',
    ],
  },
  'transfers: received a second time: told (Z14)': {
    more: journal => journal.receive('again', idOf('budi.sent'), `wallet:${budi}`, 50_000),
    finds: [
      'born.again 9.4',
      'actor.changed 9.4',
      'transfer.again 9.4',
      'transfer.unsent 9.4',
      'ledger.clearing 0',
    ],
  },

  'floats: a deposit, and a correction each way: sound (FLV1)': {
    more: journal => {
      journal.book('paid', { from: 'float:digi7', to: 'cash', amount: 900_000 })
      journal.book('less', { from: 'difference', to: 'float:digi7', amount: 700 })
      journal.book('more', { from: 'float:digi7', to: 'difference', amount: 50 })
    },
    finds: [],
  },
  'floats: out of a wallet: told (FLV1)': {
    more: journal => journal.book('odd', { from: 'float:digi7', to: 'sales', amount: 900 }),
    finds: ['transfer.float 0.6'],
  },

  'gateways: paid out what was never collected: told (Z55)': {
    more: journal => {
      const to = 'gateway:atlantic'
      const words = ['gateway-payout', 'atlantic', 'P1']
      const fees = ['gateway-fee', 'atlantic', 'P1']
      const paid = journal.send('out', { from: 'cash', to, amount: 900, words })
      const kept = journal.send('fee', { from: 'gateway_fee', to, amount: 9, words: fees })
      journal.note('gateway_payout', {
        ...{ id: 1, gateway: 'atlantic', ref: 'P1', amount: 900, fee: 9, day: '2026-02-02' },
        ...{ status: 'done', noted_by: ani, noted_at: '2026-02-02T04:00:00Z' },
        ...{ transfer_id: paid, fee_transfer_id: kept },
      })
    },
    finds: ['deposit.paid_out 0'],
  },
  'gateways: what one owes, moved somewhere else: told (Z56)': {
    more: journal => {
      const sides = { from: 'gateway:atlantic', to: 'sales', amount: 900 }
      journal.send('odd', { ...sides, words: ['odd'] })
    },
    finds: ['transfer.gateway 0.6', 'gateway_payout.missing 0.6'],
  },

  'commissions: paid, taken back, owed, and paid off by the next: sound (Z27, Z28)': {
    more: journal => earnings(journal),
    finds: [],
  },
  'commissions: paid a second time: told (Z27)': {
    edits: { 'first.back': body => (body.e[0].type = 'paid') },
    more: journal => earnings(journal),
    finds: ['commission.again 9.6', 'commission.money 9.6', 'commission_entry.changed 9.6'],
  },
  'commissions: taken back and never paid: told (Z27)': {
    edits: { 'first.paid': body => (body.e = []) },
    more: journal => earnings(journal),
    finds: ['commission_entry.extra 0', 'commission.unpaid 9.6', 'mutation.changed 9.4'],
  },
  'commissions: another amount is taken back than was paid: told (Z27, Z28)': {
    edits: { 'first.back': body => (body.e[0].amount = 601) },
    more: journal => earnings(journal),
    finds: ['commission.changed 9.6', 'commission.money 9.6'],
  },
  'commissions: under the key of another level: told (Z27)': {
    edits: { 'next.paid': body => (body.e[0].level = 3) },
    more: journal => earnings(journal),
    finds: ['commission_entry.extra 0', 'commission.key 9.7', 'commission_entry.missing 9.7'],
  },
  'commissions: kept for a debt that there is not: told (Z28)': {
    more: journal => {
      const order = idOf('quick.delivered')
      journal.earn('kept', { order, level: 1, user: budi, amount: 600 }, { kept: 100 })
    },
    finds: ['commission.money 9.4'],
  },
  'commissions: owed while the wallet has some: told (Z28)': {
    more: journal => {
      const earned = { order: idOf('quick.delivered'), level: 1, user: budi, amount: 600 }
      journal.earn('had', earned)
      journal.earn('had.back', earned, { back: true, owed: 100 })
    },
    finds: ['commission.money 9.5'],
  },

  'earnings: a row of an order that was never delivered: told before it is paid (Z66)': {
    spoil: `insert into commission_entry (shard, order_id, level, user_id, buyer_id, product,
                                          margin, amount, rule, created_at)
            values (7, '${idOf('waiting.placed')}', 1, '${budi}', '${ani}', 'TSEL10', 9, 9, '{}',
                    now()),
                   (7, '${ani}', 1, '${budi}', '${ani}', 'TSEL10', 9, 9, '{}', now())`,
    finds: ['commission_entry.extra 7', `commission_entry.extra ${at('waiting.waits')}`],
  },
  'earnings: another buyer, product, margin, and a refund that is not marked: told (Z66)': {
    more: journal => earnings(journal),
    spoil: `update commission_entry set buyer_id = gen_random_uuid(), product = 'x', margin = 1,
                   refunded = not refunded`,
    finds: [
      `commission_entry.changed ${at('quick.delivered')}`,
      `commission_entry.changed ${at('returned.refunded')}`,
    ],
  },
  'earnings: another amount, upline, part that was kept: told (Z67)': {
    more: journal => earnings(journal),
    spoil: `update commission_entry set amount = amount + 1, kept = kept + 1, owed = owed + 1,
                   user_id = '${ani}'`,
    finds: ['commission_entry.changed 9.6', 'commission_entry.changed 9.7'],
  },
  'earnings: one that is said to be paid and was not, or taken back: told (Z67)': {
    more: journal => {
      earnings(journal)
      journal.earn('only', { order: idOf('second.placed'), level: 1, user: budi, amount: 7 })
    },
    spoil: `update commission_entry set state = 'reversed'
             where order_id = '${idOf('second.placed')}';
            insert into commission_entry (shard, order_id, level, user_id, buyer_id, product,
                                          margin, amount, rule, refunded, state,
                                          created_at)
            select shard, order_id, 9, user_id, buyer_id, product, margin, amount, rule, refunded,
                   'paid', created_at from commission_entry limit 1`,
    finds: ['commission_entry.extra 0', 'commission_entry.changed 9.8'],
  },
  'earnings: a row that was paid and is gone: told (Z67)': {
    more: journal => earnings(journal),
    spoil: 'delete from commission_entry where level = 2',
    finds: ['commission_entry.missing 9.7'],
  },
  'earnings: rows that are a step behind what was paid: sound (Z67)': {
    more: journal => earnings(journal),
    spoil: `update commission_entry set state = 'due', kept = 0, owed = 0`,
    finds: [],
  },
  'earnings: rows that know of more lines than there are: told (Z66)': {
    spoil: 'update commission_position set seq = 99 where shard = 7',
    finds: ['projection.ahead 7.99'],
  },

  'recovery: a checkpoint ahead of its journal: told (Z17)': {
    spoil: 'update checkpoint set seq = 99 where shard = 7',
    finds: ['checkpoint.ahead 7.99'],
  },
  'recovery: a checkpoint with another hash: told (Z17)': {
    spoil: `update checkpoint set hash = '\\x00' where shard = 7`,
    finds: ['checkpoint.hash 7.8'],
  },
  'recovery: a claim that the checkpoint forgot: told (Z17)': {
    spoil: `update checkpoint set claims = '[]' where shard = 7`,
    finds: ['checkpoint.claims 7.8', 'checkpoint.claims 7.8'],
  },
  'recovery: an account of the house that is kept as a wallet: a restart would not load it (Z17)': {
    spoil: `update account set house = false where id = 'sales' and shard = 7`,
    finds: ['account.house 7.8'],
  },
  'recovery: an account row that was changed: told (Z17)': {
    spoil: `update account set balance = balance + 1 where id = 'wallet:${ani}'`,
    finds: ['account.changed 7.8'],
  },
  'recovery: an account row that is missing, and one too many: told (Z17)': {
    spoil: `update account set id = 'sale' where id = 'sales'`,
    finds: ['account.extra 7.8', 'account.missing 7.8'],
  },
  'recovery: a snapshot of the wrong line: told (Z18)': {
    spoil: 'update snapshot set seq = seq - 1 where shard = 0',
    finds: ['snapshot.changed 0.4'],
  },
  'recovery: a snapshot that holds other money, for another price: told (Z65)': {
    spoil: `update snapshot set state = replace(state, '7500', '7501')`,
    finds: ['snapshot.changed 7.8', 'snapshot.holds 7.8'],
  },
  'recovery: a snapshot that a restart would pass over: told (Z18)': {
    spoil: 'update snapshot set live = false where shard = 0',
    finds: ['snapshot.changed 0.5'],
  },
  'recovery: a snapshot whose effect a restart would not know of: told (Z18)': {
    spoil: 'update snapshot set owes = not owes where shard = 0',
    finds: ['snapshot.changed 0.5'],
  },
  'recovery: a snapshot that is missing: told (Z18)': {
    spoil: 'delete from snapshot where shard = 7 and seq = 8',
    finds: ['snapshot.missing 7.8'],
  },
  'recovery: a snapshot of an order that is over: told (Z18)': {
    spoil: `insert into snapshot (shard, actor, seq, kind, version, live, owes, state)
            select shard, actor, seq, 'order', 1, true, false, '{}' from journal
             where ${line('quick.delivered')}`,
    finds: [`snapshot.extra ${at('quick.delivered')}`],
  },

  'read models: an order row that was changed: told (Z19)': {
    spoil: `update order_view set status = 'FAILED' where ref = 'R-second'`,
    finds: [`order_view.changed ${at('second.delivered')}`],
  },
  'read models: a serial number of two lines: the table has a blank, which is right (Z19)': {
    edits: { 'second.delivered': body => (body.e[0].sn = 'SN\nsecond\t1') },
    spoil: `update order_view set sn = 'SN second 1' where ref = 'R-second'`,
    finds: [],
  },
  'read models: a disputed order that nobody is shown: told (Z19)': {
    spoil: `update order_view set attention = null where ref = 'R-disputed'`,
    finds: [`order_view.changed ${at('disputed.disputed')}`],
  },
  'read models: a finished order that a person is shown: told (Z19)': {
    spoil: `update order_view set attention = 'DEADLINE' where ref = 'R-second'`,
    finds: [`order_view.changed ${at('second.delivered')}`],
  },
  'read models: an order row that is missing: told (Z19)': {
    spoil: `delete from order_view where ref = 'R-second'`,
    finds: [`order_view.missing ${at('second.delivered')}`],
  },
  'read models: an order row too many: told (Z19)': {
    spoil: `insert into order_view
            select (jsonb_populate_record(order_view, '{"id":"${ani}"}')).* from order_view
             where ref = 'R-second'`,
    finds: ['order_view.extra 7'],
  },
  'read models: a movement that was changed: told (Z20)': {
    spoil: `update mutation set balance_after = balance_after + 1 where shard = 7 and seq = 4`,
    finds: ['mutation.changed 7.4'],
  },
  'read models: a movement with other words beside it: told (Z20)': {
    spoil: `update mutation set note = 'Bonus' where shard = 7 and seq = 1`,
    finds: ['mutation.changed 7.1'],
  },
  'read models: a movement that is missing: told (Z20)': {
    spoil: 'delete from mutation where shard = 7 and seq = 4',
    finds: ['mutation.missing 7.4'],
  },
  'read models: movements too many: each told (Z20)': {
    spoil: `insert into mutation
            select shard, user_id, extra.seq, 5, direction, amount, balance_before, balance_after,
                   kind, reference_id, note, created_at
              from mutation, (values (2), (99)) as extra (seq)
             where shard = 7 and mutation.seq = 4`,
    finds: ['mutation.extra 7.2', 'mutation.extra 7.99'],
  },
  'read models: an account row that was changed: told (Z21)': {
    spoil: `update account_view set debits_pending = 1 where shard = 9 and id = 'sales'`,
    finds: views(9, 2),
  },
  'read models: an account row that is missing, and one too many: told (Z21)': {
    spoil: `update account_view set id = 'sale' where shard = 9 and id = 'sales'`,
    finds: ['account_view.extra 9.2', 'account_view.missing 9.2'],
  },
}

for (const [title, { edits, more, spoil, finds }] of Object.entries(cases)) {
  test(`verify: ${title}`, async () => {
    const journal = story(edits)
    more?.(journal)
    const report = await read(journal, spoil)
    deepEqual(found(report), finds)
    equal(report.ok, finds.length === 0)
    equal(report.problemCount, finds.length)
  })
}
