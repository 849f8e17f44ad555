import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import type { SessionCard } from '../services/contract/identity.ts'
import { plain, Stage, userId } from './scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const at = Date.UTC(2026, 10, 21, 3)
const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'
const merchantId = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e881'
const card = (change: Partial<SessionCard> = {}): SessionCard => ({
  ...{ userId, username: 'ani@laju.test', name: 'Ani', level: 0, role: 'admin', status: 'active' },
  ...{ sid, secret: 'of the session', ipAllow: [], ratePerMin: 0, merchant: null },
  ...change,
})

function tokenOf({ secret }: SessionCard): string {
  const of = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const s = Math.floor(at / 1_000)
  const claims = { sub: userId, sid, role: 'x', iat: s, exp: s + 600 }
  const signed = `${of({ alg: 'HS256', typ: 'JWT' })}.${of(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const person = {
  ...{ userId: merchantId, email: 'budi@laju.test', name: 'Budi', merchant: null },
  ...{ createdAt: at, password: 'ONCE0ONLY' },
  role: 'ops',
  status: 'active',
} as const

type Scripts = Parameters<typeof Stage.open>[0]
async function open(
  mine: SessionCard,
  scripts: Scripts = {},
  options: Parameters<typeof Stage.open>[1] = {},
): Promise<Stage> {
  const stage = await Stage.open(
    {
      'session.card': () => mine,
      'audit.add': () => ({ ok: { id: 1 } }),
      'audit.list': () => ({ ok: { rows: [], next: null } }),
      'person.create': () => ({ ok: person }),
      'idempotency.claim': () => ({ ok: { claim: 1 } }),
      'idempotency.keep': () => ({ ok: null }),
      'idempotency.release': () => ({ ok: null }),
      ...scripts,
    },
    { now: () => at, ...options },
  )
  stages.push(stage)
  return stage
}

const wish = JSON.stringify({ email: 'budi@laju.test', name: 'Budi', role: 'ops' })
const post = (stage: Stage, mine: SessionCard, headers = {}, path = '/admin/people') =>
  plain(stage, {
    ...{ method: 'POST', path, body: wish },
    headers: {
      ...{ 'content-type': 'application/json', authorization: `Bearer ${tokenOf(mine)}` },
      ...headers,
    },
  })
const get = (stage: Stage, mine: SessionCard, path: string) =>
  plain(stage, { method: 'GET', path, headers: { authorization: `Bearer ${tokenOf(mine)}` } })

test('desk: roles: each passes his own doors, in the words of the line (DKE1)', async () => {
  const viewer = card({ role: 'viewer' })
  const stage = await open(viewer)
  equal((await get(stage, viewer, '/admin/audit-logs')).status, 200)
  const { status, body } = await post(stage, viewer)
  equal(status, 403)
  deepEqual(Object.keys(body), ['code', 'message', 'details', 'request_id', 'timestamp'])
  equal(body['code'], 'FORBIDDEN')
  const stranger = await plain(stage, { method: 'GET', path: '/admin/audit-logs', headers: {} })
  deepEqual([stranger.status, stranger.body['code']], [401, 'TOKEN_INVALID'])
})

test('desk: where there is no door: the words of the line all the same (DKE1)', async () => {
  const stage = await open(card())
  for (const [method, path, code] of [
    ['GET', '/admin/nowhere', 'NOT_FOUND'],
    ['POST', '/merchant/nowhere', 'NOT_FOUND'],
    ['POST', '/device/nowhere', 'NOT_FOUND'],
    ['DELETE', '/admin/audit-logs', 'METHOD_NOT_ALLOWED'],
  ] as const) {
    const { body } = await plain(stage, { method, path, headers: {} })
    deepEqual(Object.keys(body), ['code', 'message', 'details', 'request_id', 'timestamp'])
    equal(body['code'], code, path)
  }
  const huge = { method: 'POST', path: '/integrations/qris/callback', body: 'x'.repeat(100_000) }
  const { status, body } = await plain(stage, { ...huge, headers: {} })
  deepEqual([status, body['code']], [413, 'BODY_TOO_LARGE'])
  const house = await plain(stage, { method: 'GET', path: '/administration', headers: {} })
  equal(house.body['error_code'], 'NOT_FOUND')
})

test('desk: a merchant with many boxes: all of them are told, and what each missed (GSP1)', async () => {
  const owner = card({ role: 'merchant', merchant: { merchantId, role: 'owner' } })
  const model = { vendor: 'Laju', name: 'V1', acks: 'played', adapter: 'laju' } as const
  const health = { online: true, via: 'mqtt', score: 100, reasons: [] } as const
  const box = { model, binding: null, health, waiting: 0, missed: 1 }
  const stage = await open(owner, {
    'device.list': ({ limit }) => ({
      ok: { rows: Array.from({ length: Math.min(limit, 1_999) }, () => box as never), next: null },
    }),
  })
  const { body } = await get(stage, owner, '/merchant/devices')
  const rows = body['rows'] as unknown as readonly { readonly missed: number }[]
  equal(
    rows.reduce((all, { missed }) => all + missed, 0),
    1_999,
  )
  equal(stage.askedOf('device.list')[0]!.merchantId, merchantId)
})

test('desk: a refusal: tells of things by the names of the wire (DKE1)', async () => {
  const admin = card()
  const stage = await open(admin, {
    'device.bind': () => ({
      ...{ refused: 'TERMINAL_TAKEN', moneyEffect: 'none' },
      details: { deviceId: userId },
    }),
  })
  const path = `/admin/devices/${userId}/bind`
  const { status, body } = await plain(stage, {
    ...{ method: 'POST', path, body: JSON.stringify({ terminal_id: merchantId }) },
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf(admin)}` },
  })
  deepEqual([status, body['details']], [409, { device_id: userId }])
})

