export function readZip(archive: Buffer): Map<string, Buffer>;
export function writeZip(files: Iterable<[string, Buffer]>, date: Date): Buffer;
