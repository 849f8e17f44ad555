import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '../../services/contract/identity.ts'
import { answers } from '../operations.fixture.ts'
import { bornAt, keyCard, Stage, send, trxId, userId } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

async function stageOf(role: Role, scripts: object = {}): Promise<Stage> {
  const card = () => keyCard({ role, username: `the-${role}` })
  const stage = await Stage.open({ ...answers, 'identity.key': card, ...scripts })
  stages.push(stage)
  return stage
}

const root = '/api/v1/admin/clients'
const one = `${root}/toko`
const say = (stage: Stage, method: string, path: string, word: object) =>
  send(stage, { method, path, body: JSON.stringify(word) })
const reason = 'permintaan pemilik'

test('clients route: who may: staff reads, an admin changes, a reseller neither (KLB1)', async () => {
  for (const role of ['admin', 'finance', 'support', 'reseller'] as const) {
    const stage = await stageOf(role)
    const reads = role === 'reseller' ? 403 : 200
    for (const path of [root, one, `${one}/history`, `${one}/mutations`]) {
      equal((await send(stage, { path })).status, reads, `${role} ${path}`)
    }
    const changes = role === 'admin' ? 200 : 403
    equal((await say(stage, 'POST', root, { name: 'Baru' })).status, changes)
    equal((await say(stage, 'PUT', one, { version: 1, level: 2 })).status, changes)
    for (const verb of ['suspend', 'activate', 'close']) {
      equal((await say(stage, 'POST', `${one}/${verb}`, { reason })).status, changes)
    }
  }
})

test('clients route: a change: by whom, of which version, and only what was said (KLB2)', async () => {
  const stage = await stageOf('admin')
  const word = { version: 3, order_rate: 5, read_rate: null, ip_allow: ['10.0.0.0/8', '::1'] }
  equal((await say(stage, 'PUT', one, word)).status, 200)
  deepEqual(stage.askedOf('clients.change'), [
    {
      ...{ username: 'toko', by: 'the-admin', version: 3, ratePerMin: 5, readPerMin: null },
      ipAllow: ['10.0.0.0/8', '::1'],
    },
  ])
  equal((await say(stage, 'PUT', one, { level: 2 })).status, 400)
  for (const verb of ['suspend', 'activate', 'close']) {
    equal((await say(stage, 'POST', `${one}/${verb}`, { reason: ' ok ' })).status, 400)
  }
  equal((await say(stage, 'POST', `${one}/close`, { reason })).status, 200)
  const by = 'the-admin'
  deepEqual(stage.askedOf('clients.status'), [{ username: 'toko', status: 'closed', reason, by }])
})

test('clients route: a rate that nobody named: a desk’s for staff, else a client’s', async () => {
  const stage = await stageOf('admin')
  for (const word of [{}, { role: 'finance' }, { role: 'support', order_rate: 5 }]) {
    equal((await say(stage, 'POST', root, { name: 'Baru', ...word })).status, 200)
  }
  const rates = stage.askedOf('clients.create').map(({ ratePerMin }) => ratePerMin)
  deepEqual(rates, [60, 200, 5])
})

test('clients route: addresses: what can’t be read is refused, not kept (KLB3)', async () => {
  const stage = await stageOf('admin')
  for (const wrong of ['10.0.0.0/33', '10.0.0', '10.0.0.1/', '::1/129', '10.0.0.1/8/8', 'a', '']) {
    const word = { version: 1, ip_allow: [wrong] }
    equal((await say(stage, 'PUT', one, word)).status, 400, wrong)
  }
  deepEqual(stage.askedOf('clients.change'), [])
})

test('clients route: a list and a history: what was asked for, told in the words of the API (KLB1)', async () => {
  const stage = await stageOf('support')
  const query = `q=toko&status=active&level=2&role=reseller&cursor=${userId}&limit=5`
  const { body } = await send(stage, { path: `${root}?${query}` })
  deepEqual(stage.askedOf('clients.list'), [
    { q: 'toko', status: 'active', level: 2, role: 'reseller', cursor: userId, limit: 5 },
  ])
  deepEqual((body['data'] as unknown as { rows: object[] }).rows[0], {
    ...{ user_id: userId, username: 'toko', name: 'Toko', level: 2, role: 'reseller' },
    ...{ status: 'active', member_id: 'LJ0000000001', upline: null, order_rate: 60 },
    ...{ read_rate: null, ip_allow: ['203.0.113.0/24'], version: 2 },
    created_at: new Date(bornAt).toISOString(),
  })
  const history = await send(stage, { path: `${one}/history?cursor=9&limit=1` })
  deepEqual(stage.askedOf('clients.history'), [{ username: 'toko', before: 9, limit: 1 }])
  deepEqual(history.body['data'], {
    rows: [
      {
        ...{ id: 4, what: 'changed', reason: '', by: 'bos' },
        fields: { order_rate: 5, ip_allow: [] },
        at: new Date(bornAt).toISOString(),
      },
    ],
    next_cursor: '4',
  })
  for (const wrong of ['limit=0', 'limit=101', 'status=gone', 'level=x', 'role=king', 'q=']) {
    equal((await send(stage, { path: `${root}?${wrong}` })).status, 400, wrong)
  }
})