test('desk: text that no table keeps: refused, and nothing is done (DKE5)', async () => {
  const admin = card()
  const stage = await open(admin)
  const told = (name: string) =>
    plain(stage, {
      ...{ method: 'POST', path: '/admin/people' },
      body: JSON.stringify({ email: 'budi@laju.test', name, role: 'ops' }),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf(admin)}` },
    })
  for (const name of ['a\0b', 'half \ud800', '\\\0']) {
    const { status, body } = await told(name)
    deepEqual([status, body['code']], [400, 'VALIDATION_FAILED'], JSON.stringify(name))
  }
  equal(stage.askedOf('person.create').length, 0)
  equal((await get(stage, admin, '/admin/audit-logs?subject=a%00')).status, 400)
  for (const name of ['a\\u0000b', 'tab\u0009', '\u{1f4a1}']) equal((await told(name)).status, 200)
})

test('desk: the sample: takes any object, and shows how a key is answered (DKE2)', async () => {
  const viewer = card({ role: 'viewer' })
  const stage = await open(viewer)
  const path = '/admin/sample-idempotent'
  const { status, body } = await post(stage, viewer, { 'idempotency-key': 'k-2' }, path)
  deepEqual([status, body['email']], [200, 'budi@laju.test'])
  equal(stage.askedOf('idempotency.keep').length, 1)
})

test('desk: who speaks for a merchant: passes his doors and no other (DKE1, SEE6)', async () => {
  const owner = card({ role: 'merchant', merchant: { merchantId, role: 'owner' } })
  const stage = await open(owner)
  const told = await get(stage, owner, '/merchant/session')
  deepEqual(told.body, { email: 'ani@laju.test', role: 'owner', merchant_id: merchantId })
  for (const path of ['/admin/audit-logs', '/api/v1/balance', '/api/v1/me']) {
    equal((await get(stage, owner, path)).status, 403, path)
  }
  const staff = card()
  const other = await open(staff)
  equal((await get(other, staff, '/merchant/session')).status, 403)
})

test('desk: a key: claimed before, its answer kept after, without what is shown once (DKE2, DKE4)', async () => {
  const admin = card()
  const stage = await open(admin)
  const { status, body } = await post(stage, admin, { 'idempotency-key': 'k-1' })
  deepEqual([status, body['password']], [200, 'ONCE0ONLY'])
  const [claim] = stage.askedOf('idempotency.claim')
  deepEqual([claim!.scope, claim!.key], [userId, 'k-1'])
  match(claim!.fingerprint, /^[0-9a-f]{64}$/)
  const [kept] = stage.askedOf('idempotency.keep')
  deepEqual([kept!.claim, kept!.status], [1, 200])
  deepEqual(JSON.parse(kept!.body).email, 'budi@laju.test')
  ok(!kept!.body.includes('ONCE0ONLY'))
})

test('desk: a repeat: the kept answer, and nothing is asked or written again (DKE2)', async () => {
  const admin = card()
  const stage = await open(admin, {
    'idempotency.claim': () => ({ ok: { status: 200, body: '{"a":1}' } }),
  })
  const { status, headers, body } = await post(stage, admin, { 'idempotency-key': 'k-1' })
  deepEqual([status, body, headers.get('idempotency-replayed')], [200, { a: 1 }, 'true'])
  deepEqual([stage.askedOf('person.create').length, stage.askedOf('audit.add').length], [0, 0])
})

test('desk: a key at work, or of another request: 409 (DKE2)', async () => {
  const admin = card()
  const flying = await open(admin, {
    'idempotency.claim': () => ({
      ...{ refused: 'IDEMPOTENCY_IN_FLIGHT', retryAfterMs: 2_000, moneyEffect: 'none' },
    }),
  })
  const wait = await post(flying, admin, { 'idempotency-key': 'k-1' })
  deepEqual([wait.status, wait.headers.get('retry-after')], [409, '2'])
  const taken = await open(admin, {
    'idempotency.claim': () => ({ refused: 'IDEMPOTENCY_CONFLICT', moneyEffect: 'none' }),
  })
  const conflict = await post(taken, admin, { 'idempotency-key': 'k-1' })
  deepEqual([conflict.status, conflict.body['code']], [409, 'IDEMPOTENCY_CONFLICT'])
  const odd = await post(taken, admin, { 'idempotency-key': 'mit Leerzeichen' })
  deepEqual([odd.status, odd.body['code']], [400, 'VALIDATION_FAILED'])
})

test('desk: a key: of another query it is another request, of none as it always was (DKE2)', async () => {
  const admin = card()
  const stage = await open(admin)
  const key = { 'idempotency-key': 'k-1' }
  const sample = '/admin/sample-idempotent'
  const queries = ['', '?', '?a=1&b=x%20y', '?b=x+y&a=1', '?a=2&b=x%20y', '?a=1&a=2', '?a=2&a=1']
  for (const query of queries) await post(stage, admin, key, `${sample}${query}`)
  const [none, bare, one, turned, ...others] = stage
    .askedOf('idempotency.claim')
    .map(({ fingerprint }) => fingerprint)
  const before = createHash('sha256').update(`post ${sample}\n`).update(wish).digest('hex')
  deepEqual([none, bare, turned], [before, before, one])
  equal(new Set([none, one, ...others]).size, 5)
})

test('desk: done and refused: both written down first, with the body (DKE3)', async () => {
  const admin = card()
  const stage = await open(admin)
  await post(stage, admin)
  const [written] = stage.askedOf('audit.add')
  deepEqual(
    [written!.action, written!.subject, written!.outcome, written!.actor.name],
    ['person.create', person.userId, 'done', 'ani@laju.test'],
  )
  deepEqual(written!.details['body'], JSON.parse(wish))

  const full = await open(admin, {
    'person.create': () => ({ refused: 'ALREADY_EXISTS', moneyEffect: 'none' }),
  })
  equal((await post(full, admin, { 'idempotency-key': 'k-1' })).status, 409)
  equal(full.askedOf('audit.add')[0]!.outcome, 'ALREADY_EXISTS')
  equal(full.askedOf('idempotency.keep')[0]!.status, 409)
})

test('desk: it can not be written down: nothing is claimed, the key is free (DKE3)', async () => {
  const admin = card()
  const stage = await open(admin, {
    'audit.add': () => ({ fault: 'JOURNAL_UNAVAILABLE', retryAfterMs: 1_000 }),
  })
  const { status, body } = await post(stage, admin, { 'idempotency-key': 'k-1' })
  deepEqual([status, body['code']], [503, 'UNREACHABLE'])
  equal(stage.askedOf('idempotency.release').length, 1)
  equal(stage.askedOf('idempotency.keep').length, 0)
})

test('desk: a bank’s file: each batch that it names is written down before it leaves (DKE10)', async () => {
  const finance = card({ role: 'finance' })
  const batches = [userId, merchantId]
  const steps: string[] = []
  const made = { ok: { text: 'bca,1', given: batches, leftOut: 1, held: 2, more: 3 } }
  const stage = await open(finance, {
    'statement.batches': ({ format }) => {
      steps.push('made')
      return format === 'standard' ? { ok: { ...made.ok, given: [] } } : made
    },
    'statement.batch': () => ({ ok: { text: 'bca,2' } }),
    'audit.add': async ({ subject }) => {
      await new Promise(resolve => setImmediate(resolve))
      steps.push(subject)
      return { ok: { id: 1 } }
    },
  })
  const file = async (path: string) => {
    const authorization = `Bearer ${tokenOf(finance)}`
    const headers = { authorization, 'idempotency-key': 'k-1' }
    const answer = await fetch(`${stage.url}/admin/settlement-batches${path}`, { headers })
    return [answer.status, await answer.text(), answer.headers]
  }
  const [status, text, headers] = await file('/export.csv?format=bank_generic&again=true')
  deepEqual([status, text], [200, 'bca,1'])
  const names = [
    ...['content-type', 'content-disposition', 'cache-control', 'x-left-out', 'x-held'],
    'x-more',
  ]
  deepEqual(
    names.map(name => (headers as Headers).get(name)),
    [
      ...['text/csv; charset=utf-8', 'attachment; filename="settlement-bank_generic.csv"'],
      ...['no-store', '1', '2', '3'],
    ],
  )
  deepEqual(steps, ['made', ...batches])
  const [written] = stage.askedOf('audit.add')
  deepEqual(
    [written!.action, written!.outcome, written!.actor.name, written!.details],
    [
      ...['settlement.export', 'done', 'ani@laju.test'],
      {
        path: '/admin/settlement-batches/export.csv',
        query: { format: 'bank_generic', again: 'true' },
      },
    ],
  )
  equal((await file(`/${merchantId}/export.csv?format=bank_generic`))[1], 'bca,2')
  await file('/export.csv')
  deepEqual(steps.slice(3), [merchantId, 'made', 'all'])
  equal(stage.askedOf('idempotency.claim').length, 0)
})

test('desk: a bank’s file that can not be written down, or is refused: does not leave (DKE10)', async () => {
  const finance = card({ role: 'finance' })
  const away = await open(finance, {
    'statement.batch': () => ({ ok: { text: 'bca,2' } }),
    'audit.add': () => ({ fault: 'JOURNAL_UNAVAILABLE', retryAfterMs: 1_000 }),
  })
  const path = `/admin/settlement-batches/${merchantId}/export.csv?format=bank_generic`
  const { status, body } = await get(away, finance, path)
  deepEqual([status, body['code']], [503, 'UNREACHABLE'])
  const given = await open(finance, {
    'statement.batch': () => ({ refused: 'BANK_FILE_GIVEN', moneyEffect: 'none' }),
  })
  equal((await get(given, finance, path)).status, 409)
  deepEqual(
    given.askedOf('audit.add').map(({ subject, outcome }) => [subject, outcome]),
    [[merchantId, 'BANK_FILE_GIVEN']],
  )
})

test('desk: a key that came free again: what it makes has the same name (DKE8)', async () => {
  const admin = card()
  const failed = { fault: 'JOURNAL_UNAVAILABLE', retryAfterMs: 1_000 } as const
  const stage = await open(admin, {
    'audit.add': () => failed,
    'device.command': () => failed,
    'device.provision': () => failed,
    'device.rotate': () => failed,
    'payment.renotify': () => failed,
    'merchant.create': () => failed,
    'merchant.addOutlet': () => failed,
    'merchant.addTerminal': () => failed,
  })
  const send = (path: string, body: object, key?: string) =>
    plain(stage, {
      ...{ method: 'POST', path, body: JSON.stringify(body) },
      headers: {
        ...{ 'content-type': 'application/json', authorization: `Bearer ${tokenOf(admin)}` },
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
    })
  const id = merchantId
  const terminal = { label: 'Kasir', kind: 'static' }
  for (const [action, name, path, body, other] of [
    [
      ...(['device.command', 'commandId', `/admin/devices/${id}/commands`] as const),
      ...[{ type: 'reboot' }, { type: 'volume', args: { level: 3 } }],
    ],
    [
      ...(['device.provision', 'request', '/admin/devices'] as const),
      ...[
        { vendor: 'Laju', model: 'V1' },
        { vendor: 'Laju', model: 'V2' },
      ],
    ],
    [
      ...(['device.rotate', 'request', `/admin/devices/${id}/credentials/rotate`] as const),
      ...[{}, { grace_seconds: 60 }],
    ],
    ['payment.renotify', 'messageId', `/admin/transactions/${id}/retry-notification`, {}, { a: 1 }],
    [
      ...(['merchant.create', 'request', '/admin/merchants'] as const),
      ...[{ name: 'Toko' }, { name: 'Toko Dua' }],
    ],
    [
      ...(['merchant.addOutlet', 'request', `/admin/merchants/${id}/outlets`] as const),
      ...[{ name: 'Pusat' }, { name: 'Cabang' }],
    ],
    [
      ...(['merchant.addTerminal', 'request', `/admin/outlets/${id}/terminals`] as const),
      ...[terminal, { ...terminal, kind: 'dynamic' }],
    ],
  ] as const) {
    for (const [wish, key] of [
      ...[[body, 'k-1'] as const, [body, 'k-1'] as const],
      ...[[other, 'k-1'] as const, [body, 'k-2'] as const, [body, undefined] as const],
    ]) {
      equal((await send(path!, wish!, key)).status, 503, action)
    }
    const names = stage
      .askedOf(action as 'device.command')
      .map(asked => (asked as Readonly<Record<string, unknown>>)[name as string])
    match(String(names[0]), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    equal(names[1], names[0], action)
    equal(new Set(names).size, 4, action)
  }
})

const bodyOf = (details: unknown) => (details as { body: Record<string, unknown> }).body

test('desk: a callback’s money is booked by who pays, written down, with a reason (DKE1, DKE3)', async () => {
  const id = merchantId
  const made = {
    ...{ id: 7, receivedAt: at, eventId: 'e-1', reason: '', body: '{}' },
    ...{ transactionId: id, merchantId: id, terminalId: id, reviewedBy: 'ani', reviewNote: 'x' },
    besideId: merchantId,
    result: 'applied' as const,
  }
  const body = JSON.stringify({ terminal_id: id, reason: ' kata kasir ' })
  const assign = (stage: Stage, mine: SessionCard, text = body, of = '7') =>
    plain(stage, {
      ...{ method: 'POST', path: `/admin/qris-callbacks/${of}/assign`, body: text },
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf(mine)}` },
    })
  for (const [role, expected] of [
    ...[['admin', 200] as const, ['finance', 200] as const, ['ops', 403] as const],
    ...[['support', 403] as const, ['viewer', 403] as const],
  ]) {
    const mine = card({ role })
    const stage = await open(mine, { 'payment.assign': () => ({ ok: made }) })
    const answer = await assign(stage, mine)
    equal(answer.status, expected, role)
    const asked = stage.askedOf('payment.assign')
    if (expected === 403) {
      deepEqual(asked, [])
      continue
    }
    const { by, ...rest } = asked[0]!
    ok(by.length > 0)
    deepEqual(rest, { id: 7, terminalId: id, reason: 'kata kasir' })
    deepEqual([answer.body['terminal_id'], answer.body['beside_id']], [id, merchantId])
    deepEqual(
      stage
        .askedOf('audit.add')
        .map(one => [one.action, one.outcome, bodyOf(one.details)['reason']]),
      [['callback.assign', 'done', ' kata kasir ']],
    )
    // At the terminal of the payment that it names, whichever that is.
    equal((await assign(stage, mine, JSON.stringify({ reason: 'kata kasir' }))).status, 200)
    equal(stage.askedOf('payment.assign').at(-1)?.terminalId, undefined)
    for (const bad of [{}, { terminal_id: id }, { terminal_id: 'x', reason: 'abc' }]) {
      equal((await assign(stage, mine, JSON.stringify(bad))).status, 400)
    }
    equal((await assign(stage, mine, body, '0x7')).status, 404)
  }
})

