/**
 * One order is one trace, though its answer leaves long before its end: who is traced is remembered
 * here, and what the journal, the effects and the edges tell of it becomes spans.
 *
 *   request ─▶ POST /api/v1/transactions
 *                ├─▶ order.place ─┬─▶ journal.flush            (the batch, once it is durable)
 *                │                └─▶ supplier.purchase        (the effect, until its report)
 *                │                      └─▶ order.report ─▶ journal.flush
 *                └─▶ webhook.deliver
 *
 * The engine knows nothing of it: a turn is read off its durable line, which names the effect that
 * it answers. Whoever is not traced costs a look into a map.
 *
 * TRC1. What is not traced makes no span, and is remembered nowhere.
 * TRC2. All of one order has one trace. A repeat of its request is linked to it. A payment moves
 *       once, into the trace of the callback that pays it.
 * TRC3. What is remembered is bounded: the oldest is forgotten, and what comes of it is not traced.
 * TRC4. Of what was born before this process began the rest is traced as often as anything, as a
 *       trace of its own that names it.
 * TRC5. Spans say id, kind, shard, product, supplier and outcome; of what people wrote, of numbers,
 *       keys, serial numbers and addresses they say nothing.
 */

import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
} from '@opentelemetry/semantic-conventions'
import type { Performer } from '../../engine/engine.ts'
import type { Batch } from '../../engine/host.ts'
import { type ActorId, type Key, keyOf, type Millis, makeId } from '../../engine/ids.ts'
import type { Errand } from '../../engine/outbox.ts'
import type { EffectId, JournalRecord } from '../../engine/record.ts'
import type { Envelope, Outcome } from '../../engine/shard.ts'
import type { BeginTrace } from '../contract/trace.ts'
import { keepLatest } from '../wire/latest.ts'
import type { Draw } from './draw.ts'

type TracesOptions = {
  readonly tracer: Tracer
  readonly draw: Draw
  /** Unix milliseconds, with fractions. */
  readonly now?: () => Millis
  readonly storiesMax?: number
}

/** One actor that is traced. */
type Story = {
  readonly shard: number
  readonly key: Key
  readonly kind: string
  readonly since: Millis
  /** Known once its first line is durable. */
  id: ActorId | null
  /** Under which everything is that has no nearer cause. */
  context: Context
  /** Not told yet what it is about. */
  request: Span | null
  hasMoved: boolean
  turn: { readonly seq: string; readonly context: Context } | null
  readonly effects: Map<EffectId, Context>
  published: { readonly at: Millis; readonly context: Context } | null
}

type Entered = Pick<Envelope, 'shard' | 'key' | 'kind'> & {
  /** It moves into the trace of this request, if it has not moved before. */
  readonly moves?: boolean
}

const storiesUsual = 10_000
const requestsMax = 10_000
const effectsMax = 8
const bornFirst = '0'.repeat(16)
/** Kinds whose stories are told: others have effects of the same names. */
const continued: ReadonlySet<string> = new Set(['order', 'payment'])

type Flush = { readonly at: Millis; readonly began: Millis; readonly lines: number }
type Refusal = Extract<Outcome['reply'], { readonly refused: string }>
type Decided = {
  readonly parent: Context | undefined
  readonly attributes: Attributes
  readonly at: Millis
  readonly flush: Flush
}
type WebhookEnd = (status: number | null, problem: string | null) => void

export class Traces {
  readonly stats = { begun: 0 }
  readonly #tracer: Tracer
  readonly #draw: Draw
  readonly #now: () => Millis
  /** Ids of before are smaller. */
  readonly #firstId: ActorId
  readonly #requests = new Map<string, Span>()
  readonly #stories = new Map<Key, Story>()
  readonly #byId = new Map<ActorId, Story>()
  readonly #storiesMax: number

