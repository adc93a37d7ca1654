import { BoundedMap } from "../platform/bounded-map.ts";
import type { FindSystemProxy } from "../protocol/context.ts";
import { formatProxyQuestion, type ProxyAnswer } from "../protocol/envelope.ts";

export interface SystemProxies {
  readonly find: FindSystemProxy;
  /** Takes the caller's answer. */
  take(answer: ProxyAnswer["params"]): void;
}

/** Milliseconds that an answer is used. A laptop that changes its network has another proxy afterwards. */
const lifetime = 60_000;

/** Milliseconds to wait for an answer. The system may download a configuration script first. */
const patience = 15_000;

/** Asks the caller for the proxy of a destination, once for concurrent requests. */
export function createSystemProxies(write: (line: string) => void, now: () => number): SystemProxies {
  const known = new BoundedMap<string, { readonly proxy: Promise<string | undefined>; readonly asked: number }>(32);
  const waiting = new Map<string, (proxy: string | undefined) => void>();

  function ask(destination: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer(undefined), patience);
      const answer = (proxy: string | undefined) => {
        clearTimeout(timer);
        waiting.delete(destination);
        resolve(proxy);
      };
      waiting.set(destination, answer);
      write(formatProxyQuestion(destination));
    });
  }

  return {
    find(destination) {
      const last = known.get(destination);
      if (last && (waiting.has(destination) || Math.abs(now() - last.asked) < lifetime)) return last.proxy;
      const proxy = ask(destination);
      known.set(destination, { proxy, asked: now() });
      return proxy;
    },
    take: ({ destination, proxy }) => waiting.get(destination)?.(proxy),
  };
}
