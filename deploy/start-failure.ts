/**
 * Why the program cannot start, said so that the reader knows what to do: each problem is one
 * sentence. The command line prints them without a stack and leaves with the exit code.
 */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
  readonly exitCode = 2
  readonly problems: readonly string[]

  constructor(problems: string | readonly string[], options?: { cause?: unknown }) {
    const list = typeof problems === 'string' ? [problems] : problems
    super(list.join('\n'), options)
    this.problems = list
  }
}
