/** The only file that imports the IAM client. The build puts it in a separate bundle, which few sessions load. */
import { CreateAccessKeyCommand, DeleteAccessKeyCommand, IAMClient, ListAccessKeysCommand } from "@aws-sdk/client-iam";
import { type ClientOptions, clientSettings } from "../assume-role/sts/client-settings.ts";

/** The calls with which users manage their own access keys. Without a user name, they apply to the user whose key signs the call. */
export interface Iam {
  createAccessKey(): Promise<{ readonly id: string | undefined; readonly secret: string | undefined }>;
  deleteAccessKey(accessKeyId: string): Promise<void>;
  listAccessKeys(): Promise<readonly { readonly id: string; readonly created: Date }[]>;
}

export function createIam(options: ClientOptions): Iam {
  const client = new IAMClient({
    ...clientSettings(options),
    systemClockOffset: options.now() - Date.now(),
  });
  const abort = { abortSignal: options.signal };
  return {
    async createAccessKey() {
      const { AccessKey } = await client.send(new CreateAccessKeyCommand({}), abort);
      return { id: AccessKey?.AccessKeyId, secret: AccessKey?.SecretAccessKey };
    },
    async deleteAccessKey(accessKeyId) {
      await client.send(new DeleteAccessKeyCommand({ AccessKeyId: accessKeyId }), abort);
    },
    async listAccessKeys() {
      const { AccessKeyMetadata = [] } = await client.send(new ListAccessKeysCommand({}), abort);
      return AccessKeyMetadata.flatMap(({ AccessKeyId, CreateDate }) =>
        AccessKeyId && CreateDate ? [{ id: AccessKeyId, created: CreateDate }] : [],
      );
    },
  };
}
