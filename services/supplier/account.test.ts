import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { accountDoubtMs, isOfFormerAccount, isSameAccount } from './account.ts'
import { digiflazz } from './digiflazz.ts'
import { generic } from './generic.ts'
import { otomax } from './otomax.ts'

test('account: a key renewed is the same shop, another name is another one (SACC1)', () => {
  const words = { username: 'u', apiKey: 'k', webhookSecret: 's' }
  const member = { memberId: 'M1', pin: '1', password: 'p', callbackToken: 't' }
  const own = { ...generic.card, credentials: ['user', 'apiKey', 'callbackToken'] }
  deepEqual(
    [
      isSameAccount(digiflazz.card, words, { ...words, apiKey: 'k2', webhookSecret: 's2' }),
      isSameAccount(digiflazz.card, words, { ...words, username: 'v' }),
      isSameAccount(otomax.card, member, { ...member, pin: '2', callbackToken: 't2' }),
      isSameAccount(otomax.card, member, { ...member, memberId: 'M2' }),
      isSameAccount(
        own,
        { user: 'u', apiKey: 'k' },
        { user: 'u', apiKey: 'k', callbackToken: 't' },
      ),
      isSameAccount(own, { user: 'u', apiKey: 'k' }, { user: 'u', apiKey: 'k2' }),
      isSameAccount(own, {}, { user: 'u' }),
    ],
    [true, false, true, false, true, false, false],
  )
})

test('account: what was bought before it changed, or just then, is of the former one (SACC2)', () => {
  const since = 1_800_000_000_000
  const is = (startedAt: number, accountSince?: number) =>
    isOfFormerAccount({ startedAt }, accountSince === undefined ? {} : { accountSince })
  deepEqual(
    [
      is(since - 1, since),
      is(since + accountDoubtMs - 1, since),
      is(since + accountDoubtMs, since),
    ],
    [true, true, false],
  )
  deepEqual(is(0), false)
})
