/** What the edges tell of requests that are traced; the spans themselves are made in services. */

export type TracedRequest = {
  /** Once, with the status that was answered; null: the client went away before. */
  end(status: number | null): void
}

/** Null: this request is not traced, and nothing was made for it. */
export type BeginTrace = (
  requestId: string,
  method: string,
  /** With names in the place of ids and secrets, never the path as it came. */
  route: string,
  /** As it came; empty when none did. */
  traceparent: string,
) => TracedRequest | null
