/**
 * What a Node process really keeps: its heap behind a full collection, asked over the inspector,
 * which any Node opens on SIGUSR1. Its port has to be known: NODE_OPTIONS=--inspect-port=n.
 */
import { setTimeout as pause } from 'node:timers/promises'

const openMsMax = 10_000
const askMs = 100

/** MB of its main thread. */
export async function liveHeapMb(pid: number, port: number): Promise<number> {
  process.kill(pid, 'SIGUSR1')
  const socket = new WebSocket(await debuggerUrl(port))
  const failed = new Promise<never>((_, reject) => {
    socket.onerror = () => reject(new Error(`bench: no inspector at ${port}`))
  })
  await Promise.race([failed, new Promise(resolve => (socket.onopen = resolve))])
  const answers = new Map<number, (result: { readonly usedSize?: number }) => void>()
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data))
    answers.get(id)?.(result)
  }
  const ask = (id: number, method: string) =>
    new Promise<{ readonly usedSize?: number }>(resolve => {
      answers.set(id, resolve)
      socket.send(JSON.stringify({ id, method }))
    })
  await ask(1, 'HeapProfiler.collectGarbage')
  const { usedSize = 0 } = await ask(2, 'Runtime.getHeapUsage')
  socket.close()
  return usedSize / 1e6
}

async function debuggerUrl(port: number): Promise<string> {
  const until = Date.now() + openMsMax
  for (;;) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`)
      const targets = (await answer.json()) as readonly { webSocketDebuggerUrl: string }[]
      return targets[0]!.webSocketDebuggerUrl
    } catch (cause) {
      if (Date.now() > until) throw cause
      await pause(askMs)
    }
  }
}
