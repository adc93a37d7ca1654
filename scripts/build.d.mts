export const root: string;
export function build(): Promise<void>;
export function buildCore(): Promise<string[]>;
