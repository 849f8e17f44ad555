import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TicketView } from '../services/contract/deposit.ts'
import type { Role } from '../services/contract/identity.ts'
import { bornAt, keyCard, plain, Stage, send, trxId, userId } from './scripted.fixture.ts'

let stage: Stage

const ticket: TicketView = {
  id: trxId,
  base: 50_000,
  code: 347,
  amount: 50_347,
  status: 'open',
  bank: { code: 'bca', name: 'BCA', number: '123', holder: 'PT Contoh' },
  createdAt: bornAt,
  expiresAt: bornAt + 1,
}
const line = { userId, username: 'kios', limit: 9, used: 5 }
const statement = '{"v":1,"day":"2026-10-14"}'

before(async () => {
  stage = await Stage.open({
    'identity.key': ({ keyId }) => keyCard({ keyId, role: keyId as Role }),
    'deposit.ticket': () => ({ ok: ticket }),
    'deposit.tickets': () => ({ ok: { rows: [ticket], next: trxId } }),
    'deposit.get': () => ({ ok: ticket }),
    'deposit.cancel': () => ({ refused: 'TICKET_CLOSED', moneyEffect: 'none' }),
    'deposit.moota': ({ signature }) => ({
      verdict: signature === 'right' ? 'accepted' : signature === '' ? 'unknown' : 'forged',
    }),
    'deposit.mutations': () => ({ ok: { rows: [], next: null } }),
    'deposit.import': () => ({ ok: { rows: 1, known: 0, added: 0, suspect: [] } }),
    'deposit.manuals': () => ({ ok: { rows: [], next: trxId } }),
    'deposit.assign': () => ({ refused: 'MUTATION_DECIDED', moneyEffect: 'none' }),
    'deposit.judge': () => ({ refused: 'SECOND_PERSON_NEEDED', moneyEffect: 'none' }),
    'audit.add': () => ({ ok: { id: 1 } }),
    'deposit.putAccount': () => ({ ok: null }),
    'deposit.putFeed': () => ({ ok: null }),
    'deposit.rules': () => ({ refused: 'NOT_FOUND', moneyEffect: 'none' }),
    'transfer.send': ({ to, amount }) => ({
      ok: { transferId: trxId, to, amount, available: 7 },
    }),
    'transfer.unlock': () => ({ ok: null }),
    'credit.list': ({ userId: whose }) => ({
      ok:
        whose === undefined
          ? { rows: [line, line], next: { used: 5, userId: trxId } }
          : { rows: [line], next: null },
    }),
    'credit.limit': () => ({ ok: line }),
    'credit.move': () => ({ refused: 'CREDIT_LIMIT', moneyEffect: 'none' }),
    'closing.list': () => ({ ok: { rows: [{ day: '2026-10-14', hash: 'h', sum: 0 }] } }),
    'closing.get': ({ day }) => ({
      ok: { day, statement, hash: 'h', signature: 's', signer: 'k' },
    }),
  })
})
after(() => stage.close())

const as = (who: Role, method: string, path: string, body?: object) => {
  const text = body === undefined ? {} : { body: JSON.stringify(body) }
  return send(stage, { method, path, key: who, ...text })
}

test('money routes: a ticket: what is to be paid, to the rupiah (MNH1)', async () => {
  const { status, body } = await as('reseller', 'POST', '/api/v1/deposits', { amount: 50_000 })
  equal(status, 200)
  deepEqual(body['data'], {
    ...{ id: trxId, amount: 50_000, unique_code: 347, pay_exactly: 50_347, status: 'open' },
    bank: { code: 'bca', name: 'BCA', account_number: '123', account_holder: 'PT Contoh' },
    created_at: new Date(bornAt).toISOString(),
    expires_at: new Date(bornAt + 1).toISOString(),
  } as never)
  deepEqual(stage.askedOf('deposit.ticket'), [{ userId, amount: 50_000 }])
  for (const amount of [0, -1, 1.5, '5', null]) {
    equal((await as('reseller', 'POST', '/api/v1/deposits', { amount })).status, 400)
  }
  const list = await as('reseller', 'GET', `/api/v1/deposits?limit=5&cursor=${trxId}`)
  equal(String(list.body['data']!['next_cursor']), trxId)
  deepEqual(stage.askedOf('deposit.tickets'), [{ userId, limit: 5, before: trxId }])
  equal((await as('reseller', 'GET', `/api/v1/deposits/${trxId}`)).status, 200)
  equal((await as('reseller', 'GET', '/api/v1/deposits/other')).status, 404)
  const { body: no } = await as('reseller', 'DELETE', `/api/v1/deposits/${trxId}`)
  equal(String(no['error_code']), 'TICKET_CLOSED')
  deepEqual(stage.askedOf('deposit.cancel'), [{ userId, id: trxId }])
})

