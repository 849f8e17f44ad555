/**
 * What is too long for one message of NATS stays with who said it, and is fetched in pieces.
 *
 * PCL1. What was packed is unpacked the same, however long.
 * PCL2. What nobody fetches is forgotten after a minute, and of many the oldest earlier.
 */

import { randomUUID } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import { forgetOldest } from '../wire/latest.ts'

/** `kept`: under which name its pieces are to be had of its sender. */
export type Parcel =
  | { readonly bytes: Uint8Array }
  | { readonly kept: string; readonly length: number }

export type Fetch = (kept: string, at: number) => Promise<Uint8Array | null>

/** A NATS of the usual kind takes messages of a mebibyte. */
const pieceBytes = 512 * 1024
const keptMax = 64
const keptMs = 60_000

export class Parcels {
  readonly #kept = new Map<string, Buffer>()

  pack(value: unknown): Parcel {
    const bytes = serialize(value)
    if (bytes.length <= pieceBytes) return { bytes }
    const kept = randomUUID()
    this.#kept.set(kept, bytes)
    forgetOldest(this.#kept, keptMax)
    setTimeout(() => this.#kept.delete(kept), keptMs).unref()
    return { kept, length: bytes.length }
  }

  /** Null: it is not kept any more. */
  piece(kept: string, at: number): Uint8Array | null {
    const bytes = this.#kept.get(kept)
    if (bytes === undefined) return null
    if (at + pieceBytes >= bytes.length) this.#kept.delete(kept)
    return bytes.subarray(at, at + pieceBytes)
  }
}

/** Rejects when its sender has forgotten it. */
export async function unpack(parcel: Parcel, fetch: Fetch): Promise<unknown> {
  if ('bytes' in parcel) return deserialize(parcel.bytes)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < parcel.length; at += pieceBytes) {
    const piece = await fetch(parcel.kept, at)
    if (piece === null) throw new Error('a part of it was forgotten')
    pieces.push(piece)
  }
  return deserialize(Buffer.concat(pieces))
}
