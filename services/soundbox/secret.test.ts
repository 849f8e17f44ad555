import { equal, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { newSecret, opens } from './secret.ts'

test('secret: made: what is kept is not the secret, and never twice the same (DVC1)', () => {
  const one = newSecret(1)
  const other = newSecret(1)
  equal(Buffer.from(one.secret, 'base64url').length, 32)
  ok(!JSON.stringify(one.kept).includes(one.secret))
  notEqual(one.secret, other.secret)
  notEqual(one.kept.salt, other.kept.salt)
})

test('secret: opens: only with the whole of it, however long what is given (DVC2)', () => {
  const { secret, kept } = newSecret(3)
  equal(opens(kept, secret, 0), 3)
  for (const wrong of ['', secret.slice(1), `${secret}x`, 'x'.repeat(5_000), kept.hash]) {
    equal(opens(kept, wrong, 0), null)
  }
})

test('secret: rotated: the one before opens until its time is over (DVC3)', () => {
  const old = newSecret(1)
  const fresh = newSecret(2)
  const both = { ...fresh.kept, previous: { ...old.kept, until: 1_000 } }
  equal(opens(both, fresh.secret, 5_000), 2)
  equal(opens(both, old.secret, 999), 1)
  equal(opens(both, old.secret, 1_000), null)
  equal(opens(fresh.kept, old.secret, 0), null)
  // Two rotations, each with time for the one before.
  const third = newSecret(3)
  const all = {
    ...{ ...third.kept, previous: { ...fresh.kept, until: 2_000 } },
    earlier: [{ ...old.kept, until: 1_000 }],
  }
  equal(opens(all, old.secret, 999), 1)
  equal(opens(all, old.secret, 1_000), null)
  equal(opens(all, fresh.secret, 1_999), 2)
})
