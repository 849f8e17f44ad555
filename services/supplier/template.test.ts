import { deepEqual, equal, match } from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { credentialsIn, fillerOf, requestSchema } from './template.ts'

const credentials = { user: 'toko', key: 'rahasia-1' }
const asked = { ref: 'L1-1', sku: 'S5', dest: '0812', maxPrice: 6_000, testing: false }
const given = { asked, credentials }
const problemOf = (path: string) =>
  requestSchema.safeParse({ method: 'GET', path }).error?.issues[0]?.message ?? null
const fill = (template: object, words = given) => fillerOf(requestSchema.parse(template))(words)

test('template: what can not be filled in is told when it is saved (PAJ1)', () => {
  match(problemOf('/x/{nama}')!, /nothing that we know/)
  match(problemOf('/x/{ref')!, /brace/)
  match(problemOf('/x/{crc32 ref}')!, /no crc32/)
  match(problemOf('/x/{md5.rot13 ref}')!, /no rot13/)
  match(problemOf('/x/{hmac_sha1 ref}')!, /a key/)
  match(problemOf('/x/{md5 cred.key nama}')!, /nothing that we know/)
  equal(problemOf('/x/{md5 cred.key ref}/{dest}'), null)
  equal(requestSchema.safeParse({ method: 'GET', path: 'x' }).success, false)
  equal(
    requestSchema.safeParse({ method: 'GET', path: '/', headers: { Host: 'x' } }).success,
    false,
  )
  const all = requestSchema.parse({
    method: 'GET',
    path: '/{cred.user}',
    query: { a: '{md5 cred.key}' },
  })
  deepEqual(credentialsIn([all, undefined]), ['user', 'key'])
})

test('template: digests: over the words as they are, in the named encoding (PAJ3)', () => {
  const query = {
    a: '{md5 cred.user cred.key ref}',
    b: "{sha1.base64url 'OtomaX|' ref '|' dest}",
    c: '{hmac_sha256 cred.key ref dest}',
    d: 'v{sha256.base64 ref}',
  }
  const { path } = fill({ method: 'GET', path: '/trx', query })
  const read = new URL(`http://x${path}`).searchParams
  const hex = (text: string) => createHash('md5').update(text).digest('hex')
  equal(read.get('a'), hex('tokorahasia-1L1-1'))
  equal(read.get('b'), createHash('sha1').update('OtomaX|L1-1|0812').digest('base64url'))
  equal(read.get('c'), createHmac('sha256', 'rahasia-1').update('L1-10812').digest('hex'))
  equal(read.get('d'), `v${createHash('sha256').update('L1-1').digest('base64')}`)
})

test('template: bodies: JSON, form and text, each of its type (PAJ2)', () => {
  const base = { method: 'POST', path: '/{sku}' }
  const fields = { tujuan: '{dest}', maks: '{max_price}' }
  deepEqual(fill({ ...base, body: { type: 'json', fields } }), {
    method: 'POST',
    path: '/S5',
    body: '{"tujuan":"0812","maks":"6000"}',
    type: 'application/json',
  })
  equal(fill({ ...base, body: { type: 'form', fields } }).body, 'tujuan=0812&maks=6000')
  const text = { type: 'text', text: 'S5.{dest}.{cred.user}', mime: 'text/plain' }
  equal(fill({ ...base, body: text }).body, 'S5.0812.toko')
})

test('template: whatever is filled in stays one value in its place (PAJ2)', () => {
  const template = fillerOf(
    requestSchema.parse({
      ...{ method: 'POST', path: '/a/{dest}/b', query: { x: '{dest}', y: '1' } },
      ...{
        headers: { 'X-Key': '{dest}' },
        body: { type: 'json', fields: { d: '{dest}', e: '2' } },
      },
    }),
  )
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), dest => {
      const made = template({ asked: { ...asked, dest }, credentials })
      const at = made.path.indexOf('?')
      deepEqual(made.path.slice(0, at), `/a/${encodeURIComponent(dest)}/b`)
      deepEqual(
        [...new URLSearchParams(made.path.slice(at))],
        [
          ['x', dest],
          ['y', '1'],
        ],
      )
      deepEqual(JSON.parse(made.body!), { d: dest, e: '2' })
      equal(/[\r\n]/.test(made.headers!['X-Key']!), false)
    }),
  )
})
