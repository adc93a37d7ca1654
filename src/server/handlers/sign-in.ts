import type { Core } from "../core.ts";
import type { HandlersOf } from "./handler.ts";

export function signInHandlers({ signIns }: Core): HandlersOf<"sign-in"> {
  return {
    "sign-in/wait": ({ signInId }, context) => signIns.wait(signInId, context),
    "sign-in/abandon"({ signInId }) {
      signIns.abandon(signInId);
      return {};
    },
  };
}
