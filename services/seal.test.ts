import { deepEqual, equal, match, notEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeSeal, newMasterKey, SealBroken } from './seal.ts'

const seal = makeSeal(newMasterKey())

test('seal: any secret: opens again for its own purpose (I1)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (secret, purpose) => {
      equal(seal.open(seal.close(secret, purpose), purpose), secret)
    }),
  )
})

test('seal: another purpose, another row: does not open (I1)', () => {
  const sealed = seal.close('secret', 'supplier:a')
  throws(() => seal.open(sealed, 'supplier:b'), SealBroken)
})

test('seal: one altered character anywhere: does not open (I1)', () => {
  const sealed = seal.close('a secret of some length', 'p')
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.constantFrom('A', 'b', '0', '_'), (at, other) => {
      fc.pre(sealed[at] !== other)
      const altered = sealed.slice(0, at) + other + sealed.slice(at + 1)
      // base64 may spell the same bytes twice: only in the last character, whose low bits are idle
      fc.pre(
        Buffer.compare(
          Buffer.from(altered.split('.')[2] ?? '', 'base64url'),
          Buffer.from(sealed.split('.')[2]!, 'base64url'),
        ) !== 0 || at < 12,
      )
      throws(() => seal.open(altered, 'p'), SealBroken)
    }),
  )
})

test('seal: what was never sealed: does not open (I1)', () => {
  for (const text of ['', 'secret', 's1', 's1..', 's1.00000000.AAAA', 's2.x.y']) {
    throws(() => seal.open(text, 'p'), SealBroken)
  }
})

test('seal: a new master key: old values still open and say that they are old (I2)', async () => {
  const [former, current] = [newMasterKey(), newMasterKey()]
  const old = makeSeal(former)
  const sealed = old.close('secret', 'p')
  const hashed = await old.hash('123456')

  const rotated = makeSeal(current, former)
  equal(rotated.open(sealed, 'p'), 'secret')
  equal(await rotated.verify('123456', hashed), true)
  equal(rotated.isOld(sealed), true)
  equal(rotated.isOld(rotated.close('secret', 'p')), false)

  const forgetful = makeSeal(current)
  throws(() => forgetful.open(sealed, 'p'), SealBroken)
  equal(await forgetful.verify('123456', hashed), false)
})

test('seal: a master key of another length: is refused at once (I2)', () => {
  throws(() => makeSeal(new Uint8Array(16)), RangeError)
})

test('seal: twice the same secret: two different texts (I3)', async () => {
  notEqual(seal.close('secret', 'p'), seal.close('secret', 'p'))
  notEqual(await seal.hash('123456'), await seal.hash('123456'))
})

test('seal: a PIN: verifies itself and nothing else (I4)', async () => {
  const hashed = await seal.hash('123456')
  equal(await seal.verify('123456', hashed), true)
  equal(await seal.verify('123457', hashed), false)
  equal(await seal.verify('', hashed), false)
})

test('seal: a broken hash: is a no, never an exception (I4)', async () => {
  const hashed = await seal.hash('123456')
  const [version, id, , salt, hash] = hashed.split('.')
  const broken = ['', 'x', 'h1', hashed.slice(0, -4), `${version}.${id}.30.${salt}.${hash}`]
  for (const text of broken) equal(await seal.verify('123456', text), false)
})

test('seal: a key for a purpose: always the same, and for no other purpose or master key (SEH1)', () => {
  const masterKey = newMasterKey()
  const one = makeSeal(masterKey).keyFor('session access')
  equal(one.length, 32)
  equal(one.equals(makeSeal(masterKey, newMasterKey()).keyFor('session access')), true)
  equal(one.equals(makeSeal(masterKey).keyFor('session refresh')), false)
  equal(one.equals(makeSeal(newMasterKey()).keyFor('session access')), false)
})

test('seal: a password: argon2id, peppered, and one of scrypt is good still (SEH2)', async () => {
  const [hashed, again] = [await seal.hashPassword('rahasia'), await seal.hashPassword('rahasia')]
  match(hashed, /^h2\.[0-9a-f]{8}\.[\w-]{22}\.[\w-]{43}$/)
  notEqual(hashed, again)
  const verdicts = (text: string) =>
    Promise.all(['rahasia', 'Rahasia', ''].map(one => seal.verifyPassword(one, text)))
  deepEqual(await verdicts(hashed), [true, false, false])
  const old = await seal.hash('rahasia')
  deepEqual(await verdicts(old), [true, false, false])
  deepEqual(
    [seal.isOldPassword(hashed), seal.isOldPassword(old), seal.isOldPassword('')],
    [false, true, true],
  )
  for (const broken of ['', 'h2', 'h2.00000000.AAAA.BBBB', hashed.slice(0, -4)]) {
    deepEqual(await verdicts(broken), [false, false, false], broken)
  }
  equal(await makeSeal(newMasterKey()).verifyPassword('rahasia', hashed), false)
  const [first, second] = [newMasterKey(), newMasterKey()]
  const former = await makeSeal(first).hashPassword('rahasia')
  const changed = makeSeal(second, first)
  deepEqual(
    [await changed.verifyPassword('rahasia', former), changed.isOldPassword(former)],
    [true, true],
  )
})
