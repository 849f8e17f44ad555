/** Our balance, asked at the suppliers of the sandbox, which were not written with us in mind. */

import { equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import { askBalance } from '../../services/float/balance.ts'
import type { Credentials } from '../../services/supplier/adapter.ts'
import { adapters } from '../../services/supplier/adapters.ts'
import { openSandbox } from '../sandbox/server.ts'

const sandbox = (await openSandbox({ port: 0 }))!
after(() => sandbox.close())

const { signal } = new AbortController()
const balance = 12_345_678
const plain = { username: 'shop', api_key: 'the-key', balance }
const member = { memberId: 'LAJU1', pin: '4711', password: 'sandi' }
const memberAccount = { member_id: 'LAJU1', pin: '4711', password: 'sandi', balance }

type Case = {
  readonly kind: string
  readonly account: object
  readonly credentials: Credentials
  readonly under?: string
}
const cases: readonly Case[] = [
  {
    ...{ kind: 'digiflazz', account: plain, under: '/v1' },
    credentials: { username: 'shop', apiKey: 'the-key' },
  },
  { kind: 'vip', account: plain, credentials: { apiId: 'shop', apiKey: 'the-key' } },
  { kind: 'otomax', account: memberAccount, credentials: member },
]

for (const { kind, account, credentials, under = '' } of cases) {
  test(`balance: ${kind}: the account's own; nothing with wrong credentials (FLC1)`, async () => {
    sandbox.parties.get(kind)!.openAccount(account)
    const call = adapters.get(kind)!.balance!
    const baseUrl = `${sandbox.url}/${kind}${under}`
    equal(await askBalance({ baseUrl, credentials }, call, signal), balance)
    const wrong = Object.fromEntries(Object.keys(credentials).map(name => [name, 'wrong']))
    equal(await askBalance({ baseUrl, credentials: wrong }, call, signal), null)
  })
}
