/**
 * The power goes out with many orders open: how long until orders are taken again, and how long
 * until every open one is looked after again?
 *
 * BK1. Served means: a signed order was answered 200 by the new process, so it is durable again.
 * BK2. Resumed means: as many orders are open as before, and none is without an owner (a timer, an
 *      effect in flight, a person), by the process's own metrics.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Started } from './ground/processes.ts'
import { gauge } from './ground/sides.ts'
import type { Target } from './load/load.ts'
import { bodyOf, type Plan, type Signer, signature } from './load/requests.ts'

export type Recovery = {
  readonly servedMs: number
  readonly resumedMs: number
  readonly readyMs: number
  readonly openBefore: number
  readonly openAfter: number
}

const recoveryMsMax = 120_000
const path = '/api/v1/transactions'

export async function measureRecovery(
  { target, plan, signer }: { target: Target; plan: Plan; signer: Signer },
  { running, restart }: { running: Started; restart: () => Promise<Started> },
): Promise<Recovery> {
  const http = `http://${target.host}:${target.port}`
  const openBefore = (await metric(http, 'laju_orders_open')) ?? 0
  await running.kill()

  const began = performance.now()
  const restarting = restart()
  let failed: unknown = null
  restarting.catch(cause => {
    failed = cause
  })

  const wait = async (holds: () => Promise<boolean>): Promise<number> => {
    for (;;) {
      if (await holds().catch(() => false)) return Math.round(performance.now() - began)
      if (failed !== null) throw failed
      if (performance.now() - began > recoveryMsMax) throw new Error('bench: it did not recover')
      await pause(15)
    }
  }
  const servedMs = await wait(() => place(http, plan, signer))
  const resumedMs = await wait(async () => {
    const metrics = await textOf(`${http}/metrics`)
    const open = gauge(metrics, 'laju_orders_open') ?? 0
    return open >= openBefore && (gauge(metrics, 'laju_ownerless') ?? 0) === 0
  })
  const openAfter = (await metric(http, 'laju_orders_open')) ?? 0
  const readyMs = Math.round((await restarting).readyMs)
  return { servedMs, resumedMs, readyMs, openBefore, openAfter }
}

/** The same order each time: a repeat is answered like the first. */
async function place(http: string, plan: Plan, signer: Signer): Promise<boolean> {
  const body = bodyOf(plan, 0)
  const atSeconds = Math.floor(Date.now() / 1000)
  const response = await fetch(http + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...signature({ method: 'POST', path, body, signer, atSeconds }),
    },
    body,
  })
  await response.arrayBuffer()
  return response.status === 200
}

async function metric(http: string, name: string): Promise<number | null> {
  return gauge(await textOf(`${http}/metrics`), name)
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url)
  return await response.text()
}
