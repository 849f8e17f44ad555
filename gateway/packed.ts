/**
 * A long answer goes packed to who takes that: packed for each asker anew, in a thread of zlib's,
 * because it says something else every minute and few ask for the same.
 *
 * GPK1. A packed answer says the same to the byte; a short one, and one for who does not take gzip,
 *       goes as it is.
 */

import { gzip } from 'node:zlib'
import { json, okHead, okTail, type Visit } from './answer.ts'
import { takesGzip } from './printed.ts'

const packedLengthMin = 4_096
const headers = { 'Cache-Control': 'no-store', Vary: 'Accept-Encoding' } as const

/** Like `visit.ok`; `accept` is the asker's Accept-Encoding. */
export function okPacked(visit: Visit, message: string, data: string, accept: string): void {
  const isLong = data.length >= packedLengthMin
  if (!isLong || visit.print !== null || !takesGzip(accept)) {
    visit.ok(message, data)
    return
  }
  gzip(`${okHead(message)}${data}${okTail(visit.id)}`, (error, packed) => {
    if (error !== null) visit.ok(message, data)
    else visit.send(200, json, packed, { ...headers, 'Content-Encoding': 'gzip' })
  })
}
