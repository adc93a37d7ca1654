export function removeFolder(path: string): void;