test('desk: a secret of which the answer was lost: a repeat sees it again, written down (DKE9)', async () => {
  const admin = card()
  let kept: { status: number; body: string } | null = null
  const stage = await open(admin, {
    'idempotency.claim': () => ({ ok: kept ?? { claim: 1 } }),
    'idempotency.keep': ({ status, body }) => {
      kept = { status, body }
      return { ok: null }
    },
    'payment.drawSecret': () => ({ ok: { secret: 'shown' } }),
  })
  const rotate = () =>
    post(stage, admin, { 'idempotency-key': 'k-1' }, '/admin/qris-callbacks/secret/rotate')
  const answers = [await rotate(), await rotate()]
  for (const { status, body } of answers)
    deepEqual([status, body], [200, { rotated: true, secret: 'shown' }])
  deepEqual(kept, { status: 200, body: '{"rotated":true}' })
  const [first, again] = stage.askedOf('payment.drawSecret')
  equal(again!.request, first!.request)
  deepEqual(
    stage.askedOf('audit.add').map(one => [one.action, one.outcome, one.subject]),
    [
      ['callback.rotate_secret', 'done', 'acquirer'],
      ['callback.rotate_secret.again', 'done', 'acquirer'],
    ],
  )
  equal(stage.askedOf('idempotency.keep').length, 1)
})

