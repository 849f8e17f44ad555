type Candidate = { readonly path: string; readonly version: string }
export function fitsProgram(version: string): boolean
export function chooseNode(candidates: Iterable<Candidate>): Candidate | undefined
export function nodePackage(platform: string, arch: string): string
export function needNode(root: string, say: (sentence: string) => void): string
export function findNpm(env: NodeJS.ProcessEnv): string | undefined
