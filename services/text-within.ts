/**
 * The body of an answer that somebody else wrote, read no further than it may be long. What was
 * packed is counted unpacked: a few kilobytes of gzip may stand for gigabytes.
 *
 * TXW1. Of a body that is too long nothing is given, and its connection is let go.
 */

export async function textWithin(answer: Response, bytesMax: number): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop early cancels the body.
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > bytesMax) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
