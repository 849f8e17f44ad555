/** Where mails go: to the server that the owner named, or in the demo to the sandbox's. */

const answerMsMax = 2_000

/** Null: nobody takes them yet. */
export async function mailServerOf(
  smtpUrl: string | null,
  sandboxUrl: string | null,
): Promise<string | null> {
  if (smtpUrl !== null || sandboxUrl === null) return smtpUrl
  try {
    const signal = AbortSignal.timeout(answerMsMax)
    const answer = await fetch(`${sandboxUrl}/smtp/address`, { signal })
    const { url } = (await answer.json()) as { url?: unknown }
    return answer.ok && typeof url === 'string' ? url : null
  } catch {
    return null
  }
}
