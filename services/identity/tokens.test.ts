import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { makeSeal, newMasterKey } from '../seal.ts'
import { accessMs, Tokens } from './tokens.ts'

const key = newMasterKey()
const tokens = new Tokens(makeSeal(key))
const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'

test('tokens: a refresh token: read again as it was made, after a restart as well (SEB1)', () => {
  for (const generation of [0, 1, 2 ** 31 - 1]) {
    const one = { sid: randomUUID(), generation }
    deepEqual(tokens.readRefresh(tokens.refresh(one)), one)
    deepEqual(new Tokens(makeSeal(key)).readRefresh(tokens.refresh(one)), one)
  }
})

test('tokens: a refresh token: any other character, length or master key makes it nothing (SEB1)', () => {
  const made = tokens.refresh({ sid, generation: 3 })
  for (let at = 0; at < made.length; at++) {
    // Of the last character only the two upper bits are read: these two differ in them.
    const other = made[at] === 'A' ? 'Q' : 'A'
    const altered = `${made.slice(0, at)}${other}${made.slice(at + 1)}`
    equal(tokens.readRefresh(altered), null, altered)
  }
  for (const text of ['', made.slice(1), `${made}A`, made.slice(0, -1), '€'.repeat(70)])
    equal(tokens.readRefresh(text), null)
  equal(new Tokens(makeSeal(newMasterKey())).readRefresh(made), null)
})

test('tokens: an access token: a JWT that says whose it is and until when (SEB2)', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
  const { token, expiresAt } = tokens.access({ userId: 'u', sid, role: 'reseller', now })
  const [head, body, mac] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  deepEqual(read(head!), { alg: 'HS256', typ: 'JWT' })
  const iat = Math.floor(now / 1_000)
  deepEqual(read(body!), { sub: 'u', sid, role: 'reseller', iat, exp: iat + accessMs / 1_000 })
  equal(expiresAt, (iat + accessMs / 1_000) * 1_000)
  const signedBy = (secret: string) =>
    createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')
  equal(signedBy(tokens.secretOf(sid)), mac)
  notEqual(signedBy(tokens.secretOf(randomUUID())), mac)
  notEqual(tokens.secretOf(sid), new Tokens(makeSeal(newMasterKey())).secretOf(sid))
})
