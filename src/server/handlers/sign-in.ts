import type { Core } from "../core.ts";
import type { HandlersOf } from "./handler.ts";

export function signInHandlers({ signIns }: Core): HandlersOf<"sign-in"> {
  return {
    "sign-in/wait": ({ signInId, authorizationCode }, context) => signIns.wait(signInId, context, authorizationCode),
    "sign-in/abandon"({ signInId }) {
      signIns.abandon(signInId);
      return {};
    },
  };
}
