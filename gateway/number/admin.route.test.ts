import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '../../services/contract/identity.ts'
import { answers } from '../operations.fixture.ts'
import { keyCard, Stage, send, trxId, userId } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

type Scripts = Parameters<typeof Stage.open>[0]
type Options = Parameters<typeof Stage.open>[1]

async function stageOf(role: Role, scripts: Scripts = {}, options: Options = {}): Promise<Stage> {
  const card = () => keyCard({ role, username: `the-${role}` })
  const stage = await Stage.open({ ...answers, 'identity.key': card, ...scripts }, options)
  stages.push(stage)
  return stage
}

const root = '/api/v1/admin'
const json = { 'content-type': 'application/json' }
const ask = (stage: Stage, method: string, path: string, body?: object, headers = {}) =>
  send(stage, {
    ...{ method, path: `${root}${path}`, headers: { ...json, ...headers } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

const reason = 'atas permintaan pengguna'
const percent = { kind: 'percent', rounding: 'up_100', percent_bp: 2_000 }
const rule = { service: 'whatsapp', version: 3, rule: percent, reason }
const user = `/users/${userId}`
const supplier = {
  ...{ name: 'RumahOTP', kind: 'rumahotp', base_url: 'https://contoh.test', unit: '1', version: 1 },
  ...{ credentials: { api_key: 'kunci rahasia pemasok' }, active: true, reason },
}
const doors: readonly (readonly [string, string, object | undefined, string])[] = [
  ['GET', '/stats', undefined, 'admin finance support'],
  ['GET', '/users', undefined, 'admin finance support'],
  ['GET', user, undefined, 'admin finance support'],
  ['PUT', user, { version: 1, level: 2 }, 'admin'],
  ['PUT', `${user}/status`, { status: 'suspended', reason }, 'admin'],
  ['POST', `${user}/ban`, { reason }, 'admin'],
  ['POST', `${user}/unban`, { reason }, 'admin'],
  ['GET', '/orders', undefined, 'admin finance support'],
  ['GET', `/orders/${trxId}`, undefined, 'admin finance support'],
  ['POST', `/orders/${trxId}/reveal`, { reason }, 'admin support'],
  ['GET', '/profit-analytics?from=2026-11-01&to=2026-11-02', undefined, 'admin finance'],
  ['GET', '/number-transactions', undefined, 'admin finance'],
  ['GET', '/markup', undefined, 'admin finance'],
  ['GET', '/markup/history', undefined, 'admin finance'],
  ['POST', '/markup/preview', { rule: percent }, 'admin finance'],
  ['POST', '/markup', rule, 'admin'],
  ['PUT', '/markup', rule, 'admin'],
  ['DELETE', '/markup', { service: 'whatsapp', version: 3, reason }, 'admin'],
  ['GET', '/number-names?kind=country', undefined, 'admin finance'],
  ['PUT', '/number-names', { kind: 'country', word: 'usa', id: null, version: 1, reason }, 'admin'],
  ['GET', '/number-settings', undefined, 'admin finance support'],
  ['PUT', '/number-settings', { version: 1, wait_minutes: 12, reason }, 'admin'],
  ['POST', `${user}/export`, { reason: `${reason}, surat 12/XI` }, 'admin'],
  ['POST', `/orders/${trxId}/cancel`, { reason }, 'admin support'],
  ['POST', `/orders/${trxId}/refund`, { reason }, 'admin finance'],
  ['POST', `/orders/${trxId}/charge`, { reason }, 'admin finance'],
  ['GET', '/number-refunds', undefined, 'admin finance'],
  ['POST', '/number-refunds/1/reject', { reason }, 'admin finance'],
  ['GET', '/number-suppliers', undefined, 'admin finance'],
  ['PUT', '/number-suppliers/rumahotp', supplier, 'admin'],
  ['POST', '/number-suppliers/rumahotp/test', undefined, 'admin finance'],
  ['POST', '/number-suppliers/rumahotp/refresh', undefined, 'admin finance'],
  ['GET', '/abuse', undefined, 'admin finance support'],
  ['POST', '/abuse/1/decide', { verdict: 'clear', reason }, 'admin'],
  ['GET', '/denied-services', undefined, 'admin finance support'],
  ['POST', '/denied-services', { pattern: 'bank', reason }, 'admin'],
  ['DELETE', '/denied-services', { pattern: 'bank' }, 'admin'],
]

test('number desk: roles: each passes the doors that are his, and no other (NMA1)', async () => {
  for (const role of ['admin', 'finance', 'support', 'ops', 'viewer', 'reseller'] as const) {
    const stage = await stageOf(role)
    for (const [method, path, body, who] of doors) {
      const { status, text } = await ask(stage, method, path, body)
      const is = who.split(' ').includes(role) ? 200 : 403
      equal(status, is, `${role} ${method} ${path}: ${text}`)
    }
  }
})

test('number desk: support: costs and profit are null, everything else is there (NMA1)', async () => {
  const [support, finance] = [await stageOf('support'), await stageOf('finance')]
  const at = async (stage: Stage, path: string) => (await ask(stage, 'GET', path)).body['data']!
  for (const [stage, sees] of [
    [support, false],
    [finance, true],
  ] as const) {
    const { order, profit } = (await at(stage, `/orders/${trxId}`)) as never as {
      order: { cost: number | null; price: number }
      profit: object[] | null
    }
    deepEqual([order.cost !== null, profit !== null], [sees, sees])
    equal(order.price, 3_000)
    const stats = await at(stage, '/stats')
    equal(stats['today']!['profit'] !== null, sees)
    equal(stats['today']!['base'] !== null, sees)
    equal(stats['days']![0 as never]!['profit'] !== null, sees)
  }
  const text = (await ask(support, 'GET', '/orders')).text
  ok(!/\b2000\b/.test(text), text)
})

test('number desk: whatever changes something: in the audit log, with its reason (NMA2)', async () => {
  const stage = await stageOf('admin')
  for (const [method, path, body] of doors) await ask(stage, method, path, body)
  const isRead = (path: string) => path.endsWith('preview') || path.endsWith('test')
  const changing = doors.filter(([method, path]) => method !== 'GET' && !isRead(path))
  const written = stage.askedOf('audit.add')
  equal(written.length, changing.length)
  for (const { actor, action, outcome, details } of written) {
    deepEqual([actor.name, actor.role, outcome], ['the-admin', 'admin', 'done'])
    ok(/^number-\w+\.\w+$/.test(action), action)
    ok('path' in details)
  }
  const bans = written.find(({ action }) => action === 'number-user.ban')!
  deepEqual(bans.details['body'], { reason })
})

test('number desk: a user’s name: changed, and not in the log that only grows (DKE7)', async () => {
  const stage = await stageOf('admin')
  const wish = { version: 1, name: 'Nama Yang Khas', level: 2 }
  equal((await ask(stage, 'PUT', user, wish)).status, 200)
  equal(stage.askedOf('numberDesk.change')[0]!.name, wish.name)
  const [written] = stage.askedOf('audit.add')
  deepEqual(written!.details['body'], { ...wish, name: '***' })
})

test('number desk: without a reason: refused, and nothing is done (NMA2)', async () => {
  const stage = await stageOf('admin')
  for (const [method, path, body] of doors) {
    if (body === undefined || !('reason' in body)) continue
    for (const bad of [undefined, '', '     ', 'ya']) {
      const { status } = await ask(stage, method, path, { ...body, reason: bad })
      equal(status, 400, `${method} ${path}`)
    }
  }
  const acted = stage.asked.filter(({ action }) =>
    /\.(?:ban|set|change|deny|refund|charge|cancel|put|export)$/.test(action),
  )
  deepEqual(acted, [])
})

test('number desk: the same key: done once, answered alike, in the house’s envelope (NMA2, DKE6)', async () => {
  const kept = new Map<string, { status: number; body: string }>()
  const stage = await stageOf('admin', {
    'idempotency.claim': ({ key }) => ({ ok: kept.get(key) ?? { claim: 1 } }),
    'idempotency.keep': ({ key, status, body }) => {
      kept.set(key, { status, body })
      return { ok: null }
    },
    'idempotency.release': () => ({ ok: null }),
  })
  const press = () => ask(stage, 'POST', '/markup', rule, { 'idempotency-key': 'k1' })
  const [first, again] = [await press(), await press()]
  equal(stage.askedOf('markup.change').length, 1)
  deepEqual(again.body, first.body)
  deepEqual([first.body['status'], first.body['data']], ['success', { version: 2 }])
  const refused = await stageOf('admin', {
    'markup.change': () => ({ refused: 'STALE_VERSION', moneyEffect: 'none' }),
  })
  const { status, body } = await ask(refused, 'POST', '/markup', rule)
  deepEqual([status, body['status'], body['error_code']], [409, 'error', 'STALE_VERSION'])
})

test('number desk: a message: revealed by one door only, and kept nowhere (NMA3)', async () => {
  const kept: string[] = []
  const stage = await stageOf('support', {
    'idempotency.claim': () => ({ ok: { claim: 1 } }),
    'idempotency.keep': ({ body }) => {
      kept.push(body)
      return { ok: null }
    },
  })
  const path = `/orders/${trxId}/reveal`
  const told = await ask(stage, 'POST', path, { reason }, { 'idempotency-key': 'k' })
  ok(told.text.includes('Kode Anda 123'))
  equal(kept.length, 1)
  ok(!kept[0]!.includes('123"') && !kept[0]!.includes('Kode Anda'))
  ok(!JSON.stringify(stage.askedOf('audit.add')).includes('Kode Anda'))
  for (const [method, other, body] of doors) {
    if (other === path) continue
    const { text } = await ask(stage, method, other, body)
    ok(!text.includes('Kode Anda'), other)
  }
})

test('number desk: by hand: who did it comes from the proof, not from the body (NMA2)', async () => {
  const stage = await stageOf('finance')
  const body = { reason, supplier: 'returned', by: { userId: 'x', name: 'somebody else' } }
  const told = await ask(stage, 'POST', `/orders/${trxId}/refund`, body)
  const by = { userId, name: 'the-finance' }
  deepEqual(stage.askedOf('numberHand.refund'), [
    { orderId: trxId, by, reason, supplier: 'returned' },
  ])
  equal(told.body['data']!['waits']!['by'] as never, 'ani')
})

test('number desk: a supplier: its credentials go in, and are in no log (NMA2)', async () => {
  const stage = await stageOf('admin')
  const told = await ask(stage, 'PUT', '/number-suppliers/rumahotp', supplier)
  equal(told.status, 200)
  const [put] = stage.askedOf('numberSupplier.put')
  deepEqual(put!.credentials, supplier.credentials)
  equal(put!.terms.lifeMs, null)
  equal((await ask(stage, 'PUT', '/number-suppliers/RUMAH', supplier)).status, 404)
  const { credentials: _, ...rest } = supplier
  await ask(stage, 'PUT', '/number-suppliers/rumahotp', rest)
  equal(stage.askedOf('numberSupplier.put')[1]!.credentials, null)
})

test('number desk: two hundred in a minute: the next waits, and does nothing (NMA4)', async () => {
  const stage = await stageOf('support', {}, { now: () => 1_800_000_000_000 })
  const timestamp = '1800000000'
  const path = `${root}/number-settings`
  for (let n = 0; n < 200; n++) equal((await send(stage, { path, timestamp })).status, 200)
  const { status, headers } = await send(stage, { path, timestamp })
  deepEqual([status, headers.get('retry-after')], [429, '1'])
  equal(stage.askedOf('numberDesk.settings').length, 200)
})

test('number desk: deposits, gateways and people are counted with it (NMA4, GZ3)', async () => {
  const now = () => 1_800_000_000_000
  const stage = await stageOf('finance', {}, { now, limits: { staffPerMin: 4 } })
  const statuses: number[] = []
  for (const path of [
    'number-settings',
    'deposit-intents',
    'payment-gateways',
    'activity',
    'deposit-intents/suspense',
    'payment-gateways/atlantic/payouts',
    'number-suppliers',
  ]) {
    const at = { path: `${root}/${path}`, timestamp: '1800000000' }
    statuses.push((await send(stage, at)).status)
  }
  deepEqual(statuses, [200, 200, 200, 200, 429, 429, 429])
  const other = { path: `${root}/complaints`, timestamp: '1800000000' }
  const { status } = await send(stage, other)
  ok(status !== 429)
})

test('number desk: a change: says of which version it was made (NMA5)', async () => {
  const stage = await stageOf('admin')
  for (const [method, path, body] of [
    ['POST', '/markup', rule],
    ['PUT', '/markup', rule],
    ['DELETE', '/markup', { service: 'whatsapp', version: 3, reason }],
    ['PUT', '/number-settings', { version: 3, wait_minutes: 12, reason }],
  ] as const) {
    equal((await ask(stage, method, path, { ...body, version: undefined })).status, 400)
    equal((await ask(stage, method, path, body)).status, 200)
  }
  deepEqual(
    stage.askedOf('markup.change').map(one => [one.version, one.expects, one.rule?.kind ?? null]),
    [
      [3, 'none', 'percent'],
      [3, 'one', 'percent'],
      [3, undefined, null],
    ],
  )
  const place = { level: 0, service: 'whatsapp', country: '', operator: '' }
  deepEqual(stage.askedOf('markup.change')[0]!.place, place)
  deepEqual(stage.askedOf('numberDesk.set')[0]!.settings, { waitMinutes: 12 })
})

test('number desk: days: counted in Jakarta, both ends included, and not years of them (NMA1)', async () => {
  const stage = await stageOf('finance')
  const days = (from: string, to: string) =>
    ask(stage, 'GET', `/profit-analytics?from=${from}&to=${to}&by=country`)
  equal((await days('2026-11-01', '2026-11-01')).status, 200)
  deepEqual(stage.askedOf('numberDesk.profit'), [
    {
      from: Date.parse('2026-11-01T00:00:00+07:00'),
      to: Date.parse('2026-11-02T00:00:00+07:00'),
      by: 'country',
    },
  ])
  equal((await days('2026-11-02', '2026-11-01')).status, 400)
  equal((await days('2020-11-02', '2026-11-01')).status, 400)
})
