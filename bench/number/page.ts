/**
 * A page as a browser holds it open: one WebSocket that proves itself and listens. Many of them are
 * in one process, so they call from several loop-back addresses: one has too few ports.
 */
import { WebSocket } from 'ws'
import { type Signer, signature } from '../load/requests.ts'

export type Heard = {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

export type PageOptions = {
  /** Of the engine. */
  readonly port: number
  /** Says who it is: a machine by its key, a person by a token. */
  readonly proof: Signer | { readonly token: string }
  /** Behind a proxy of ours, as everybody is. */
  readonly from: string
  readonly onEvent: (event: Heard) => void
  readonly onGone: (why: string) => void
}

const loopbacks = 8
let opened = 0

export class Page {
  readonly #socket: WebSocket

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  /** Until the engine says that it is ready. */
  static open({ port, proof, from, onEvent, onGone }: PageOptions): Promise<Page> {
    const localAddress = `127.0.0.${2 + (opened++ % loopbacks)}`
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, {
      ...{ localAddress, perMessageDeflate: false, headers: { 'X-Forwarded-For': from } },
    })
    socket.on('open', () => socket.send(JSON.stringify({ type: 'auth', ...wordsOf(proof) })))
    return new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('close', (code, reason) => {
        const why = `${code} ${String(reason)}`
        reject(new Error(`bench: a page was let go: ${why}`))
        onGone(why)
      })
      socket.on('message', (bytes: Buffer) => {
        const told = JSON.parse(bytes.toString('utf8')) as Heard & { readonly type: string }
        if (told.type === 'event') onEvent(told)
        else if (told.type === 'ready') resolve(new Page(socket))
      })
    })
  }

  close(): void {
    this.#socket.removeAllListeners('close').terminate()
  }
}

function wordsOf(proof: PageOptions['proof']): object {
  if ('token' in proof) return proof
  const atSeconds = Math.floor(Date.now() / 1_000)
  const headers = signature({ method: 'GET', path: '/ws', body: '', signer: proof, atSeconds })
  return {
    key: proof.key,
    timestamp: headers['X-Timestamp'],
    signature: headers['X-Signature'],
  }
}
