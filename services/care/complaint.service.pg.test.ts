import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { sql, z } from '../../sql/database.ts'
import type { Answer } from '../contract/answer.ts'
import type { ComplaintFile, ComplaintNews, ComplaintReason } from '../contract/care.ts'
import type { OrderView } from '../contract/order-view.ts'
import { sceneAt, shards, until } from '../engine-room.fixture.ts'
import { enrol } from '../identity/enrol.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { complaintService } from './complaint.service.ts'

const database = await testDatabase()
after(() => database.drop())
const seal = makeSeal(newMasterKey())

async function deskAt(t: TestContext) {
  const scene = await sceneAt(t, { url: database.url })
  const { broker, db, room, call } = scene
  const told: { webhook: ComplaintNews[]; chat: ComplaintNews[] } = { webhook: [], chat: [] }
  /** How often a teller is to fail first. */
  const trouble = { left: 0 }
  for (const name of ['webhook', 'chat'] as const) {
    broker.createService({
      name,
      actions: {
        complaint(ctx: { params: ComplaintNews }) {
          if (trouble.left-- > 0) throw new Error('away')
          told[name].push(ctx.params)
          return null
        },
      },
    })
  }
  const open = () =>
    broker.createService(
      complaintService({ db, room, call, isOwner: () => true, onError: () => {} }),
    )
  open()
  await broker.waitForServices(['complaint', 'webhook', 'chat'])
  const client = async () => {
    const { userId } = await enrol({ db, seal, shards }, { name: 'Toko Contoh' })
    const cash = { userId, amount: 1_000_000, ref: `open ${userId}`, note: '' }
    await call('wallet.deposit', cash)
    return userId
  }
  let bought = 0
  const buy = async (userId: string, isDone = (order: OrderView) => order.next === null) => {
    const destination = `08781234${String(++bought).padStart(4, '0')}`
    const wish = { userId, level: 0, ref: `r${bought}`, product: 'XLD10', destination }
    ok('ok' in (await call('order.place', wish)))
    return await until(async () => okOf(await call('order.get', { userId, ref: wish.ref })), isDone)
  }
  const complain = (
    userId: string,
    about: { trxId: string } | { ref: string },
    reason: ComplaintReason = 'not_received',
  ) => call('complaint.open', { userId, ...about, reason, text: 'Pulsa belum masuk.' })
  return { ...scene, told, trouble, client, buy, complain }
}

