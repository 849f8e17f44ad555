/**
 * The node: how this process takes part in the mesh. No domain word in it. One process hosts every
 * service, so calls between them are local and nothing is serialised.
 */

import { hostname } from 'node:os'
import { type BrokerOptions, Loggers } from 'moleculer'

export type NodeOptions = { readonly logLevel: string; readonly transporter?: string }

export function nodeConfig({ logLevel, transporter }: NodeOptions): BrokerOptions {
  return {
    namespace: 'laju',
    nodeID: `${hostname()}-${process.pid}`,
    ...(transporter === undefined ? {} : { transporter }),
    logger: new ErrorStream({ level: meshLevel(logLevel) as Level }),
    // Edges validate with zod and measure for themselves; the mesh only carries.
    validator: false,
    internalServices: false,
    // Each of the built-in ones would wrap every call in promises of its own, to do nothing here.
    internalMiddlewares: false,
    // Stopping is the program's affair: the node must not leave before the engine has.
    skipProcessEventRegistration: true,
    metrics: false,
    tracing: false,
    contextParamsCloning: false,
    // Who waits for a service looks as often whether it is there.
    dependencyInterval: 20,
    maxCallLevel: 0,
    requestTimeout: 0,
  } as BrokerOptions
}

/** The mesh tells at `info` what we know: every service that it registers. */
const meshLevel = (level: string): string => (level === 'info' ? 'warn' : level)

const loudness = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const
type Level = (typeof loudness)[number]

/** One line of JSON per event on stderr: stdout belongs to the ready line. */
class ErrorStream extends Loggers.Base<{ level?: Level }> {
  override getLogHandler(bindings: { readonly mod?: string }) {
    const loudest = loudness.indexOf(this.opts.level ?? 'warn')
    return (level: Level, args: unknown[]) => {
      if (loudness.indexOf(level) > loudest) return
      const [what, ...more] = args
      const time = new Date().toISOString()
      const line = { time, level, what, mod: bindings.mod, request_id: requestIn(more), more }
      process.stderr.write(`${JSON.stringify(line, spelt)}\n`)
    }
  }
}

/** The request that a call of the mesh belongs to, by the name it has in every other line. */
const requestIn = (more: readonly unknown[]): unknown =>
  more.map(one => (one as { requestID?: unknown } | null)?.requestID).find(id => id != null)

/** An error's own fields are hidden from JSON. */
const spelt = (_: string, value: unknown): unknown =>
  value instanceof Error ? (value.stack ?? String(value)) : value