  constructor({ tracer, draw, now = preciseNow(), storiesMax = storiesUsual }: TracesOptions) {
    this.#tracer = tracer
    this.#draw = draw
    this.#now = now
    this.#storiesMax = storiesMax
    this.#firstId = makeId(Math.floor(now()), 0, bornFirst)
  }

  get parentsRefused(): number {
    return this.#draw.refused
  }

  get remembered(): number {
    return this.#stories.size
  }

  // -- requests ------------------------------------------------------------------------------

  readonly begin: BeginTrace = (requestId, method, route, traceparent) => {
    const parent = this.#draw.of(traceparent)
    if (parent === null || this.#requests.size >= requestsMax) return null
    const attributes = { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_HTTP_ROUTE]: route }
    const span = this.#start(`${method} ${route}`, parent, { kind: SpanKind.SERVER, attributes })
    this.stats.begun++
    this.#requests.set(requestId, span)
    return {
      end: status => {
        this.#requests.delete(requestId)
        if (status !== null) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
        if (status === null || status >= 500) {
          span.setAttribute(ATTR_ERROR_TYPE, status === null ? 'aborted' : String(status))
          span.setStatus({ code: SpanStatusCode.ERROR })
        }
        span.end(this.#now())
      },
    }
  }

  /**
   * Before an actor is asked on behalf of a request. Null: of nobody's, such as what came by chat
   * or in a list; then it is drawn for here.
   */
  enter(requestId: string | null, entered: Entered): void {
    const { key, moves = false } = entered
    if (requestId === null) {
      if (!this.#draw.own() || this.#stories.get(key) !== undefined) return
      this.stats.begun++
      this.#remember(entered, { context: ROOT_CONTEXT, request: null, hasMoved: moves })
      return
    }
    const request = this.#requests.get(requestId)
    if (request === undefined) return
    const known = this.#stories.get(key)
    if (known === undefined) {
      this.#remember(entered, { context: under(request), request, hasMoved: moves })
      return
    }
    const before = trace.getSpanContext(known.context)
    if (before?.spanId === request.spanContext().spanId) return
    if (before !== undefined) request.addLink({ context: before })
    request.setAttributes(aboutOf(known))
    if (!moves || known.hasMoved) return
    Object.assign(known, { hasMoved: true, context: under(request), request, turn: null })
  }

  // -- the journal ---------------------------------------------------------------------------

  /** What became durable just now, in a write that took so long. */
  durable({ piled, lines }: Batch, flushMs: Millis): void {
    let flush: Flush | null = null
    for (const { asked, outcome } of piled) {
      const { envelope } = asked
      const { record } = outcome
      const known = this.#stories.get(envelope.key)
      const story = known ?? (record === null ? null : this.#left(record, envelope.shard, false))
      if (story === null || story.shard !== envelope.shard) continue
      flush ??= this.#flushed(flushMs, lines.length)
      if (record !== null) this.#turn(story, outcome, record, flush)
      else if ('refused' in outcome.reply) this.#refused(story, envelope, outcome.reply, flush)
    }
  }

  #flushed(ms: Millis, lines: number): Flush {
    const at = this.#now()
    return { at, began: at - ms, lines }
  }

  #turn(story: Story, { line }: Outcome, record: JournalRecord, flush: Flush): void {
    const { kind, id, cause } = record
    const effect = cause === undefined ? undefined : story.effects.get(cause)
    const attributes = toldBy(record, story.shard)
    const name = `${kind}.${record.command || 'expire'}`
    const context = this.#decided(story, name, { parent: effect, attributes, at: record.at, flush })
    story.turn = { seq: String(line!.seq), context }
    if (story.id === null) {
      story.id = id
      keepLatest(this.#byId, id, story, this.#storiesMax)
    }
    story.request?.setAttributes(aboutOf(story))
    story.request = null
    if (kind === 'payment') this.#proved(story, record, flush.at)
  }

  #refused(story: Story, envelope: Envelope, reply: Refusal, flush: Flush): void {
    const { kind, shard } = envelope
    const attributes = { 'laju.kind': kind, 'laju.shard': shard, 'laju.outcome': reply.refused }
    const name = `${kind}.${envelope.command?.type ?? 'read'}`
    this.#decided(story, name, { parent: undefined, attributes, at: flush.began, flush })
    // Nobody is there: there is nothing that could go on.
    if ((reply.state as { phase?: unknown }).phase === 'absent') this.#forget(story)
  }

  /** The turn, until it was durable, and of that the write. */
  #decided(story: Story, name: string, { parent, attributes, at, flush }: Decided): Context {
    const startTime = Math.min(Math.max(at, story.since), flush.began)
    const span = this.#start(name, parent ?? story.context, { attributes, startTime })
    const context = under(span)
    if (story.context === ROOT_CONTEXT) story.context = context
    const write = { startTime: flush.began, attributes: { 'laju.lines': flush.lines } }
    this.#start('journal.flush', context, write).end(flush.at)
    span.end(flush.at)
    return context
  }