test('money routes: a transfer: with its PIN, which is not told back (MNH2)', async () => {
  const wish = { to: 'kios', amount: 20_000, pin: '123456', ref_id: 'T-1' }
  const { text, body } = await as('reseller', 'POST', '/api/v1/transfers', wish)
  deepEqual(body['data'], {
    ...{ transfer_id: trxId, ref_id: 'T-1', to: 'kios', amount: 20_000, available: 7 },
  } as never)
  ok(!text.includes('123456'))
  deepEqual(stage.askedOf('transfer.send'), [
    { userId, to: 'kios', amount: 20_000, pin: '123456', ref: 'T-1' },
  ])
  const { pin: _, ...without } = wish
  equal((await as('reseller', 'POST', '/api/v1/transfers', without)).status, 400)
})

test('money routes: the desk: for finance and admin, limits for the admin (MNI1)', async () => {
  const list = '/api/v1/admin/bank-mutations'
  const rules = '/api/v1/admin/money-rules'
  for (const [who, method, path, status] of [
    ['reseller', 'GET', list, 403],
    ['support', 'GET', list, 403],
    ['finance', 'GET', list, 200],
    ['admin', 'GET', list, 200],
    ['finance', 'PUT', rules, 403],
    ['admin', 'PUT', rules, 404],
    ['finance', 'POST', '/api/v1/admin/clients/ani/unlock-pin', 403],
    ['admin', 'POST', '/api/v1/admin/clients/ani/unlock-pin', 200],
    ['support', 'GET', '/api/v1/admin/closings', 403],
  ] as const) {
    const body = method === 'GET' ? undefined : {}
    equal((await as(who, method, path, body)).status, status, `${who} ${method} ${path}`)
  }
})

test('money routes: rules, accounts and feeds: in the audit log, without what lets us in (MNI5)', async () => {
  const before = stage.askedOf('audit.add').length
  const account = { bank: 'BCA', number: '12345', holder: 'PT Contoh' }
  const feed = { token: 'rahasia-sekali', webhook_secret: 'rahasia-juga' }
  const put = (path: string, body: object) => as('admin', 'PUT', `/api/v1/admin/${path}`, body)
  const kept = await put('bank-accounts/bca', account)
  deepEqual([kept.status, kept.body['data']], [200, null])
  equal((await put('bank-feeds/moota', feed)).status, 200)
  equal((await put('money-rules', { manual_max: 1 })).status, 404)
  const audited = stage.askedOf('audit.add').slice(before)
  deepEqual(
    audited.map(({ action, subject, outcome, actor }) => [action, subject, outcome, actor.userId]),
    [
      ['bank_account.put', 'bca', 'done', userId],
      ['bank_feed.put', '', 'done', userId],
      ['money_rules.change', '', 'NOT_FOUND', userId],
    ],
  )
  ok(!JSON.stringify(audited).includes('rahasia'))
  ok(JSON.stringify(audited).includes('manual_max'))
})