test('finding route: a search: needs something to begin at, and only staff may (KLF1)', async () => {
  const stage = await stageOf('support')
  const path = '/api/v1/admin/transactions'
  for (const wrong of ['', '?status=FAILED', '?supplier=a&product=B', '?to=2026-01-01T00:00:00Z']) {
    equal((await send(stage, { path: path + wrong })).status, 400, wrong)
  }
  deepEqual(stage.askedOf('finding.orders'), [])
  const query = `?destination=0878&ref_id=A-1&status=FAILED&from=1970-01-01T00:00:00Z&cursor=${trxId}`
  const { status, body } = await send(stage, { path: path + query })
  equal(status, 200)
  deepEqual(stage.askedOf('finding.orders'), [
    { destination: '0878', ref: 'A-1', status: 'FAILED', from: 0, cursor: trxId, limit: 50 },
  ])
  equal((body['data'] as unknown as { next_cursor: string }).next_cursor, trxId)
  for (const one of ['client=toko', 'destination=0878', 'ref_id=A', 'from=2026-01-01T00:00:00Z']) {
    equal((await send(stage, { path: `${path}?${one}` })).status, 200, one)
  }
  equal((await send(await stageOf('reseller'), { path: `${path}?client=toko` })).status, 403)
})

test('finding route: nothing searched for: what moved in the number line, to who may see it (KLF3, MMV1)', async () => {
  const stage = await stageOf('finance', answers)
  const path = '/api/v1/admin/transactions'
  const own = await send(stage, { path: '/api/v1/admin/number-transactions?limit=20' })
  for (const query of ['?limit=20', '?line=number&limit=20', `?user_id=${trxId}`, '?kind=sold']) {
    const { status, body } = await send(stage, { path: path + query })
    equal(status, 200, query)
    deepEqual(body['data'], own.body['data'])
  }
  deepEqual(stage.askedOf('finding.orders'), [])
  const [first, second] = stage.askedOf('numberDesk.transactions')
  deepEqual([second!.limit, second!.to - second!.from], [20, first!.to - first!.from])
  equal((await send(stage, { path: `${path}?line=number&from=2020-01-01T00:00:00Z` })).status, 400)
  equal((await send(stage, { path: `${path}?status=FAILED` })).status, 400)
  const helper = await stageOf('support', answers)
  equal((await send(helper, { path: `${path}?line=number` })).status, 403)
})

test('finding route: one order: costs, replies and requests are for staff alone (KLF2)', async () => {
  const path = `/api/v1/admin/transactions/${trxId}`
  const { status, body } = await send(await stageOf('finance'), { path })
  equal(status, 200)
  const { attempts, username } = body['data'] as unknown as { attempts: object[]; username: string }
  equal(username, 'toko')
  deepEqual(attempts[0], {
    ...{ n: 1, supplier: 'digiflazz', sku: 'xld10', ref: 'L1', cost: 10_000 },
    ...{ outcome: 'pending', code: '03', message: null, latency_ms: 1, reply: null },
    started_at: new Date(bornAt).toISOString(),
    answered_at: new Date(bornAt).toISOString(),
    request: { method: 'POST', path: '/v1', headers: { 'x-key': '***' }, body: '{}' },
  })
  equal((await send(await stageOf('reseller'), { path })).status, 403)
  const wrong = '/api/v1/admin/transactions/nonsense'
  equal((await send(await stageOf('finance'), { path: wrong })).status, 404)
})

test('keyring: a client that changed: looked up before the next use, not a moment later (KLD1)', async () => {
  let status: 'active' | 'suspended' = 'active'
  const stage = await stageOf('reseller', {
    'identity.key': () => keyCard({ status, ratePerMin: 1 }),
    'wallet.balance': () => ({ ok: { balance: 1, held: 0, available: 1 } }),
  })
  const path = '/api/v1/balance'
  equal((await send(stage, { path })).status, 200)
  status = 'suspended'
  stage.signal('client.changed', { userId: trxId })
  equal((await send(stage, { path })).status, 200)
  stage.signal('client.changed', { userId })
  equal((await send(stage, { path })).body['error_code'], 'CLIENT_SUSPENDED')
  status = 'active'
  stage.signal('client.changed', { userId })
  // Both reads of this minute are spent, and stay so.
  equal((await send(stage, { path })).status, 429)
})

test('keyring: a look-up that began before a change: serves who waited, and is not kept (KLD1)', async () => {
  const looks: ((card: ReturnType<typeof keyCard>) => void)[] = []
  const stage = await stageOf('reseller', {
    'identity.key': () => new Promise(resolve => looks.push(resolve)),
    'wallet.balance': () => ({ ok: { balance: 1, held: 0, available: 1 } }),
  })
  const ask = () => send(stage, { path: '/api/v1/balance' })
  const asked = async (count: number) => {
    while (looks.length < count) await new Promise(resolve => setImmediate(resolve))
  }
  const early = ask()
  await asked(1)
  stage.signal('client.changed', { userId })
  const late = ask()
  await asked(2)
  looks[1]!(keyCard({ status: 'suspended' }))
  equal((await late).status, 403)
  looks[0]!(keyCard())
  equal((await early).status, 200)
  equal((await ask()).status, 403)
})

test('keyring: a read rate of its own: spent apart from that of orders (KLD1)', async () => {
  const stage = await stageOf('reseller', {
    'identity.key': () => keyCard({ ratePerMin: 50, readPerMin: 1 }),
    'wallet.balance': () => ({ ok: { balance: 1, held: 0, available: 1 } }),
  })
  const path = '/api/v1/balance'
  equal((await send(stage, { path })).status, 200)
  equal((await send(stage, { path })).status, 429)
})
