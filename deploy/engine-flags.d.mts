/** For `node`: types are taken off our files once, not at each start. */
export declare const stripped: string

/** For `node`, before the program's file. */
export declare const engineFlags: readonly string[]

/** Settings of the environment, weaker than those that are there. */
export declare const engineEnv: Readonly<Record<string, string>>
