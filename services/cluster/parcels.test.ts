import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { type Fetch, Parcels, unpack } from './parcels.ts'

const nothing: Fetch = async () => null

test('parcels: short ones travel whole, as they were (PCL1)', async () => {
  const said = { ok: undefined, none: null, bytes: new Uint8Array([1, 2]), many: [1, 2 ** 52, -0] }
  const parcel = new Parcels().pack(said)
  ok('bytes' in parcel)
  deepEqual(await unpack(parcel, nothing), said)
  ok('ok' in ((await unpack(parcel, nothing)) as object))
})

test('parcels: long ones are fetched in pieces that NATS takes, and then forgotten (PCL1, PCL2)', async () => {
  const parcels = new Parcels()
  for (const length of [524_288, 1_048_576, 3_000_001]) {
    const said = { chunk: new Uint8Array(randomBytes(length)) }
    const parcel = parcels.pack(said)
    ok('kept' in parcel)
    const pieces: number[] = []
    const fetch: Fetch = async (kept, at) => {
      const piece = parcels.piece(kept, at)
      pieces.push(piece?.length ?? -1)
      return piece
    }
    deepEqual(await unpack(parcel, fetch), said)
    ok(pieces.every(bytes => bytes > 0 && bytes < 1_000_000))
    equal(parcels.piece(parcel.kept, 0), null)
  }
})

test('parcels: what nobody fetched was forgotten: that is an error, not half an answer (PCL2)', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const parcels = new Parcels()
  const fetch: Fetch = async (kept, at) => parcels.piece(kept, at)
  const old = parcels.pack('x'.repeat(600_000))
  t.mock.timers.tick(60_000)
  await rejects(unpack(old, fetch), /forgotten/)
  const many = Array.from({ length: 65 }, () => parcels.pack('x'.repeat(600_000)))
  await rejects(unpack(many[0]!, fetch), /forgotten/)
  equal(await unpack(many[64]!, fetch), 'x'.repeat(600_000))
})
