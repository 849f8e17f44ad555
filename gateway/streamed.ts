/**
 * A long file as an answer, a part at a time: the next part is asked for when the one before has
 * left, so a slow reader costs one part of memory.
 *
 * DKK1. What is sent is the file to the byte, however slow the reader is.
 * DKK2. A reader who goes away ends it; a part that does not come breaks the connection, for then
 *       nobody may take what he has for the whole.
 */

import type { Visit } from './answer.ts'

type Streamed = {
  readonly total: number
  readonly headers: Readonly<Record<string, string>>
  /** The part that begins there; empty at the end. */
  readonly part: (offset: number) => Promise<Uint8Array>
}

export function sendStreamed(visit: Visit, { total, headers, part }: Streamed): void {
  if (visit.over) return
  const { res } = visit
  res.cork(() => {
    res.writeStatus('200 OK')
    for (const name in headers) res.writeHeader(name, headers[name]!)
    res.writeHeader('X-Request-Id', visit.id)
    if (total === 0) res.endWithoutBody(0)
  })
  if (total === 0) {
    visit.over = true
    visit.ended(200)
    return
  }

  const next = (offset: number): void => {
    part(offset).then(
      chunk => {
        if (visit.over) return
        if (chunk.length === 0) return broken()
        send(chunk, offset)
      },
      () => broken(),
    )
  }
  const broken = (): void => {
    if (visit.over) return
    visit.over = true
    visit.ended(null)
    res.close()
  }
  const done = (): void => {
    visit.over = true
    visit.ended(200)
  }
  /** What did not fit, and where it begins. */
  let left: { readonly chunk: Uint8Array; readonly offset: number } | null = null
  const send = (chunk: Uint8Array, offset: number): void => {
    let [isTaken, isDone] = [false, false]
    res.cork(() => {
      ;[isTaken, isDone] = res.tryEnd(chunk, total)
    })
    left = isTaken || isDone ? null : { chunk, offset }
    if (isDone) done()
    else if (isTaken) next(offset + chunk.length)
  }
  // Also called when nothing is left over.
  res.onWritable(reached => {
    if (left === null || visit.over) return true
    const { chunk, offset } = left
    const [isTaken, isDone] = res.tryEnd(chunk.subarray(reached - offset), total)
    if (isTaken || isDone) left = null
    if (isDone) done()
    else if (isTaken) next(offset + chunk.length)
    return isTaken
  })
  next(0)
}
