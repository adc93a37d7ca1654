/** Why a command line cannot be split, as the end of a sentence. Never quotes the line, which may contain a secret. */
export class UnbalancedCommandLine extends Error {}

/**
 * Splits a command line into words by botocore's rules for `credential_process`. Only quotes, backslashes and white space are special:
 * variables, substitutions, pipes, redirections, wildcards and comments are ordinary text.
 * @throws {@link UnbalancedCommandLine}
 */
export function splitCommandLine(line: string, platform: NodeJS.Platform): string[] {
  return platform === "win32" ? splitWindows(line) : splitPosix(line);
}

/** Splits like Python's `shlex.split`, which applies only the quoting rules of a POSIX shell. */
function splitPosix(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (quote && character === quote) quote = "";
    else if (character === "\\" && quote !== "'") {
      const escaped = line.charAt(++at);
      if (!escaped) throw new UnbalancedCommandLine("ends in a backslash");
      // Between double quotes a backslash is an ordinary character, unless it precedes a double quote or another backslash.
      word = (word ?? "") + (quote && escaped !== '"' && escaped !== "\\" ? character + escaped : escaped);
    } else if (quote) word += character;
    else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (" \t\r\n".includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote) throw new UnbalancedCommandLine("has a quote without its other half");
  if (word !== undefined) words.push(word);
  return words;
}

/**
 * Splits like Microsoft's C runtime: only double quotes quote. Backslashes are ordinary characters unless they precede a double quote.
 * There, two backslashes produce one, and an odd one escapes the quote.
 */
function splitWindows(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (const [token] of line.matchAll(/\\*"|\\+|[ \t]+|[^\\" \t]+/g)) {
    if (token.endsWith('"')) {
      const backslashes = token.length - 1;
      word = (word ?? "") + "\\".repeat(backslashes >> 1);
      if (backslashes % 2) word += '"';
      else quoted = !quoted;
    } else if (!quoted && /^[ \t]/.test(token)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + token;
  }
  if (quoted) throw new UnbalancedCommandLine("has a quote without its other half");
  if (word !== undefined) words.push(word);
  return words;
}
