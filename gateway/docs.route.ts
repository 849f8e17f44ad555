/**
 * The API's own description: `/api/v1/openapi.json` for programs, `/docs` for people. Both are made
 * once, at the start, out of the same rows.
 */

import { docsPage } from './docs-page.ts'
import type { Edge } from './edge.ts'
import { documentOf } from './openapi.ts'
import { operations } from './operations.ts'
import { choose, headersOf, type Page } from './pages.ts'
import type { Router } from './router.ts'

const version = '1'

export function documents(publicUrl: string) {
  return (router: Router, _: Edge): void => {
    const document = documentOf(operations, { url: publicUrl, version })
    const pages = [
      made('/api/v1/openapi.json', 'application/json; charset=utf-8', JSON.stringify(document)),
      made('/docs', 'text/html; charset=utf-8', docsPage(operations, document)),
    ]
    for (const page of pages) {
      router.open('get', page.path, (visit, { headers }) => {
        const { status, body } = choose(page, headers['if-none-match'] ?? '')
        visit.send(status, page.type, body, page.headers)
      })
    }
  }

  function made(path: string, type: string, text: string): Page {
    const bytes = Buffer.from(text)
    return { path, type, bytes, headers: headersOf(bytes, publicUrl) }
  }
}