test('desk: not now: the key is let go, and the same request may come again (DKE4)', async () => {
  const admin = card()
  const stage = await open(admin, {
    'person.create': () => ({ fault: 'OVERLOADED', retryAfterMs: 1_000 }),
  })
  equal((await post(stage, admin, { 'idempotency-key': 'k-1' })).status, 503)
  equal(stage.askedOf('idempotency.release').length, 1)
})

test('desk login: right or wrong: written down without the password (DKF1, DKF2)', async () => {
  const stage = await open(card(), {
    'session.login': ({ name, roles }) =>
      name === 'ani@laju.test' && roles?.includes('admin')
        ? {
            ok: {
              ...{ accessToken: 'a.b.c', expiresAt: at, refresh: 'r', refreshExpiresAt: at },
              user: { userId, username: name, name: 'Ani', level: 0, role: 'admin' },
            },
          }
        : { refused: 'LOGIN_INVALID', moneyEffect: 'none' },
  })
  const login = (path: string, email: string) =>
    plain(stage, {
      ...{ method: 'POST', path, body: JSON.stringify({ email, password: 'sandi' }) },
      headers: { 'content-type': 'application/json' },
    })
  const good = await login('/admin/login', 'ani@laju.test')
  deepEqual(good.body, { token: 'a.b.c', expires_at: '2026-11-21T03:00:00.000Z', role: 'admin' })
  const wrong = await login('/merchant/login', 'ani@laju.test')
  deepEqual([wrong.status, wrong.body['code']], [401, 'LOGIN_INVALID'])
  const written = stage.askedOf('audit.add')
  deepEqual(
    written.map(one => [one.action, one.subject, one.outcome, one.actor.role]),
    [
      ['session.login', 'ani@laju.test', 'done', 'admin'],
      ['session.login', 'ani@laju.test', 'LOGIN_INVALID', 'nobody'],
    ],
  )
  ok(!JSON.stringify(written).includes('sandi'))
})

test('desk login: one address: so often per minute (DKF3)', async () => {
  const stage = await open(
    card(),
    { 'session.login': () => ({ refused: 'LOGIN_INVALID', moneyEffect: 'none' }) },
    { limits: { loginsPerMin: 2 } },
  )
  const login = async () => {
    const body = JSON.stringify({ email: 'a@b.test', password: 'x' })
    const headers = { 'content-type': 'application/json' }
    return (await plain(stage, { method: 'POST', path: '/admin/login', body, headers })).status
  }
  deepEqual([await login(), await login(), await login()], [401, 401, 429])
})