test('money routes: whatever is decided: in the audit log, done or refused (MNQ1)', async () => {
  const admin = '/api/v1/admin'
  const float = `${admin}/suppliers/utara/float`
  const why = { to: 'kios', reason: 'sent the slip' }
  const given = { to: 'kios', kind: 'given', amount: 5, ref_id: 'K-9', note: 'titipan' }
  const cash = { to: 'kios', amount: 5, ref_id: 'D-9', note: 'cash' }
  const up = { amount: 5, ref_id: 'F-9', note: 'sent' }
  const off = { amount: 5, direction: 'up', ref_id: 'F-10', reason: 'off by 5' }
  const verdict = { n: 1, verdict: 'credit', reason: 'sent the slip' }
  const intents = `${admin}/deposit-intents`
  const asked = [
    ['POST', `${admin}/bank-mutations/7/assign`, why, 'bank_mutation.assign', '7'],
    ['POST', `${admin}/bank-mutations/7/return`, why, 'bank_mutation.return', '7'],
    ['POST', `${admin}/bank-mutations/7/approve`, {}, 'bank_mutation.approve', '7'],
    ['POST', `${admin}/bank-mutations/7/reject`, {}, 'bank_mutation.reject', '7'],
    ['POST', `${admin}/deposits`, cash, 'manual_deposit.create', 'kios'],
    ['POST', `${admin}/deposits/${trxId}/approve`, {}, 'manual_deposit.approve', trxId],
    ['POST', `${admin}/deposits/${trxId}/reject`, {}, 'manual_deposit.reject', trxId],
    ['POST', `${admin}/credits`, given, 'credit.move', 'kios'],
    ['PUT', `${admin}/clients/kios/credit-limit`, { limit: 9 }, 'credit_limit.change', 'kios'],
    [
      'PUT',
      `${admin}/clients/kios/transfer-limit`,
      { day_max: 9 },
      'transfer_limit.change',
      'kios',
    ],
    ['POST', `${admin}/clients/kios/unlock-pin`, {}, 'pin.unlock', 'kios'],
    ['PUT', `${admin}/clients/kios/upline`, { upline: null }, 'upline.change', 'kios'],
    ['POST', `${float}/topups`, up, 'float.top_up', 'utara'],
    ['POST', `${float}/adjustments`, off, 'float.adjust', 'utara'],
    ['POST', `${float}/moves/${trxId}/approve`, {}, 'float.approve', 'utara'],
    ['POST', `${float}/moves/${trxId}/reject`, {}, 'float.reject', 'utara'],
    ['PUT', float, { balance_before_charge: true }, 'float.rules', 'utara'],
    ['POST', `${intents}/${trxId}/resolve`, verdict, 'deposit_intent.resolve', trxId],
    ['POST', `${intents}/verdicts/7/approve`, {}, 'deposit_verdict.approve', '7'],
    ['POST', `${intents}/verdicts/7/reject`, {}, 'deposit_verdict.reject', '7'],
  ] as const
  const office = await officeStage()
  for (const [method, path, body] of asked) {
    await send(office, { method, path, key: 'admin', body: JSON.stringify(body) })
  }
  deepEqual(
    office.askedOf('audit.add').map(({ action, subject, outcome }) => [action, subject, outcome]),
    asked.map(([, , , action, about]) => [action, about, 'done']),
  )
  ok(office.askedOf('audit.add').every(({ actor }) => actor.userId === userId))
  office.scripts['credit.move'] = () => ({ refused: 'CREDIT_LIMIT', moneyEffect: 'none' })
  const path = `${admin}/credits`
  await send(office, { method: 'POST', path, key: 'finance', body: JSON.stringify(given) })
  const no = office.askedOf('audit.add').at(-1)!
  deepEqual([no.action, no.outcome, no.actor.role], ['credit.move', 'CREDIT_LIMIT', 'finance'])
  ok(JSON.stringify(no.details).includes('K-9'))
  await office.close()
})

/** One that says yes to everything. */
const officeStage = (): Promise<Stage> => {
  const yes = () => ({ ok: {} }) as never
  return Stage.open({
    ...{ 'identity.key': ({ keyId }) => keyCard({ keyId, role: keyId as Role }) },
    ...{ 'audit.add': () => ({ ok: { id: 1 } }), 'transfer.limit': () => ({ ok: null }) },
    ...{ 'transfer.unlock': () => ({ ok: null }), 'commission.upline': yes },
    ...{ 'deposit.assign': yes, 'deposit.return': yes, 'deposit.judgeMutation': yes },
    ...{ 'deposit.manual': yes, 'deposit.judge': yes, 'intent.resolve': yes, 'intent.judge': yes },
    ...{ 'credit.move': () => ({ ok: line }), 'credit.limit': () => ({ ok: line }) },
    ...{ 'float.topUp': yes, 'float.adjust': yes, 'float.judge': yes, 'float.rules': yes },
  })
}

test('money routes: a decision: by who signed, with a reason (MNI3)', async () => {
  const path = '/api/v1/admin/bank-mutations/7/assign'
  const wish = { to: 'kios', reason: 'sent the slip', by: 'somebody' }
  equal((await as('finance', 'POST', path, wish)).status, 409)
  deepEqual(stage.askedOf('deposit.assign'), [
    { id: 7, to: 'kios', by: userId, why: 'sent the slip' },
  ])
  equal((await as('finance', 'POST', path, { to: 'kios' })).status, 400)
  equal((await as('finance', 'POST', '/api/v1/admin/bank-mutations/x/assign', wish)).status, 404)
  const { body } = await as('finance', 'POST', `/api/v1/admin/deposits/${trxId}/approve`, {})
  equal(String(body['error_code']), 'SECOND_PERSON_NEEDED')
})

