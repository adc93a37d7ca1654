import type { CreateFileLike } from "../protocol/context.ts";
import { type FileAnswer, formatFileQuestion } from "../protocol/envelope.ts";

export interface StagedFiles {
  readonly create: CreateFileLike;
  /** Takes the caller's answer. */
  take(answer: FileAnswer["params"]): void;
}

/** Asks the caller to create files. The caller answers each question, so there is no time limit: a network drive may be slow. */
export function createStagedFiles(write: (line: string) => void): StagedFiles {
  const waiting = new Map<string, (code: string | undefined) => void>();
  return {
    create: (path, original) =>
      new Promise((resolve, reject) => {
        waiting.set(path, (code) => {
          if (code === undefined) resolve();
          else reject(Object.assign(new Error("the caller cannot create the file"), { code, syscall: "createFile" }));
        });
        write(formatFileQuestion(path, original));
      }),
    take({ path, error }) {
      waiting.get(path)?.(error);
      waiting.delete(path);
    },
  };
}
