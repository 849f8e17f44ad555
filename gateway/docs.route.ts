/**
 * The API's own description: `/api/v1/openapi.json` for programs, `/docs` for people. Both are made
 * of the same rows and of the doors that this gateway has, once, when one is first asked for.
 */

import { Piscina } from 'piscina'
import type { DocsTask, Documents } from './docs.worker.ts'
import type { Edge } from './edge.ts'
import { choose, headersOf, type Page } from './pages.ts'
import type { Router } from './router.ts'

const made = {
  '/api/v1/openapi.json': ['application/json; charset=utf-8', 'json'],
  '/docs': ['text/html; charset=utf-8', 'html'],
} as const satisfies Record<string, readonly [string, keyof Documents]>

export function documents(edge: Edge, router: Router, task: DocsTask): void {
  let making: Promise<readonly Page[]> | null = null
  const pages = () => {
    making ??= make(task).catch(cause => {
      making = null
      throw cause
    })
    return making
  }
  for (const path of Object.keys(made)) {
    router.open('get', path, (visit, { headers }) => {
      pages().then(
        all => {
          const page = all.find(one => one.path === path)!
          const { status, body } = choose(page, headers['if-none-match'] ?? '')
          visit.send(status, page.type, body, page.headers)
        },
        cause => {
          edge.onFault(cause, visit.id)
          visit.refuse('INTERNAL_ERROR')
        },
      )
    })
  }
}

async function make(task: DocsTask): Promise<readonly Page[]> {
  const worker = new Piscina<DocsTask, Documents>({
    filename: new URL('./docs.worker.ts', import.meta.url).href,
    recordTiming: false,
    maxThreads: 1,
  })
  try {
    const texts = await worker.run(task)
    return Object.entries(made).map(([path, [type, text]]) => {
      const bytes = Buffer.from(texts[text])
      return { path, type, bytes, headers: headersOf(bytes, task.publicUrl) }
    })
  } finally {
    await worker.destroy()
  }
}