test('money routes: a statement: looked at or kept, and the answer says which (MNI4)', async () => {
  const wish = { account: 'bca', csv: 'tanggal,keterangan,jumlah,tipe' }
  const path = '/api/v1/admin/bank-mutations/import'
  const looked = await as('finance', 'POST', path, wish)
  const kept = await as('finance', 'POST', path, { ...wish, dry_run: false })
  deepEqual(
    stage.askedOf('deposit.import').map(({ dryRun }) => dryRun),
    [true, false],
  )
  match(String(looked.body['message']), /belum ada yang dicatat/)
  equal(String(kept.body['message']), 'Baik, tercatat.')
})

test('money routes: moota: raw bytes are passed on; forged is 401 (MNI2)', async () => {
  const post = (signature: string) =>
    plain(stage, {
      method: 'POST',
      path: '/api/v1/callbacks/moota',
      body: ' [ {"a":1.00} ]',
      headers: { signature },
    })
  equal((await post('right')).status, 200)
  equal((await post('wrong')).status, 401)
  equal((await post('')).status, 404)
  const [told] = stage.askedOf('deposit.moota')
  equal(Buffer.from(told!.body, 'base64').toString(), ' [ {"a":1.00} ]')
})

test('money routes: closings: the signed text as it is (MNJ1)', async () => {
  const { body } = await as('finance', 'GET', '/api/v1/admin/closings/2026-10-14')
  equal(String(body['data']!['statement']), statement)
  equal((await as('finance', 'GET', '/api/v1/admin/closings/yesterday')).status, 404)
  const list = await as('admin', 'GET', '/api/v1/admin/closings?limit=2')
  equal(list.body['data']!['rows']!.length, 1)
})

test('money routes: credit: a client sees his own, finance moves, the admin limits (MNM1)', async () => {
  const own = await as('reseller', 'GET', '/api/v1/credit')
  deepEqual(own.body['data'], { username: 'kios', limit: 9, owed: 5 } as never)
  deepEqual(stage.askedOf('credit.list'), [{ userId, limit: 1 }])
  const path = '/api/v1/admin/credits'
  const limit = '/api/v1/admin/clients/kios/credit-limit'
  const wish = { to: 'kios', kind: 'given', amount: 5, ref_id: 'K-1', note: 'titipan' }
  equal((await as('reseller', 'GET', path)).status, 403)
  equal((await as('finance', 'GET', path)).body['data']!['rows']!.length, 2)
  equal((await as('support', 'POST', path, wish)).status, 403)
  const { body } = await as('finance', 'POST', path, wish)
  equal(String(body['error_code']), 'CREDIT_LIMIT')
  deepEqual(stage.askedOf('credit.move'), [
    { to: 'kios', kind: 'given', amount: 5, ref: 'K-1', note: 'titipan', by: userId },
  ])
  equal((await as('finance', 'PUT', limit, { limit: 9 })).status, 403)
  equal((await as('admin', 'PUT', limit, { limit: 9 })).status, 200)
})

test('money routes: lists: the cursor of a page asks for the next one (MNM2)', async () => {
  const path = '/api/v1/admin/credits'
  const page = await as('finance', 'GET', `${path}?limit=2`)
  const cursor = `5.${trxId}`
  equal(String(page.body['data']!['next_cursor']), cursor)
  equal((await as('finance', 'GET', `${path}?cursor=${cursor}`)).status, 200)
  deepEqual(stage.askedOf('credit.list').slice(-2), [
    { limit: 2 },
    { limit: 50, after: { used: 5, userId: trxId } },
  ])
  for (const wrong of ['5', `x.${trxId}`, `5.${'0'.repeat(36)}`]) {
    equal((await as('finance', 'GET', `${path}?cursor=${wrong}`)).status, 400, wrong)
  }
  const desk = '/api/v1/admin/deposits'
  equal(String((await as('finance', 'GET', desk)).body['data']!['next']), trxId)
  await as('finance', 'GET', `${desk}?limit=1&cursor=${trxId}`)
  deepEqual(stage.askedOf('deposit.manuals'), [
    { status: 'waiting', limit: 50 },
    { status: 'waiting', limit: 1, before: trxId },
  ])
})