function okOf<T>(answer: Answer<T>): T {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusalOf = (answer: Answer<unknown>): unknown =>
  'refused' in answer ? answer.refused : answer

test('complaint: the same order again: the same complaint, by id or by reference (CRE1)', async t => {
  const { client, buy, complain } = await deskAt(t)
  const userId = await client()
  const { trxId, ref } = await buy(userId)
  const [one, other] = await Promise.all([complain(userId, { trxId }), complain(userId, { ref })])
  const [first, second] = [okOf(one), okOf(other)]
  equal(first.file.complaint.id, second.file.complaint.id)
  equal([first, second].filter(each => each.repeated).length, 1)
  equal(okOf(await complain(userId, { trxId }, 'other')).repeated, true)
  const { complaint, messages } = first.file
  deepEqual([complaint.state, complaint.reason, complaint.ref], ['open', 'not_received', ref])
  deepEqual(
    messages.map(said => [said.author, said.text]),
    [['client', 'Pulsa belum masuk.']],
  )
})

test('complaint: somebody else’s, or no order at all: not found (CRE2)', async t => {
  const { client, buy, complain, call } = await deskAt(t)
  const [owner, stranger] = [await client(), await client()]
  const { trxId } = await buy(owner)
  equal(refusalOf(await complain(stranger, { trxId })), 'NOT_FOUND')
  equal(refusalOf(await complain(owner, { ref: 'never placed' })), 'NOT_FOUND')
  const { id } = okOf(await complain(owner, { trxId })).file.complaint
  equal(refusalOf(await call('complaint.read', { userId: stranger, id })), 'NOT_FOUND')
  const words = { userId: stranger, id, text: 'me too' }
  equal(refusalOf(await call('complaint.say', words)), 'NOT_FOUND')
  equal(okOf(await call('complaint.list', { userId: stranger, limit: 5 })).rows.length, 0)
  equal(okOf(await call('complaint.list', { userId: owner, limit: 5 })).rows.length, 1)
  equal(okOf(await call('complaint.read', { id })).complaint.userId, owner)
})

test('complaint: too many undecided: refused until one is decided (CRE2)', async t => {
  const { client, buy, complain, call } = await deskAt(t)
  const userId = await client()
  const ids: number[] = []
  for (let n = 0; n < 20; n++) {
    const { trxId } = await buy(userId)
    ids.push(okOf(await complain(userId, { trxId })).file.complaint.id)
  }
  const { trxId } = await buy(userId)
  equal(refusalOf(await complain(userId, { trxId })), 'COMPLAINT_LIMIT')
  const verdict = { id: ids[0]!, verdict: 'rejected', text: 'It is there.', by: userId } as const
  okOf(await call('complaint.decide', verdict))
  okOf(await complain(userId, { trxId }))
  const page = okOf(await call('complaint.list', { userId, state: 'open', limit: 15 }))
  equal(page.rows.length, 15)
  const rest = await call('complaint.list', {
    userId,
    state: 'open',
    before: page.next!,
    limit: 15,
  })
  deepEqual([okOf(rest).rows.length, okOf(rest).next], [5, null])
})

test('complaint: opened: the attempts as they were, and the supplier is asked again (CRE3)', async t => {
  const { client, buy, complain, call, clock, shop, asked } = await deskAt(t)
  const userId = await client()
  const order = await buy(userId)
  const { trxId, attempts } = order
  clock.ms = order.updatedAt + 61_000
  shop.answer = () => ({ status: 'Gagal', rc: '01', sn: '' })
  const { evidence, complaint } = okOf(await complain(userId, { trxId })).file
  deepEqual([evidence?.status, evidence?.check], ['SUCCESS', 'asked'])
  deepEqual(evidence?.attempts, attempts)
  const file = await until(
    async () => okOf(await call('complaint.read', { id: complaint.id })),
    ({ checked }) => checked !== null && checked.outcome !== 'asked',
  )
  deepEqual([file.checked?.outcome, file.order.disputed], ['failed', true])
  equal(asked.filter(one => one['ref_id'] === attempts[0]!.ref).length, 2)

  const fresh = await buy(userId, order => order.attempts.length === 2)
  const soon = okOf(await complain(userId, { trxId: fresh.trxId })).file.evidence
  ok(soon!.check !== 'asked')
})

test('complaint: upheld with a refund: the order gives the money back, once (CRE4)', async t => {
  const { client, buy, complain, call } = await deskAt(t)
  const userId = await client()
  const { trxId } = await buy(userId)
  const { id } = okOf(await complain(userId, { trxId })).file.complaint
  const balance = async () => okOf(await call('wallet.balance', { userId })).available
  equal(await balance(), 989_500)
  const words = { id, text: 'The supplier confirms it.', by: userId } as const
  const own = await call('complaint.decide', { ...words, verdict: 'upheld', order: 'refund' })
  equal(refusalOf(own), 'OWN_ACCOUNT')
  // Cut off between the money and the verdict: given again, it is finished.
  const resolve = { trxId, verdict: 'refund', reason: words.text, by: userId } as const
  okOf(await call('order.resolve', resolve))
  const decided = okOf(
    await call('complaint.decide', { ...words, verdict: 'upheld', order: 'refund' }),
  )
  deepEqual([decided.complaint.state, decided.order.status], ['upheld', 'REFUND'])
  equal(await balance(), 1_000_000)
  const again = await call('complaint.decide', { ...words, verdict: 'upheld', order: 'refund' })
  equal(refusalOf(again), 'COMPLAINT_CLOSED')
  equal(refusalOf(await call('complaint.answer', words)), 'COMPLAINT_CLOSED')
  const late = await call('complaint.say', { userId, id, text: 'and now?' })
  equal(refusalOf(late), 'COMPLAINT_CLOSED')
  equal(await balance(), 1_000_000)
})

test('complaint: rejected by one while another gives the money back: he hears that it went (CRE6)', async t => {
  const { client, buy, complain, call, db } = await deskAt(t)
  const userId = await client()
  const { trxId } = await buy(userId)
  const { id } = okOf(await complain(userId, { trxId })).file.complaint
  const by = await client()
  const other = await db.connect()
  await other.query('begin')
  await other.query(`update complaint set state = 'rejected' where id = $1`, [id])
  const words = { id, text: 'The supplier confirms it.', by } as const
  const upheld = call('complaint.decide', { ...words, verdict: 'upheld', order: 'refund' })
  await until(
    () =>
      db.pool.exists(sql.type(z.object({}))`
        select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`),
    isWaiting => isWaiting,
  )
  await other.query('commit')
  await other.end()
  const told = await upheld
  equal(refusalOf(told), 'COMPLAINT_CLOSED')
  equal('refused' in told && told.moneyEffect, 'refunded')
  equal(okOf(await call('wallet.balance', { userId })).available, 1_000_000)
})

test('complaint: a verdict that the order refuses: none, and nothing is told (CRE4)', async t => {
  const { client, buy, complain, call, told } = await deskAt(t)
  const userId = await client()
  const { trxId } = await buy(userId)
  const { id } = okOf(await complain(userId, { trxId })).file.complaint
  const words = { id, verdict: 'upheld', text: 'Nothing to dismiss.', by: userId } as const
  const answer = await call('complaint.decide', { ...words, order: 'dismiss' })
  equal(refusalOf(answer), 'DISPUTE_ABSENT')
  equal(okOf(await call('complaint.read', { id })).complaint.state, 'open')
  equal(told.webhook.filter(one => one.complaint.id === id).length, 0)
})

test('complaint: to and fro: each word of staff is told once, in order (CRE5)', async t => {
  const { client, buy, complain, call, told } = await deskAt(t)
  const userId = await client()
  const { trxId } = await buy(userId)
  const { id } = okOf(await complain(userId, { trxId })).file.complaint
  const stateOf = (answer: Answer<ComplaintFile>) => okOf(answer).complaint.state
  const by = userId
  equal(stateOf(await call('complaint.answer', { id, text: 'We ask.', by })), 'answered')
  equal(stateOf(await call('complaint.say', { userId, id, text: 'Thanks.' })), 'open')
  equal(stateOf(await call('complaint.answer', { id, text: 'It is there.', by })), 'answered')
  const verdict = { id, verdict: 'rejected', text: 'It was there.', by } as const
  equal(stateOf(await call('complaint.decide', verdict)), 'rejected')
  for (const road of ['webhook', 'chat'] as const) {
    const news = await until(
      () => told[road].filter(one => one.complaint.id === id),
      list => list.length >= 3,
    )
    deepEqual(
      news.map(one => [one.message.kind, one.message.text]),
      [
        ['answered', 'We ask.'],
        ['answered', 'It is there.'],
        ['rejected', 'It was there.'],
      ],
    )
  }
})

test('complaint: died before it was told: told later, by whoever serves (CRE5)', async t => {
  const { client, buy, complain, call, told, trouble } = await deskAt(t)
  const userId = await client()
  const { trxId } = await buy(userId)
  const { id } = okOf(await complain(userId, { trxId })).file.complaint
  trouble.left = 1
  okOf(await call('complaint.answer', { id, text: 'We ask.', by: userId }))
  await until(
    () => told.chat.filter(one => one.complaint.id === id),
    list => list.length === 1,
  )
  equal(told.webhook.filter(one => one.complaint.id === id).length, 1)
})