  /** The box's word on a message: from when it was published. */
  #proved(story: Story, { events }: JournalRecord, at: Millis): void {
    for (const event of events) {
      if (event.type !== 'proved') continue
      const { outcome } = event as unknown as { readonly outcome: string }
      const { published } = story
      const startTime = published?.at ?? at
      const attributes = { ...aboutOf(story), 'laju.outcome': outcome }
      const options = { kind: SpanKind.CONSUMER, attributes, startTime }
      this.#start(`soundbox.${outcome}`, published?.context ?? story.context, options).end(at)
    }
  }

  // -- effects -------------------------------------------------------------------------------

  /** Carries an effect out, and tells how long it took if its actor is traced. */
  perform(errand: Errand, performer: Performer): ReturnType<Performer> {
    const { from: id, kind, shard, resumed } = errand
    const story = this.#byId.get(id) ?? this.#left({ id, kind }, shard, resumed)
    return story === null ? performer(errand) : this.#performed(story, errand, performer)
  }

  async #performed(story: Story, errand: Errand, performer: Performer): ReturnType<Performer> {
    const { id, effect, kind, resumed } = errand
    const { n, supplier } = effect as { readonly n?: unknown; readonly supplier?: unknown }
    const isCall = typeof supplier === 'string'
    const attributes = {
      ...aboutOf(story),
      ...(isCall ? { 'laju.supplier': supplier } : {}),
      ...(typeof n === 'number' ? { 'laju.attempt': n } : {}),
      ...(resumed ? { 'laju.resumed': true } : {}),
    }
    const name = `${isCall ? 'supplier' : kind}.${effect.type}`
    const parent = story.turn?.seq === id.split('/')[1] ? story.turn?.context : story.context
    const spanKind = isCall ? SpanKind.CLIENT : SpanKind.INTERNAL
    const span = this.#start(name, parent ?? story.context, { kind: spanKind, attributes })
    const context = under(span)
    if (story.context === ROOT_CONTEXT) story.context = context
    if (story.effects.size >= effectsMax) story.effects.delete(first(story.effects)!)
    story.effects.set(id, context)
    try {
      const answer = await performer(errand)
      span.setAttributes(reportedIn(answer))
      return answer
    } catch (cause) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw cause
    } finally {
      span.end(this.#now())
    }
  }

  /** Of before this process, or of the one that had the journal then. */
  #left(
    { id, kind }: Pick<JournalRecord, 'id' | 'kind'>,
    shard: number,
    resumed: boolean,
  ): Story | null {
    if (!resumed && id >= this.#firstId) return null
    if (!continued.has(kind) || !this.#draw.own()) return null
    const begun = { context: ROOT_CONTEXT, request: null, hasMoved: false }
    const story = this.#remember({ shard, key: keyOf(id), kind }, begun)
    story.id = id
    keepLatest(this.#byId, id, story, this.#storiesMax)
    this.stats.begun++
    return story
  }

  // -- the world outside ---------------------------------------------------------------------

  /** What is to be said of this payment left for its box. */
  published(payment: ActorId): void {
    const story = this.#byId.get(payment)
    if (story === undefined) return
    const parent = [...story.effects.values()].at(-1) ?? story.context
    const at = this.#now()
    const options = { kind: SpanKind.PRODUCER, attributes: aboutOf(story), startTime: at }
    const span = this.#start('soundbox.publish', parent, options)
    story.published ??= { at, context: under(span) }
    span.end(this.#now())
  }

  /** A call to a client's server about this order: it is told how that ended. */
  webhook(order: ActorId | null, event: string, attempt: number): WebhookEnd | null {
    const story = order === null ? undefined : this.#byId.get(order)
    if (story === undefined) return null
    const attributes = {
      ...aboutOf(story),
      ...{ 'laju.event': event, 'laju.attempt': attempt, [ATTR_HTTP_REQUEST_METHOD]: 'POST' },
    }
    const options = { kind: SpanKind.CLIENT, attributes }
    const span = this.#start('webhook.deliver', story.context, options)
    return (status, problem) => {
      if (status !== null) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
      span.setAttribute('laju.outcome', problem ?? 'delivered')
      if (problem !== null) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end(this.#now())
    }
  }

  // -- small words ---------------------------------------------------------------------------

  #start(name: string, parent: Context, options: Parameters<Tracer['startSpan']>[1]): Span {
    return this.#tracer.startSpan(name, { startTime: this.#now(), ...options }, parent)
  }

  #remember(
    { shard, key, kind }: Pick<Story, 'shard' | 'key' | 'kind'>,
    begun: Pick<Story, 'context' | 'request' | 'hasMoved'>,
  ): Story {
    const fresh = { id: null, turn: null, effects: new Map(), published: null }
    const story: Story = { shard, key, kind, since: this.#now(), ...fresh, ...begun }
    keepLatest(this.#stories, key, story, this.#storiesMax)
    return story
  }

  #forget({ key, id }: Story): void {
    this.#stories.delete(key)
    if (id !== null) this.#byId.delete(id)
  }
}

/** Ids alone: a span would keep all that was ever said of it. */
const under = (span: Span): Context => trace.setSpanContext(ROOT_CONTEXT, span.spanContext())

const first = <K>(map: ReadonlyMap<K, unknown>): K | undefined => map.keys().next().value

function aboutOf({ kind, shard, id }: Story): Attributes {
  const about = { 'laju.kind': kind, 'laju.shard': shard }
  return id === null ? about : { ...about, [`laju.${kind}.id`]: id }
}

/** Only what is named here: an event also holds what nobody else may read. */
function toldBy({ kind, id, events }: JournalRecord, shard: number): Attributes {
  const told: Attributes = { 'laju.kind': kind, 'laju.shard': shard, [`laju.${kind}.id`]: id }
  for (const event of events) {
    const { product, supplier } = event as { readonly product?: unknown; supplier?: unknown }
    if (typeof product === 'string') told['laju.product'] = product
    if (typeof supplier === 'string') told['laju.supplier'] = supplier
    told['laju.outcome'] = event.type
  }
  return { ...told, 'laju.events': events.map(({ type }) => type) }
}

/** What a supplier's answer came to, and how long the call itself took. */
function reportedIn(answer: Envelope | null): Attributes {
  const command = answer?.command as { readonly report?: Record<string, unknown> } | undefined
  const { outcome, ms } = command?.report ?? {}
  return {
    ...(typeof outcome === 'string' ? { 'laju.outcome': outcome } : {}),
    ...(typeof ms === 'number' ? { 'laju.call_ms': ms } : {}),
  }
}

/** The wall clock with fractions, which follows when that is set. */
function preciseNow(): () => Millis {
  let ahead = Date.now() - performance.now()
  return () => {
    const wall = Date.now()
    const precise = performance.now() + ahead
    if (Math.abs(wall - precise) <= 2) return precise
    ahead = wall - performance.now()
    return wall
  }
}
