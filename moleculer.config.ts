/**
 * The nodes of this process, without a domain word. One hosts every service: calls between them are
 * local, and nothing is serialised. The other one, which exists only with NATS_URL, is how several
 * processes of one installation meet; nothing but `services/cluster/` uses it.
 */

import { hostname } from 'node:os'
import { type BrokerOptions, Loggers, type Serializers, type Transporters } from 'moleculer'

export type NodeOptions = { readonly logLevel: string }

export type ClusterNodeOptions = {
  readonly logLevel: string
  /** Nodes of another one are not heard. */
  readonly namespace: string
  readonly nodeId: string
  readonly transporter: Transporters.Base
  readonly serializer: Serializers.Base
}

export function nodeConfig({ logLevel }: NodeOptions): BrokerOptions {
  return {
    namespace: 'laju',
    nodeID: `${hostname()}-${process.pid}`,
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

export function clusterConfig(options: ClusterNodeOptions): BrokerOptions {
  const { logLevel, namespace, nodeId, transporter, serializer } = options
  return {
    ...nodeConfig({ logLevel }),
    ...{ namespace, nodeID: nodeId, transporter, serializer },
    // Those that watch over time are wanted here: nobody waits for ever.
    internalMiddlewares: true,
    requestTimeout: 30_000,
    heartbeatInterval: 2,
    heartbeatTimeout: 8,
  }
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
