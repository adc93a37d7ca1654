/** Why a command line has no words, as the end of a sentence. It never quotes the line, which may hold a secret. */
export class UnbalancedCommandLine extends Error {}

/**
 * The words of a command line, by botocore's rules for `credential_process`. Only quotes, backslashes and white space
 * mean anything: variables, substitutions, pipes, redirections, wildcards and comments are ordinary text.
 * Throws {@link UnbalancedCommandLine}.
 */
export function splitCommandLine(line: string, platform: NodeJS.Platform): string[] {
  return platform === "win32" ? splitWindows(line) : splitPosix(line);
}

/** As Python's `shlex.split`: the quoting of a POSIX shell and nothing else of it. */
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
      // Between double quotes a backslash is an ordinary character, unless it stands before a quote or another one.
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
 * As Microsoft's C runtime takes a command line apart: only double quotes quote, and backslashes are ordinary
 * characters unless they stand before a double quote, where two make one and an odd one escapes the quote.
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
