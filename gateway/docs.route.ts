/**
 * The API's own description: `/api/v1/openapi.json` for programs, `/docs` for people. Both are made
 * once, at the start, out of the same rows, and of the doors that this gateway has.
 */

import { docsPage } from './docs-page.ts'
import { describedOf, documentOf } from './openapi.ts'
import { operations } from './operations.ts'
import { choose, headersOf, type Page } from './pages.ts'
import type { Hung, Router } from './router.ts'

const version = '1'

type Known = { readonly publicUrl: string; readonly table: readonly Hung[] }

export function documents(router: Router, { publicUrl, table }: Known): void {
  const described = describedOf(operations, table)
  const document = documentOf(described, { url: publicUrl, version })
  const pages = [
    made('/api/v1/openapi.json', 'application/json; charset=utf-8', JSON.stringify(document)),
    made('/docs', 'text/html; charset=utf-8', docsPage(described, document, publicUrl)),
  ]
  for (const page of pages) {
    router.open('get', page.path, (visit, { headers }) => {
      const { status, body } = choose(page, headers['if-none-match'] ?? '')
      visit.send(status, page.type, body, page.headers)
    })
  }

  function made(path: string, type: string, text: string): Page {
    const bytes = Buffer.from(text)
    return { path, type, bytes, headers: headersOf(bytes, publicUrl) }
  }
}
